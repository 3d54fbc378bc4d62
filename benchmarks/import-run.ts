/** What callers feel while an administrator imports many applications. */
import {
  createApi,
  createManyClients,
  createSecretClient,
  type Domain,
  tokenRequest,
} from './domain.ts'
import type { PhaseReport } from './load-messages.ts'
import { openStage, type Stage, startOurs } from './stage.ts'

export interface ImportPlan {
  readonly algorithm: 'RS256' | 'ES256'
  readonly workers: number
  /** Share of what the server can do that callers ask of it. */
  readonly share: number
  readonly applications: number
  readonly quietSeconds: number
}

export interface ImportOutcome {
  readonly tokensPerSecond: number
  readonly quiet: PhaseReport
  /** While the import went on, and only then. */
  readonly importing: readonly PhaseReport[]
  readonly importSeconds: number
}

/** More than any import of these needs; what is left of the run afterwards is not looked at. */
const importSecondsMax = 25

async function importThem(domain: Domain, plan: ImportPlan): Promise<number> {
  const api = await createApi(domain, plan.algorithm === 'ES256' ? 'RS256' : 'ES256')
  const startedAt = performance.now()
  await createManyClients(domain, api, plan.applications, 0)
  return (performance.now() - startedAt) / 1_000
}

async function capacityOf(stage: Stage, port: number): Promise<number> {
  const window = { warmupSeconds: 3, seconds: 3, expectedStatus: 200, connections: 64 }
  return (await stage.load.run({ list: 'token', port, ...window })).requestsPerSecond
}

/** Measures both; undefined if our server is not built. */
export async function measureImport(plan: ImportPlan): Promise<ImportOutcome | undefined> {
  await using ended = new AsyncDisposableStack()
  const one = { rounds: 1, seconds: 1, connections: 1, applications: 1, tokens: 1 }
  const stage = openStage({ ...one, warmupSeconds: 1 }, plan.workers, ended)
  const domain = await startOurs(stage)
  if (domain === undefined) return undefined
  const api = await createApi(domain, plan.algorithm)
  const client = await createSecretClient(domain, api)
  await stage.load.prepare('token', [tokenRequest(client, api.scope)])
  const { port } = domain.server
  const ratePerSecond = plan.share * (await capacityOf(stage, port))
  const load = (seconds: readonly number[], seed: number) =>
    stage.load.runOpen({
      list: 'token',
      port,
      phases: seconds.map((each, at) => ({ name: `${at}`, ratePerSecond, seconds: each })),
      pattern: 'poisson',
      seed,
      connections: 512,
      patienceMillis: 10_000,
    })
  const quiet = (await load([plan.quietSeconds], 1)).phases[0]!
  const loading = load(
    [...Array(importSecondsMax).keys()].map(() => 1),
    2,
  )
  const importSeconds = await importThem(domain, plan)
  const { phases } = await loading
  const importing = phases.slice(0, Math.max(1, Math.floor(importSeconds)))
  return { tokensPerSecond: ratePerSecond, quiet, importing, importSeconds }
}
