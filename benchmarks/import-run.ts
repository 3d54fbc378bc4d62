/** What callers feel while an administrator imports many applications. */
import {
  type BenchApi,
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
  /** In all rounds together, at least. */
  readonly applications: number
  /** At least; more of them where these do not import as many applications. */
  readonly rounds: number
  readonly roundsMax: number
  /** Of the quiet half of a round, and of the other. */
  readonly seconds: number
}

/** The same load twice, one directly after the other, because machines change their mood. */
export interface ImportRound {
  readonly quiet: PhaseReport
  readonly importing: PhaseReport
}

export interface ImportOutcome {
  readonly tokensPerSecond: number
  readonly rounds: readonly ImportRound[]
  readonly applications: number
  readonly importSeconds: number
}

/** An administrator that sends one Bulk of a thousand after the other, until it is stopped. */
function startImport(domain: Domain, api: BenchApi, first: number) {
  const startedAt = performance.now()
  let isWanted = true
  let created = 0
  const run = async (): Promise<void> => {
    while (isWanted) {
      await createManyClients(domain, api, 1_000, first + created)
      created += 1_000
    }
  }
  const ended = run()
  return {
    stop: async () => {
      isWanted = false
      await ended
      return { created, seconds: (performance.now() - startedAt) / 1_000 }
    },
  }
}

async function capacityOf(stage: Stage, port: number): Promise<number> {
  const window = { warmupSeconds: 3, seconds: 4, expectedStatus: 200, connections: 64 }
  return (await stage.load.run({ list: 'token', port, ...window })).requestsPerSecond
}

/** Measures it; undefined if our server is not built. */
export async function measureImport(plan: ImportPlan): Promise<ImportOutcome | undefined> {
  await using ended = new AsyncDisposableStack()
  const one = { rounds: 1, seconds: 1, connections: 1, applications: 1, tokens: 1 }
  const stage = openStage({ ...one, warmupSeconds: 1 }, plan.workers, ended)
  const domain = await startOurs(stage)
  if (domain === undefined) return undefined
  const api = await createApi(domain, plan.algorithm)
  const imported = await createApi(domain, plan.algorithm === 'ES256' ? 'RS256' : 'ES256')
  const client = await createSecretClient(domain, api)
  await stage.load.prepare('token', [tokenRequest(client, api.scope)])
  const { port } = domain.server
  const tokensPerSecond = plan.share * (await capacityOf(stage, port))
  const measure = async (seed: number): Promise<PhaseReport> => {
    const phases = [{ name: 'half', ratePerSecond: tokensPerSecond, seconds: plan.seconds }]
    const load = { port, phases, seed, connections: 512, patienceMillis: 10_000 }
    return (await stage.load.runOpen({ list: 'token', pattern: 'poisson', ...load })).phases[0]!
  }
  const rounds: ImportRound[] = []
  let applications = 0
  let importSeconds = 0
  const isEnough = () => rounds.length >= plan.rounds && applications >= plan.applications
  while (!isEnough() && rounds.length < plan.roundsMax) {
    const seed = rounds.length + 1
    const quiet = await measure(seed)
    const administrator = startImport(domain, imported, applications)
    const importing = await measure(seed)
    const { created, seconds } = await administrator.stop()
    applications += created
    importSeconds += seconds
    rounds.push({ quiet, importing })
  }
  return { tokensPerSecond, rounds, applications, importSeconds }
}
