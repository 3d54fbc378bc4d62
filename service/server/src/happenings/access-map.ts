import {
  type AccessUses,
  countOf,
  countUses,
  foldUses,
  lastUseOf,
  mapAccess,
} from '@mintmark/decisions/access/map-access'
import { cluesOf } from '@mintmark/decisions/access/tell-paths'
import type { AccessHolder } from '@mintmark/registry/access-holder'
import type { Catalog } from '@mintmark/registry/snapshot'
import type { HolderWish } from '@mintmark/storage/access-reader'
import type { Services } from '../services.ts'
import { findServer, invalid, type Read, readCursor, readLimit, toldServer } from './access.ts'
import { checkNames } from './audit.ts'
import type { AnswerHappening } from './happening.ts'

const dayMs = 86_400_000
const monthMs = 30 * dayMs
const tokensMax = 20_000
const usesKeptMs = 60_000
const givenMax = 5000

interface KnownUses {
  readonly uses: AccessUses
  /** Tokens of the last day. */
  readonly counts: AccessUses
  /** All uses from then on are known. */
  readonly sinceMs: number
  readonly readAtMs: number
}

/** What was last read, for each server of this process: bounded, and not repeated often. */
const known = new WeakMap<Services, Promise<KnownUses>>()

const readUses = async ({ audit }: Services, nowMs: number): Promise<KnownUses> => {
  const fromMs = nowMs - monthMs
  const query = { action: 'token', result: 'ok', fromMs }
  const { events, next } = await audit.search(query, null, tokensMax)
  const oldest = events.at(-1)?.event.at ?? nowMs
  const sinceMs = next === null ? fromMs : oldest
  const all = events.map(({ event }) => event)
  const counts = countUses(all, nowMs - dayMs)
  return { uses: foldUses(all), counts, sinceMs, readAtMs: nowMs }
}

const usesOf = async (services: Services, nowMs: number): Promise<KnownUses> => {
  const before = known.get(services)
  if (before !== undefined) {
    const kept = await before.catch(() => null)
    if (kept !== null && nowMs - kept.readAtMs < usesKeptMs) return kept
  }
  const reading = readUses(services, nowMs)
  known.set(services, reading)
  return reading
}

const readWish = async (
  query: URLSearchParams,
  catalog: Catalog,
  services: Services,
): Promise<Read<HolderWish>> => {
  const app = query.get('app')
  const api = query.get('api')
  if (app !== null && app !== '') {
    const clientId = await services.findClientId(app)
    const client = clientId === null ? null : await services.registry.client(clientId)
    if (client !== null) return { value: { kind: 'one', applicationId: client.application.id } }
    return invalid(`There is no application '${app.slice(0, 200)}'.`, 'Send its id or name.')
  }
  if (api === null || api === '') return { value: { kind: 'clients' } }
  const server = await findServer(api, catalog, services)
  if ('fault' in server) return server
  const { scopes, roleIds } = cluesOf(server.value, [...server.value.scopes])
  return { value: { kind: 'any-of', scopes, roleIds } }
}

const uses = ['day', 'month', 'unused'] as const

const isWanted = (use: string, lastUsedMs: number | null, nowMs: number): boolean => {
  if (use === '') return true
  const isUsed = lastUsedMs !== null && lastUsedMs >= nowMs - (use === 'day' ? dayMs : monthMs)
  return use === 'unused' ? !isUsed : isUsed
}

const isOfStatus = ({ application }: AccessHolder, status: string): boolean =>
  status === '' || application.active === (status === 'active')

/** `key` or `key=value`. */
const hasTag = ({ application }: AccessHolder, wanted: string): boolean =>
  wanted === '' ||
  application.tags.some(({ key, value }) => key === wanted || `${key}=${value}` === wanted)

const parameters: ReadonlySet<string> = new Set([
  'app',
  'api',
  'status',
  'use',
  'tag',
  'limit',
  'cursor',
])

/**
 * `GET /api/v1/access/map`: what applications were given of which APIs, and when each was last
 * used, as far as the newest tokens on record tell: `usedSince` says how far back that is.
 */
export const mapGivenAccess: AnswerHappening = async ({ query, services, nowMs }) => {
  const wrong = checkNames(query, parameters)
  if (wrong !== null) return wrong
  const limit = readLimit(query)
  if ('fault' in limit) return limit.fault
  const cursor = readCursor(query)
  if ('fault' in cursor) return cursor.fault
  const status = query.get('status') ?? ''
  const use = query.get('use') ?? ''
  const tag = (query.get('tag') ?? '').trim()
  if (!['', 'active', 'inactive'].includes(status) || !['', ...uses].includes(use)) {
    const fix = `status is active or inactive, use one of ${uses.join(', ')}.`
    return invalid('status or use cannot be read.', fix).fault
  }
  const catalog = await services.registry.catalog()
  const wish = await readWish(query, catalog, services)
  if ('fault' in wish) return wish.fault
  const api = query.get('api') ?? ''
  const only = api === '' ? null : await findServer(api, catalog, services)
  if (only !== null && 'fault' in only) return only.fault
  const found = await services.access.holders(wish.value, cursor.value, limit.value)
  const { uses: lastUses, counts, sinceMs } = await usesOf(services, nowMs)
  const access: unknown[] = []
  const applications: unknown[] = []
  const apis = new Map<string, unknown>()
  let last: string | null = null
  for (const holder of found) {
    if (access.length >= givenMax) break
    const { id, clientId, displayName, active, tags } = holder.application
    last = id
    if (!isOfStatus(holder, status) || !hasTag(holder, tag)) continue
    const given = mapAccess(holder, catalog).flatMap((each) => {
      if (only !== null && each.server !== only.value) return []
      const lastUsedMs = lastUseOf(clientId, each, lastUses)
      if (!isWanted(use, lastUsedMs, nowMs)) return []
      const { kind, name, through, scopes, server } = each
      apis.set(server.application.id, toldServer(server))
      const lastUsed = lastUsedMs === null ? null : new Date(lastUsedMs).toISOString()
      const tokensInDay = countOf(clientId, each, counts)
      const told = { application: id, api: server.application.id, kind, name, through, scopes }
      return [{ ...told, lastUsed, tokensInDay }]
    })
    if (given.length === 0 && (use !== '' || only !== null)) continue
    applications.push({ id, clientId, displayName, active, tags })
    access.push(...given)
  }
  const isAll = found.length < limit.value && last === (found.at(-1)?.application.id ?? null)
  return {
    kind: 'json',
    body: {
      applications,
      apis: [...apis.values()],
      access,
      usedSince: new Date(sinceMs).toISOString(),
      cursor: isAll ? null : last,
    },
  }
}
