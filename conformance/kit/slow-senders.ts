/** Connections that send little, or nothing, for as long as they are let. */
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { askToken } from './ask.ts'
import { cBasic } from './fixtures.ts'
import type { MintmarkDomain } from './mintmark-domain.ts'

/** What they came to, and what those who mean well had to bear. */
export interface SlowReport {
  /** Milliseconds until the last of a kind was dropped; null: some were not. */
  readonly droppedMs: Readonly<Record<string, number | null>>
  readonly p99BeforeMs: number
  readonly p99MeanwhileMs: number
  readonly refused: number
  readonly grownMegabytes: number
}

const head = 'POST /oauth2/v1/token HTTP/1.1\r\nhost: x\r\n'
const form = `${head}content-type: application/x-www-form-urlencoded\r\ncontent-length: 900\r\n\r\n`

const atOnce = 10

interface Kind {
  readonly door: 'url' | 'secureUrl'
  readonly first: string
  /** Sent twice a second. */
  readonly more: string
}

const kinds: Readonly<Record<string, Kind>> = {
  silent: { door: 'url', first: '', more: '' },
  header: { door: 'url', first: head, more: 'x-slow: 1\r\n' },
  body: { door: 'url', first: form, more: 'a' },
  handshake: { door: 'secureUrl', first: '\x16\x03\x01', more: '' },
}

const attack = (domain: MintmarkDomain, kind: Kind): Promise<number> => {
  const { hostname, port } = new URL(domain[kind.door])
  const started = performance.now()
  return new Promise((fulfil) => {
    let sending: NodeJS.Timeout | undefined
    const socket: Socket = connect(Number(port), hostname, () => {
      socket.write(kind.first, 'latin1')
      sending = setInterval(() => socket.write(kind.more), 500)
    })
    socket.resume()
    socket.on('error', () => {})
    socket.once('close', () => {
      clearInterval(sending)
      fulfil(performance.now() - started)
    })
    // the server's word is the end, whoever closes first
    socket.once('end', () => socket.destroy())
  })
}

const residentMegabytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

const measure = async (domain: MintmarkDomain, untilMs: number) => {
  const client = await cBasic(domain)
  const times: number[] = []
  let refused = 0
  while (performance.now() < untilMs) {
    const started = performance.now()
    if ((await askToken(domain, client)).status !== 200) refused += 1
    times.push(performance.now() - started)
    await sleep(5)
  }
  times.sort((a, b) => a - b)
  return { p99: times[Math.floor(times.length * 0.99)] ?? Number.NaN, refused }
}

/** Opens so many connections of each kind, as fast as they are taken, and waits for their end. */
export const sendSlowly = async (
  domain: MintmarkDomain,
  connections: number,
  patienceMs: number,
): Promise<SlowReport> => {
  const pid = domain.process().child.pid as number
  await measure(domain, performance.now() + 1000)
  const before = await measure(domain, performance.now() + 2000)
  const restedMegabytes = residentMegabytes(pid)
  const droppedMs: Record<string, number | null> = {}
  const attacks = Object.entries(kinds).map(async ([name, kind]) => {
    const all: Promise<number>[] = []
    while (all.length < connections) {
      all.push(attack(domain, kind))
      // more at once than the system queues would never get through to the server
      if (all.length % atOnce === 0) await sleep(20)
    }
    const last = Promise.all(all).then((times) => Math.max(...times))
    const late = sleep(patienceMs, null, { ref: false })
    droppedMs[name] = await Promise.race([last, late])
  })
  const meanwhile = await measure(domain, performance.now() + 2000)
  const grownMegabytes = residentMegabytes(pid) - restedMegabytes
  await Promise.all(attacks)
  return {
    droppedMs,
    p99BeforeMs: before.p99,
    p99MeanwhileMs: meanwhile.p99,
    refused: before.refused + meanwhile.refused,
    grownMegabytes,
  }
}
