/** Long, mixed, modest work, and whether anything of the server grows by it. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type BenchApi,
  createApi,
  createManyClients,
  createSecretClient,
  type Domain,
  enterDomain,
  introspectionPath,
  tokenPath,
  tokenRequest,
} from './domain.ts'
import type { OpenLoadReport, OpenRunCommand } from './load-messages.ts'
import { formRequest, getBytes, type SecretClient } from './prepared-requests.ts'
import { type AdministrationReport, administerFor } from './soak-administration.ts'
import { collectTokens, openStage, type Stage } from './stage.ts'
import { isBuilt, type Mintmark, makeHome, removeHome, startMintmark } from './subjects/mintmark.ts'

export interface SoakPlan {
  readonly minutes: number
  readonly ratePerSecond: number
  readonly sampleSeconds: number
  /** Fills the memory of tokens first, so that what is bounded does not look like growth. */
  readonly tokens: number
}

/** The server at one moment; bytes and counts. */
export interface SoakSample {
  readonly atSeconds: number
  /** After a full collection. */
  readonly heapBytes: number
  /** What of it is machine code and bytecode. */
  readonly compiledBytes: number
  readonly externalBytes: number
  readonly residentBytes: number
  /** Sockets, timers and requests that keep Node's event loop alive. */
  readonly resources: number
  readonly openFiles: number
  readonly logBytes: number
  readonly databaseBytes: number
}

export interface SoakOutcome {
  readonly samples: readonly SoakSample[]
  /** One for each few minutes. */
  readonly reports: readonly OpenLoadReport[]
  readonly administration: AdministrationReport
}

interface ProbeLine {
  readonly heapUsed: number
  readonly compiled: number
  readonly external: number
  readonly rss: number
  readonly resources: number
}

const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0)

/** Takes the probe's newest line, and what can be seen from outside. */
function takeSample(
  file: string,
  dataDirectory: string,
  pid: number,
): Omit<SoakSample, 'atSeconds'> {
  const line = readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? '{}'
  const { heapUsed, compiled, external, rss, resources } = JSON.parse(line) as ProbeLine
  const database = join(dataDirectory, 'mintmark.db')
  return {
    heapBytes: heapUsed,
    compiledBytes: compiled,
    externalBytes: external,
    residentBytes: rss,
    resources,
    openFiles: readdirSync(`/proc/${pid}/fd`).length,
    logBytes: sizeOf(`${database}-wal`),
    databaseBytes: sizeOf(database),
  }
}

const clients = 10
/** Twice as many changes as are remembered one by one: then their table has its last size too. */
const changedClients = 20_000
const revokedTokens = 100
const introspectedTokens = 300
const lifeEveryMillis = 1_000
const times = 30
/**
 * What is remembered of revocations until tokens have expired, and of tokens that are asked about,
 * has its last size after so long: in the first third, which is not judged.
 */
const tokenLifeSeconds = 300
/** Before its tokens expire, the mix of requests is made anew. */
const legMinutes = 4
const enterAgainMillis = 120_000

/** Who takes part in the mix. */
interface Cast {
  readonly fast: BenchApi
  /** Its tokens are asked about and revoked. */
  readonly client: SecretClient
  readonly requests: readonly Uint8Array[]
}

/** The domain, by an administrator's token that is renewed long before its end. */
const entering = async (server: Mintmark): Promise<() => Promise<Domain>> => {
  let enteredAt = performance.now()
  let domain = await enterDomain(server, tokenLifeSeconds)
  return async () => {
    if (performance.now() - enteredAt > enterAgainMillis) {
      domain = await enterDomain(server, tokenLifeSeconds)
      enteredAt = performance.now()
    }
    return domain
  }
}

/** Fills the memories that have a bound, and declares who takes part. */
async function fillDomain(
  stage: Stage,
  entered: () => Promise<Domain>,
  tokens: number,
): Promise<Cast> {
  const domain = await entered()
  const life = { accessTokenExpiry: tokenLifeSeconds }
  const fast = await createApi(domain, 'ES256', life)
  const slow = await createApi(domain, 'RS256', life)
  const client = await createSecretClient(domain, fast)
  const many = await createManyClients(await entered(), fast, changedClients, 0)
  const requests = [
    ...many.slice(0, clients).map((each) => tokenRequest(each, fast.scope)),
    tokenRequest(await createSecretClient(await entered(), slow), slow.scope),
  ]
  const cast = { fast, client, requests }
  await stage.load.prepare('fill', await introspections(stage, domain, cast, tokens), 'once')
  const { port } = domain.server
  const fill = { port, connections: 32, expectedStatus: 200, warmupSeconds: 0, seconds: 600 }
  await stage.load.run({ list: 'fill', ...fill })
  return cast
}

const tokensOf = (stage: Stage, { server }: Domain, { client, fast }: Cast, count: number) =>
  collectTokens(stage, server, tokenRequest(client, fast.scope), count)

const introspections = async (stage: Stage, domain: Domain, cast: Cast, count: number) =>
  (await tokensOf(stage, domain, cast, count)).map((token) =>
    formRequest(introspectionPath, cast.fast.introspector, { token }),
  )

/** Tokens of both algorithms, introspections, revocations and lists, in one list to draw from. */
async function prepareMix(stage: Stage, domain: Domain, cast: Cast): Promise<void> {
  const asked = await introspections(stage, domain, cast, introspectedTokens)
  const revoked = (await tokensOf(stage, domain, cast, revokedTokens)).map((token) =>
    formRequest('/oauth2/v1/revoke', cast.client, { token }),
  )
  const headers = { Authorization: `Bearer ${domain.accessToken}` }
  const lists = [getBytes('/admin/v1/Apps?count=20', headers)]
  const often = [...cast.requests, ...lists].flatMap((request) =>
    Array.from({ length: times }, () => request),
  )
  await stage.load.prepare('mix', [...often, ...asked, ...revoked], 'random')
}

const warmUpSeconds = 90

/** All of the work as fast as it goes: V8 compiles by the calls, and not by the hour. */
async function warmUp(stage: Stage, entered: () => Promise<Domain>, cast: Cast): Promise<void> {
  const domain = await entered()
  await prepareMix(stage, domain, cast)
  const administration = administerFor(entered, tokenPath, 0)
  const { port } = domain.server
  const load = { port, connections: 8, expectedStatus: 200, warmupSeconds: 0 }
  await stage.load.run({ list: 'mix', ...load, seconds: warmUpSeconds })
  await administration.stop()
}

/** Starts the server with its probe. */
async function startProbed(plan: SoakPlan, stage: Stage) {
  const home = makeHome()
  stage.ended.defer(() => removeHome(home))
  const samples = join(home.dataDirectory, '..', `soak-${process.pid}.ndjson`)
  stage.ended.defer(() => rmSync(samples, { force: true }))
  const probe = fileURLToPath(new URL('./soak-probe.ts', import.meta.url))
  const server = await startMintmark(home, 1, {
    node: {
      options: `--expose-gc --import=${probe}`,
      environment: { SOAK_SAMPLES: samples, SOAK_MILLIS: String(plan.sampleSeconds * 1_000) },
    },
  })
  stage.ended.defer(server.stop)
  return { server, samples, dataDirectory: home.dataDirectory }
}

/** Runs the soak; undefined if our server is not built. */
export async function soak(
  plan: SoakPlan,
  told: (sample: SoakSample) => void,
): Promise<SoakOutcome | undefined> {
  if (!isBuilt()) return undefined
  await using ended = new AsyncDisposableStack()
  const one = { rounds: 1, seconds: 1, connections: 16, applications: 1, tokens: 1 }
  const stage = openStage({ ...one, warmupSeconds: 1 }, 1, ended)
  const { server, samples: file, dataDirectory } = await startProbed(plan, stage)
  const entered = await entering(server)
  const cast = await fillDomain(stage, entered, plan.tokens)
  await warmUp(stage, entered, cast)

  const samples: SoakSample[] = []
  const startedAt = performance.now()
  const sampling = setInterval(() => {
    const atSeconds = (performance.now() - startedAt) / 1_000
    const sample = { atSeconds, ...takeSample(file, dataDirectory, server.pid) }
    samples.push(sample)
    told(sample)
  }, plan.sampleSeconds * 1_000)
  const administration = administerFor(entered, tokenPath, lifeEveryMillis)
  const reports: OpenLoadReport[] = []
  try {
    for (let minute = 0; minute < plan.minutes; minute += legMinutes) {
      const domain = await entered()
      await prepareMix(stage, domain, cast)
      const minutes = Math.min(legMinutes, plan.minutes - minute)
      reports.push(await stage.load.runOpen(legOf(plan, domain.server, minute, minutes)))
    }
    return { samples, reports, administration: await administration.stop() }
  } finally {
    clearInterval(sampling)
    await administration.stop()
  }
}

/** Some minutes of the mix at the planned rate, told minute by minute. */
const legOf = (
  { ratePerSecond }: SoakPlan,
  { port, pid }: Mintmark,
  first: number,
  minutes: number,
): Omit<OpenRunCommand, 'kind'> => ({
  list: 'mix',
  port,
  phases: Array.from({ length: Math.ceil(minutes) }, (_, minute) => ({
    name: `minute ${first + minute + 1}`,
    ratePerSecond,
    seconds: 60 * Math.min(1, minutes - minute),
  })),
  pattern: 'poisson',
  seed: first + 1,
  connections: 64,
  patienceMillis: 10_000,
  serverPid: pid,
})
