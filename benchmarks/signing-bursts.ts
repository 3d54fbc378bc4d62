/** What others wait for while one client fetches a burst of RSA tokens. */
import { Buffer } from 'node:buffer'
import { createApi, createSecretClient, tokenRequest } from './domain.ts'
import { startLoad } from './load-process.ts'
import { type BenchOptions, type Figure, figure } from './result.ts'
import { openStage, startOurs } from './stage.ts'
import { spreadOf } from './statistics.ts'

const lightRatePerSecond = 250
const burstsPerSecond = 3
// waits for no disk: what it waits for is the event loop
const metadataRequest =
  'GET /.well-known/oauth-authorization-server HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
const patienceMillis = 10_000

/**
 * Reads of the server metadata are due every few milliseconds, quietly and beside bursts of as many
 * RS256 tokens as there are connections; of one process on one core. Undefined if our server is not
 * built.
 */
export async function measureSigningBursts(
  options: BenchOptions,
): Promise<readonly Figure[] | undefined> {
  await using ended = new AsyncDisposableStack()
  const stage = openStage(options, 1, ended)
  const bursts = startLoad(stage.placement.load)
  ended.defer(bursts.stop)
  const domain = await startOurs(stage)
  if (domain === undefined) return undefined
  const { pid, port } = domain.server
  const api = await createApi(domain, 'RS256')
  const client = await createSecretClient(domain, api)
  await stage.load.prepare('light', [Buffer.from(metadataRequest)])
  await bursts.prepare('burst', [tokenRequest(client, api.scope)])

  const light = async (name: string, seconds: number) => {
    const report = await stage.load.runOpen({
      list: 'light',
      port,
      phases: [{ name, ratePerSecond: lightRatePerSecond, seconds }],
      pattern: 'poisson',
      seed: 1,
      connections: 32,
      patienceMillis,
      serverPid: pid,
    })
    const phase = report.phases[0]!
    if (phase.failed > 0 || Object.keys(phase.answers).join() !== '200') {
      throw new Error(`${name}: ${report.failureSamples.join() || Object.keys(phase.answers)}`)
    }
    return phase.answers['200']!.fromDue
  }
  const burst = async (): Promise<void> => {
    const { connections } = stage.plan
    const window = { warmupSeconds: 0, seconds: 5, expectedStatus: 200 }
    await bursts.run({ list: 'burst', port, connections, requestsMax: connections, ...window })
  }
  const beside = async (seconds: number) => {
    const told = light('beside bursts', seconds)
    const until = performance.now() + seconds * 1_000
    for (let at = performance.now(); at < until; at = performance.now()) {
      await burst()
      const pause = 1_000 / burstsPerSecond - (performance.now() - at)
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, pause)))
    }
    return told
  }
  for (let at = 0; at < 6; at += 1) await burst()
  await light('warm-up', options.warmupSeconds)
  const quiet = []
  const busy = []
  for (let round = 0; round < stage.plan.rounds; round += 1) {
    quiet.push(await light('quiet', stage.plan.seconds))
    busy.push(await beside(stage.plan.seconds))
  }
  const tell = (name: string, figures: readonly number[]) => figure(name, 'ms', spreadOf(figures))
  return [
    tell(
      'metadata, quiet: p50',
      quiet.map((each) => each.p50Millis),
    ),
    tell(
      'metadata, quiet: p99',
      quiet.map((each) => each.p99Millis),
    ),
    tell(
      'metadata beside bursts: p50',
      busy.map((each) => each.p50Millis),
    ),
    tell(
      'metadata beside bursts: p99',
      busy.map((each) => each.p99Millis),
    ),
    tell(
      'metadata beside bursts: slowest',
      busy.map((each) => each.maxMillis),
    ),
  ]
}
