/** Calls of the system that fail once, at the n-th time, while a server is under load. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { askToken } from './ask.ts'
import { check, countOf, issuer, load, makeActors, nothingAcknowledged } from './crash-rounds.ts'
import { freePort } from './free-port.ts'
import { type MintmarkDomain, startMintmark } from './mintmark-domain.ts'

/** Which call fails, with what, and what becomes of the server. */
export interface FailingCall {
  readonly call: 'fdatasync' | 'fsync' | 'pwrite64'
  readonly error: 'EIO' | 'ENOSPC'
  /** `ends`: with an exit code that is not 0; `goes on`: it issues tokens again. */
  readonly outcome: 'ends' | 'goes on'
}

export const failingCalls: readonly FailingCall[] = [
  { call: 'fdatasync', error: 'EIO', outcome: 'ends' },
  { call: 'fsync', error: 'EIO', outcome: 'ends' },
  { call: 'pwrite64', error: 'EIO', outcome: 'ends' },
  { call: 'pwrite64', error: 'ENOSPC', outcome: 'goes on' },
]

/** What so many rounds came to. */
export interface FailingReport {
  readonly rounds: number
  /** Rounds in which the call was never made so often. */
  readonly unused: number
  readonly acknowledged: number
  readonly faults: readonly string[]
  /** From the failure until tokens are issued again, by the same process or the next one. */
  readonly downMs: readonly number[]
}

/** Whether calls can be made to fail here. */
export const canFailCalls = (): boolean =>
  process.platform === 'linux' && spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0

const loadMsMax = 3000
const endMsMax = 6000

interface Injection {
  /** Seconds since the epoch when it failed; null: not yet. */
  at(): number | null
  stop(): Promise<void>
}

const inject = async (domain: MintmarkDomain, wish: FailingCall, n: number): Promise<Injection> => {
  const file = join(domain.dataDirectory, 'mintmark.db')
  const log = join(mkdtempSync(join(tmpdir(), 'mintmark-failing-')), 'trace')
  const how = `inject=${wish.call}:error=${wish.error}:when=${n}`
  const on = ['-P', file, '-P', `${file}-wal`, '-e', `trace=${wish.call}`, '-e', how]
  const pid = String(domain.process().child.pid)
  const strace: ChildProcess = spawn('strace', ['-f', '-ttt', '-o', log, ...on, '-p', pid], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = new Promise<void>((fulfil) => strace.once('close', () => fulfil()))
  await new Promise((fulfil) => strace.stderr?.once('data', fulfil))
  return {
    at: () => {
      const failed = readFileSync(log, 'utf8').match(/^\d+ +(\d+\.\d+) .*\(INJECTED\)/m)
      return failed === null ? null : Number(failed[1])
    },
    stop: async () => {
      strace.kill('SIGINT')
      await ended
      rmSync(join(log, '..'), { recursive: true })
    },
  }
}

/** When tokens were asked for, and whether one was given. */
type Asked = { readonly sentAt: number; readonly issued: boolean }

const ask = async (domain: MintmarkDomain, client: Parameters<typeof askToken>[1]) => {
  const sentAt = Date.now() / 1000
  const status = await askToken(domain, client).then(
    (answer) => answer.status,
    () => 0,
  )
  return { sentAt, issued: status === 200 }
}

const untilFailed = async (injection: Injection): Promise<number | null> => {
  const givenUpMs = Date.now() + loadMsMax
  while (injection.at() === null && Date.now() < givenUpMs) await sleep(20)
  return injection.at()
}

/** Looks at one process after its call has failed. @returns what is wrong; null: nothing */
const lookAfter = async (
  { outcome, call }: FailingCall,
  domain: MintmarkDomain,
  failedAt: number,
  asked: readonly Asked[],
): Promise<string | null> => {
  const { child } = domain.process()
  const end = new Promise((fulfil) => child.once('exit', fulfil))
  if (outcome === 'ends' && child.exitCode === null) await Promise.race([end, sleep(endMsMax)])
  if (outcome === 'goes on') {
    while (!asked.some(({ sentAt, issued }) => issued && sentAt > failedAt)) {
      if (Date.now() / 1000 - failedAt > 3) return 'no token within 3 s'
      await sleep(20)
    }
    return null
  }
  if (child.exitCode === null || child.exitCode === 0) return `it ended with ${child.exitCode}`
  const wrongly = asked.filter(({ sentAt, issued }) => issued && sentAt > failedAt)
  return wrongly.length === 0 ? null : `${wrongly.length} tokens after a failed ${call}`
}

/** Lets the n-th call fail for each of `ns`, and looks at the process and at the next one. */
export const runFailingCalls = async (
  wish: FailingCall,
  ns: readonly number[],
): Promise<FailingReport> => {
  const environment = {
    MINTMARK_ISSUER: issuer,
    MINTMARK_LISTEN: `127.0.0.1:${await freePort()}`,
  }
  let domain = await startMintmark({ environment })
  const done = nothingAcknowledged()
  const faults: string[] = []
  const downMs: number[] = []
  let unused = 0
  try {
    const actors = await makeActors(domain)
    for (const n of ns) {
      const injection = await inject(domain, wish, n)
      const writers = load(domain, actors, done, n)
      const asked: Asked[] = []
      let asking = true
      const probing = (async () => {
        while (asking) asked.push(await ask(domain, actors.plain))
      })()
      const failedAt = await untilFailed(injection)
      if (failedAt === null) unused += 1
      else {
        const fault = await lookAfter(wish, domain, failedAt, asked)
        if (fault !== null) faults.push(`${wish.call} ${wish.error}, ${n}: ${fault}`)
      }
      asking = false
      await injection.stop()
      await Promise.all([writers.stop(), probing])
      domain = await domain.restart({ signal: 'SIGKILL' })
      if ((await ask(domain, actors.plain)).issued && failedAt !== null) {
        const first = asked.find(({ sentAt, issued }) => issued && sentAt > failedAt)
        downMs.push((first?.sentAt ?? Date.now() / 1000) * 1000 - failedAt * 1000)
      }
      const found = await check(domain, actors, done)
      faults.push(...found.map((fault) => `${wish.call} ${wish.error}, ${n}: ${fault}`))
    }
  } finally {
    await domain.stop()
  }
  return { rounds: ns.length, unused, acknowledged: countOf(done), faults, downMs }
}
