/** Gateways that are cut off from their issuer by a network that stops, while a token is ended. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { revoke } from './afterlife.ts'
import { type FollowedApi, makeFollowedApi, tokenFor } from './followed-api.ts'
import { type MintmarkDomain, startMintmark } from './mintmark-domain.ts'
import { type StallingProxy, startStallingProxy } from './stalling-proxy.ts'

/**
 * How the way to the issuer is lost: nothing passes, only what the gateway sends does, or the
 * server dies and another takes its place while the old connections stay open.
 */
export const partitions = ['silent', 'one way', 'half open'] as const
export type Partition = (typeof partitions)[number]

export interface PartitionWish {
  readonly gateways: number
  readonly staleSeconds: number
  readonly partitions: readonly Partition[]
}

/** What one gateway did in one partition; milliseconds. */
export interface PartitionReport {
  readonly partition: Partition
  /** From the cut until a question was sent that let the ended token in, for the last time. */
  readonly lastInMs: number
  /** The most that `/metrics` said it had not heard, while it let the token in. */
  readonly toldMs: number
  /** From the cut until `/readyz` said 503. */
  readonly unreadyMs: number
  /** From when the way was open again until a good token was let in. */
  readonly backMs: number
  /** Times that the ended token was let in after the gateway had refused it once. */
  readonly accepted: number
}

interface RunningGateway {
  readonly url: string
  readonly metrics: string
  stop(): Promise<unknown>
}

const main = fileURLToPath(new URL('../../edge/cli/dist/main.js', import.meta.url))

const listening = (child: ChildProcess): Promise<readonly [url: string, metrics: string]> =>
  new Promise((fulfil, reject) => {
    let said = ''
    child.stderr?.on('data', (bytes) => {
      said += bytes
      const [, url, metrics] = /"listening","url":"([^"]+)","metrics":"([^"]+)"/.exec(said) ?? []
      if (url !== undefined && metrics !== undefined) fulfil([url, metrics])
    })
    child.once('exit', () => reject(new Error(said)))
  })

const startGateway = async (file: string): Promise<RunningGateway> => {
  const child = spawn(process.execPath, [main, 'gateway', '-c', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  process.once('exit', () => child.kill('SIGKILL'))
  const [url, metrics] = await listening(child)
  const stop = async () => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  return { url, metrics, stop }
}

const statusOf = async (url: string, token: string): Promise<number> => {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  await answer.body?.cancel()
  return answer.status
}

const staleMsOf = async ({ metrics }: RunningGateway): Promise<number> => {
  const text = await (await fetch(`${metrics}/metrics`)).text()
  return Number(/^mintmark_gateway_revocations_stale_seconds (\S+)$/m.exec(text)?.[1]) * 1000
}

const until = async (isTrue: () => Promise<boolean>): Promise<void> => {
  const endMs = performance.now() + 20_000
  while (!(await isTrue())) {
    if (performance.now() > endMs) throw new Error('not within 20 s')
    await sleep(5)
  }
}

/** Asks for an ended token again and again, until it is refused for a while. */
const watch = async (gateway: RunningGateway, token: string, limitMs: number) => {
  const startedMs = performance.now()
  let lastInMs = 0
  let toldMs = 0
  let unreadyMs = Number.NaN
  let accepted = 0
  let isRefused = false
  const isWatched = (): boolean => {
    const overMs = performance.now() - startedMs - limitMs
    // whoever stood still for half a second has asked nothing since the limit
    return overMs < 500 || (overMs < 10_000 && (!isRefused || Number.isNaN(unreadyMs)))
  }
  while (isWatched()) {
    const staleMs = await staleMsOf(gateway)
    const askedMs = performance.now()
    const status = await statusOf(`${gateway.url}/`, token)
    if (status === 200) {
      lastInMs = askedMs - startedMs
      toldMs = Math.max(toldMs, staleMs)
      if (isRefused) accepted += 1
    } else isRefused = true
    if (Number.isNaN(unreadyMs)) {
      const lookedMs = performance.now() - startedMs
      if ((await fetch(`${gateway.metrics}/readyz`)).status === 503) {
        unreadyMs = performance.now() - startedMs
      } else if (lookedMs > limitMs + 500) throw new Error(`ready ${lookedMs} ms after the cut`)
    }
    await sleep(5)
  }
  return { lastInMs, toldMs, unreadyMs, accepted }
}

interface Field {
  domain: MintmarkDomain
  readonly proxy: StallingProxy
  readonly api: FollowedApi
  readonly gateways: readonly RunningGateway[]
}

const placeOf = (domain: MintmarkDomain) => ({ port: Number(new URL(domain.url).port) })

const cut = async (field: Field, partition: Partition): Promise<void> => {
  if (partition === 'half open') field.proxy.strand()
  field.proxy.pass(partition === 'one way' ? 'requests' : 'nothing')
}

const tryPartition = async (field: Field, partition: Partition, staleSeconds: number) => {
  const { proxy, api, gateways } = field
  const [ended, live] = [await tokenFor(field.domain, api), await tokenFor(field.domain, api)]
  for (const { url } of gateways) {
    for (const token of [ended, live]) await until(async () => (await statusOf(url, token)) === 200)
  }
  await cut(field, partition)
  // what was on its way is heard yet
  for (let asked = 0; asked < 3; asked += 1) {
    await Promise.all(gateways.map(({ url }) => statusOf(`${url}/`, live)))
  }
  const watched = gateways.map((gateway) => watch(gateway, ended, staleSeconds * 1000))
  if (partition === 'half open') field.domain = await field.domain.restart({ signal: 'SIGKILL' })
  const { status } = await revoke(field.domain, api.caller, ended)
  if (status !== 200) throw new Error(`revocation: ${status}`)
  const seen = await Promise.all(watched)
  proxy.lead(placeOf(field.domain))
  proxy.pass('all')
  const openMs = performance.now()
  return Promise.all(
    gateways.map(async ({ url }, at): Promise<PartitionReport> => {
      const before = seen[at] as Awaited<ReturnType<typeof watch>>
      let accepted = before.accepted
      const isLetIn = async (token: string) => (await statusOf(`${url}/`, token)) === 200
      await until(async () => {
        if (await isLetIn(ended)) accepted += 1
        return isLetIn(live)
      })
      const backMs = performance.now() - openMs
      for (let asked = 0; asked < 10; asked += 1) if (await isLetIn(ended)) accepted += 1
      return { ...before, partition, backMs, accepted }
    }),
  )
}

const gatewayFile = (
  { issuer, upstreamUrl }: { readonly issuer: string; readonly upstreamUrl: string },
  { audience, client }: FollowedApi,
  wish: PartitionWish,
) =>
  `listen: 127.0.0.1:0
metrics: 127.0.0.1:0
upstream: ${upstreamUrl}
issuer: ${issuer}
audience: ${audience}
allowHttp: true
revocations:
  clientId: "${client.clientId}"
  clientSecretFile: secret
  staleAfter: ${wish.staleSeconds}s
routes:
  - { path: /, authenticated: true }
`

/** Starts server, network, gateways and an API; cuts the gateways off in each way in turn. */
export const tryPartitions = async (wish: PartitionWish): Promise<readonly PartitionReport[]> => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-partition-'))
  const upstream = createServer((_request, response) => response.end('{}'))
  await new Promise<void>((fulfil) => upstream.listen(0, '127.0.0.1', fulfil))
  const proxy = await startStallingProxy({ port: 1 })
  const issuer = `http://127.0.0.1:${proxy.port}`
  const environment = { MINTMARK_ISSUER: issuer, MINTMARK_URL: issuer }
  const domain = await startMintmark({ environment })
  const field = { domain, proxy, gateways: [] as RunningGateway[] }
  try {
    proxy.lead(placeOf(domain))
    const api = await makeFollowedApi(domain)
    const { port } = upstream.address() as AddressInfo
    const file = join(directory, 'gateway.yaml')
    const upstreamUrl = `http://127.0.0.1:${port}`
    writeFileSync(join(directory, 'secret'), api.client.secret, { mode: 0o600 })
    writeFileSync(file, gatewayFile({ issuer, upstreamUrl }, api, wish))
    for (let count = 0; count < wish.gateways; count += 1) {
      field.gateways.push(await startGateway(file))
    }
    const reports: PartitionReport[] = []
    const whole = { ...field, api }
    for (const partition of wish.partitions) {
      reports.push(...(await tryPartition(whole, partition, wish.staleSeconds)))
      field.domain = whole.domain
    }
    return reports
  } finally {
    await Promise.all(field.gateways.map((gateway) => gateway.stop()))
    await field.domain.stop()
    proxy.stop()
    upstream.closeAllConnections()
    upstream.close()
    rmSync(directory, { recursive: true })
  }
}
