import { growInSteps } from './application-series.ts'
import {
  type BenchApi,
  createApi,
  type Domain,
  enterDomain,
  fetchToken,
  tokenPath,
  tokenRequest,
} from './domain.ts'
import type { SecretClient } from './prepared-requests.ts'
import { residentMemory } from './process-cost.ts'
import { type BenchOptions, type Figure, figure, type ScenarioResult } from './result.ts'
import { alternate, compare, type Measurement, type Ratio } from './rounds.ts'
import { openStage, oursIsMissing, type Stage } from './stage.ts'
import { readyMillis } from './start-and-idle.ts'
import { type Spread, spreadOf } from './statistics.ts'
import { isBuilt, type Mintmark, makeHome, removeHome, startMintmark } from './subjects/mintmark.ts'

const fewApplications = 10
const listsAsked = 15
const pageCount = 50

/** What administrators look for, with how many of them find something. */
const filters: readonly (readonly [name: string, filter: string])[] = [
  ['name equals', 'displayName eq "Bench client 1234"'],
  ['name begins with', 'displayName sw "Bench client 12"'],
  ['name contains', 'displayName co "lient 123"'],
  ['name contains, nothing', 'displayName co "zzyzx"'],
  ['active', 'active eq true'],
  ['not active, none is', 'active eq false'],
  ['clientType confidential, all are', 'clientType eq "confidential"'],
  ['clientType public, none is', 'clientType eq "public"'],
  ['clientType confidential and active', 'clientType eq "confidential" and active eq true'],
  ['tag, none has it', 'tags.key eq "team"'],
  ['allowed scope', 'allowedScopes.fqs eq "https://es256.bench.example/read"'],
  ['allowed scope of nobody', 'allowedScopes.fqs eq "https://other.example/read"'],
]

/** Milliseconds of each of some lists, as an administrator asks for them one after the other. */
async function timeList(domain: Domain, query: string): Promise<Spread> {
  const millis: number[] = []
  for (let at = 0; at < listsAsked; at += 1) {
    const startedAt = performance.now()
    const response = await fetch(`${domain.url}/admin/v1/Apps?count=${pageCount}${query}`, {
      headers: { Authorization: `Bearer ${domain.accessToken}` },
    })
    await response.text()
    if (!response.ok) throw new Error(`${response.status} to ${query}`)
    millis.push(performance.now() - startedAt)
  }
  return spreadOf(millis)
}

async function measureLists(domain: Domain): Promise<readonly Figure[]> {
  const figures = [figure('list, first page', 'ms', await timeList(domain, ''), 50)]
  for (const [name, filter] of filters) {
    const query = `&filter=${encodeURIComponent(filter)}`
    figures.push(figure(`list, ${name}`, 'ms', await timeList(domain, query), 50))
  }
  return figures
}

/** Milliseconds of tokens, one after the other, while an administrator asks for slow lists. */
async function timeTokensBesideLists(
  domain: Domain,
  api: BenchApi,
  clients: readonly SecretClient[],
): Promise<Spread> {
  const millis: number[] = []
  let isOver = false
  const lists = timeList(domain, `&filter=${encodeURIComponent('displayName co "zzyzx"')}`)
  const ended = lists.finally(() => {
    isOver = true
  })
  for (const client of clients) {
    if (isOver) break
    const startedAt = performance.now()
    await fetchToken(domain.url, tokenPath, client, { scope: api.scope })
    millis.push(performance.now() - startedAt)
  }
  await ended
  return spreadOf(millis)
}

/** How often the store has been asked for a client since the start. */
async function clientsAsked(url: string): Promise<number> {
  const page = await (await fetch(`${url}/metrics`)).text()
  const line = /^mintmark_store_query_duration_seconds_count\{op="client"\} (\d+)/m.exec(page)
  return Number(line?.[1] ?? 0)
}

/** Looks into the store for one token of a client that has not been there since the start. */
async function countLooks(
  { url }: Domain,
  api: BenchApi,
  clients: readonly SecretClient[],
): Promise<number> {
  const before = await clientsAsked(url)
  for (const client of clients) await fetchToken(url, tokenPath, client, { scope: api.scope })
  return ((await clientsAsked(url)) - before) / clients.length
}

const rss = (name: string, { pid }: Mintmark, atMost?: number): Figure =>
  figure(name, 'MB', spreadOf([residentMemory(pid).totalBytes / 2 ** 20]), atMost)

/** A domain with many clients, and the server that has just created them. */
export interface LargeDomain {
  readonly domain: Domain
  readonly api: BenchApi
  readonly clients: readonly SecretClient[]
}

/** Requests spread evenly over all of the clients, in turn with requests of ten of them. */
async function compareSpread(stage: Stage, { domain, api, clients }: LargeDomain) {
  const requests = clients.map((client) => tokenRequest(client, api.scope))
  await stage.load.prepare('many', requests, 'random')
  await stage.load.prepare('few', requests.slice(0, fewApplications), 'random')
  const { pid, port } = domain.server
  const many = `${clients.length} applications`
  const few = `${fewApplications} applications`
  const contenders = [
    { name: many, pid, port, list: 'many' },
    { name: few, pid, port, list: 'few' },
  ]
  const measurements = await alternate(stage.load, contenders, stage.plan)
  const ratio = compare(measurements, { of: many, over: few, requestsTarget: 0.8 })
  return { measurements, ratios: ratio === undefined ? [] : [ratio] }
}

/**
 * Serves a large domain: tokens, then the same after a restart, and lists.
 *
 * @param restart gives the server anew, on the same data
 */
export async function measureLargeDomain(
  stage: Stage,
  large: LargeDomain,
  restart: () => Promise<Mintmark>,
): Promise<Omit<ScenarioResult, 'name' | 'about' | 'skipped'>> {
  const created = rss('RSS after the creation', large.domain.server)
  const { measurements, ratios } = await compareSpread(stage, large)
  const served = rss('RSS after the rounds', large.domain.server, 256)
  const server = await restart()
  const ready = spreadOf([await readyMillis(server)])
  const domain = await enterDomain(server)
  const some = large.clients.filter((_, at) => at % Math.ceil(large.clients.length / 200) === 0)
  const looks = spreadOf([await countLooks(domain, large.api, some)])
  const again = await compareSpread(stage, { ...large, domain })
  return {
    measurements: [...measurements, ...named(again.measurements)],
    ratios: [...ratios, ...again.ratios.map(afterRestart)],
    figures: [
      created,
      served,
      figure('restart to ready', 'ms', ready, 1000),
      figure('looks into the store for a token of a cold client', '', looks, 1),
      rss('RSS after the rounds, restarted', server, 256),
      ...(await measureLists(domain)),
      figure(
        'token while lists look for a part of a name',
        'ms',
        await timeTokensBesideLists(domain, large.api, large.clients),
      ),
      rss('RSS after the lists', server),
    ],
  }
}

const restarted = (name: string): string => `${name}, restarted`
const afterRestart = (ratio: Ratio): Ratio => ({
  ...ratio,
  of: restarted(ratio.of),
  over: restarted(ratio.over),
})
const named = (measurements: readonly Measurement[]): readonly Measurement[] =>
  measurements.map((one) => ({ ...one, name: restarted(one.name) }))

/** Creates many applications over HTTP, and measures what they cost then. */
export async function manyApplications(
  options: BenchOptions,
): Promise<Omit<ScenarioResult, 'name' | 'about'>> {
  if (!isBuilt()) return { measurements: [], ratios: [], figures: [], skipped: [oursIsMissing] }
  await using ended = new AsyncDisposableStack()
  const stage = openStage(options, 1, ended)
  const home = makeHome()
  ended.defer(() => removeHome(home))
  const start = async (): Promise<Mintmark> => {
    const server = await startMintmark(home, 1, { cores: stage.placement.server })
    ended.defer(server.stop)
    return server
  }
  const server = await start()
  const domain = await enterDomain(server)
  const api = await createApi(domain, 'ES256')
  const series = await growInSteps(stage, domain, api, options.applications)
  const { clients } = series
  const perSecond = spreadOf([(1_000 * clients.length) / series.creationMillis])
  const outcome = await measureLargeDomain(stage, { domain, api, clients }, async () => {
    await server.stop()
    return start()
  })
  const creation = figure('applications created in Bulk', '/s', perSecond)
  return {
    measurements: [...series.measurements, ...outcome.measurements],
    ratios: [...series.ratios, ...outcome.ratios],
    figures: [creation, ...outcome.figures],
    skipped: [],
  }
}
