/** One domain that grows: what a token costs with 10 applications, with 1,000, with 100,000. */
import { type BenchApi, createManyClients, type Domain, tokenRequest } from './domain.ts'
import type { SecretClient } from './prepared-requests.ts'
import { alternate, type Contender, compare, type Measurement, type Ratio } from './rounds.ts'
import { peerTokenRequest, type Stage, startPeer } from './stage.ts'

const sizes = [10, 1_000, 100_000, 1_000_000]
const floor = 'echo-and-sign'
/** Everything is warm but the clients, which cannot be: they are drawn from all. */
const warmupSeconds = 1

/** A domain that has grown, and what was seen on the way. */
export interface Series {
  readonly clients: readonly SecretClient[]
  readonly measurements: readonly Measurement[]
  readonly ratios: readonly Ratio[]
  readonly creationMillis: number
}

/** Sizes up to the one asked for, which is the last. */
export const stepsTo = (applications: number): readonly number[] => [
  ...sizes.filter((size) => size < applications),
  applications,
]

/** Names of a step's two sides, so that steps can be told apart in one list. */
const named = (measurements: readonly Measurement[], size: number): readonly Measurement[] =>
  measurements.map((one) =>
    one.name === floor ? { ...one, name: `${floor}, beside ${size}` } : one,
  )

/**
 * Creates applications step by step, and after each step measures requests spread evenly over all
 * of them, in turn with a floor that knows no application.
 */
export async function growInSteps(
  stage: Stage,
  domain: Domain,
  api: BenchApi,
  applications: number,
): Promise<Series> {
  const peer = await startPeer(stage, floor, { algorithm: 'ES256', signingInputBytes: 500 })
  await stage.load.prepare(floor, [peerTokenRequest(peer.client, 'jwt')])
  const beside: Contender = { ...peer, list: floor }
  let clients: readonly SecretClient[] = []
  const measurements: Measurement[] = []
  let creationMillis = 0
  for (const size of stepsTo(applications)) {
    const startedAt = performance.now()
    const before = clients.length
    clients = clients.concat(await createManyClients(domain, api, size - before, before))
    creationMillis += performance.now() - startedAt
    const requests = clients.map((client) => tokenRequest(client, api.scope))
    await stage.load.prepare('series', requests, 'random')
    const { pid, port } = domain.server
    const grown: Contender = { name: `domain of ${size}`, pid, port, list: 'series' }
    const plan = { ...stage.plan, warmupSeconds: Math.min(warmupSeconds, stage.plan.warmupSeconds) }
    measurements.push(...named(await alternate(stage.load, [grown, beside], plan), size))
  }
  const ratios = stepsTo(applications).flatMap(
    (size) =>
      compare(measurements, { of: `domain of ${size}`, over: `${floor}, beside ${size}` }) ?? [],
  )
  await peer.stop()
  return { clients, measurements, ratios, creationMillis }
}
