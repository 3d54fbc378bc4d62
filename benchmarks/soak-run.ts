/** Long, mixed, modest work, and whether anything of the server grows by it. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  createApi,
  createManyClients,
  createSecretClient,
  type Domain,
  enterDomain,
  introspectionPath,
  tokenPath,
  tokenRequest,
} from './domain.ts'
import type { OpenLoadReport } from './load-messages.ts'
import { formRequest, getBytes } from './prepared-requests.ts'
import { type AdministrationReport, administerFor } from './soak-administration.ts'
import { collectTokens, openStage, type Stage } from './stage.ts'
import { isBuilt, makeHome, removeHome, startMintmark } from './subjects/mintmark.ts'

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
  readonly report: OpenLoadReport
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
const lifeEveryMillis = 1_000
const times = 30

/** Tokens of both algorithms, introspections, revocations and lists, in one list to draw from. */
async function prepareMix(stage: Stage, domain: Domain, tokens: number): Promise<void> {
  const api = await createApi(domain, 'ES256')
  const client = await createSecretClient(domain, api)
  const given = await collectTokens(stage, domain.server, tokenRequest(client, api.scope), tokens)
  const asked = given.map((token) => formRequest(introspectionPath, api.introspector, { token }))
  await stage.load.prepare('fill', asked, 'once')
  const fill = { port: domain.server.port, connections: 32, expectedStatus: 200 }
  await stage.load.run({ list: 'fill', ...fill, warmupSeconds: 0, seconds: 600 })
  const revoked = given
    .slice(0, revokedTokens)
    .map((token) => formRequest('/oauth2/v1/revoke', client, { token }))
  const headers = { Authorization: `Bearer ${domain.accessToken}` }
  const list = getBytes('/admin/v1/Apps?count=20', headers)
  const slow = await createApi(domain, 'RS256')
  const many = await createManyClients(domain, api, changedClients, 0)
  const requests = [
    ...many.slice(0, clients).map((each) => tokenRequest(each, api.scope)),
    tokenRequest(await createSecretClient(domain, slow), slow.scope),
  ].flatMap((request) => Array.from({ length: times }, () => request))
  const lists = Array.from({ length: times }, () => list)
  const introspections = asked.slice(revokedTokens, revokedTokens + 300)
  await stage.load.prepare('mix', [...requests, ...introspections, ...revoked, ...lists], 'random')
}

const warmUpSeconds = 90

/** All of the work as fast as it goes: V8 compiles by the calls, and not by the hour. */
async function warmUp(stage: Stage, domain: Domain): Promise<void> {
  const administration = administerFor(domain, tokenPath, 0)
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
  const domain = await enterDomain(server)
  await prepareMix(stage, domain, plan.tokens)
  await warmUp(stage, domain)

  const samples: SoakSample[] = []
  const startedAt = performance.now()
  const sampling = setInterval(() => {
    const atSeconds = (performance.now() - startedAt) / 1_000
    const sample = { atSeconds, ...takeSample(file, dataDirectory, server.pid) }
    samples.push(sample)
    told(sample)
  }, plan.sampleSeconds * 1_000)
  const administration = administerFor(domain, tokenPath, lifeEveryMillis)
  try {
    const report = await stage.load.runOpen({
      list: 'mix',
      port: server.port,
      phases: Array.from({ length: Math.ceil(plan.minutes) }, (_, minute) => ({
        name: `minute ${minute + 1}`,
        ratePerSecond: plan.ratePerSecond,
        seconds: 60 * Math.min(1, plan.minutes - minute),
      })),
      pattern: 'poisson',
      seed: 1,
      connections: 64,
      patienceMillis: 10_000,
      serverPid: server.pid,
    })
    return { samples, report, administration: await administration.stop() }
  } finally {
    clearInterval(sampling)
    await administration.stop()
  }
}
