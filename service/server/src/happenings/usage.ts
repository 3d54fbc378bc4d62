import { type ClientUsage, createUsageTally } from '@mintmark/decisions/afterlife/tally-usage'
import type { AuditEvent } from '@mintmark/registry/audit-event'
import type { Catalog } from '@mintmark/registry/snapshot'
import { breathe } from '@mintmark/storage/breathe'
import { eventsOf } from '@mintmark/storage/tables/audit-pack'
import { findServer } from './access.ts'
import { checkNames, readLimit, readTime } from './audit.ts'
import type { AnswerHappening } from './happening.ts'

const parameters: ReadonlySet<string> = new Set(['from', 'to', 'client', 'api', 'limit'])
const hourMs = 3_600_000
/** Events one answer looks at: then it tells how far it has come. */
const eventsMax = 200_000
const breathEvents = 4000

/**
 * `GET /api/v1/usage`: who got how many tokens, and how many would have done. Read from the audit,
 * so it is whole over workers, servers and restarts; lifetimes are those that APIs set now.
 */
export const tellUsage: AnswerHappening = async ({ query, services, nowMs }) => {
  const wrong = checkNames(query, parameters)
  if (wrong !== null) return wrong
  const [from, to, limit] = [readTime(query, 'from'), readTime(query, 'to'), readLimit(query)]
  for (const each of [from, to, limit]) if ('fault' in each) return each.fault
  if ('fault' in from || 'fault' in to || 'fault' in limit) throw new Error('told above')
  const toMs = to.value ?? nowMs + 1
  const fromMs = from.value ?? toMs - hourMs
  const catalog = await services.registry.catalog()
  const named = query.get('api') ?? ''
  const api = named === '' ? null : await findServer(named, catalog, services)
  if (api !== null && 'fault' in api) return api.fault
  const isMeant = meant(query.get('client'), api?.value.application.displayName ?? null)
  const tally = createUsageTally(lifetimes(catalog))
  let looked = 0
  let reachedMs = toMs
  for await (const pack of services.audit.packs(fromMs, toMs)) {
    if (looked >= eventsMax) {
      reachedMs = pack.firstAtMs
      break
    }
    for (const event of eventsOf(pack)) {
      if (event.at >= fromMs && event.at < toMs && isMeant(event)) tally.add(event)
    }
    if (Math.floor(looked / breathEvents) < Math.floor((looked + pack.eventCount) / breathEvents)) {
      await breathe()
    }
    looked += pack.eventCount
  }
  const clients = tally.clients()
  return {
    kind: 'json',
    body: {
      from: new Date(fromMs).toISOString(),
      to: new Date(Math.min(reachedMs, nowMs)).toISOString(),
      complete: reachedMs === toMs,
      total: totalOf(clients),
      clients: clients.slice(0, limit.value).map(toldUsage),
    },
  }
}

/** Of one client, of one API by its name in the audit; null: of any. */
const meant = (client: string | null, api: string | null) => (event: AuditEvent) => {
  if (client !== null && event.actor !== client) return false
  if (api === null) return true
  const named = event.detail?.['api']
  return Array.isArray(named) && named.includes(api)
}

const totalOf = (clients: readonly ClientUsage[]) => {
  const total = { issued: 0, needed: 0, reissued: 0, refused: 0, overBudget: 0 }
  for (const each of clients) {
    for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += each[name]
  }
  return total
}

/** By the name of an API, as the audit has it. */
const lifetimes = ({ byId }: Catalog) => {
  const seconds = new Map<string, number | null>()
  for (const { application } of byId.values()) {
    seconds.set(application.displayName, application.resourceServer?.tokenLifetimeSeconds ?? null)
  }
  return (api: string) => seconds.get(api) ?? null
}

const toldUsage = ({ clientId, ...counts }: ClientUsage) => ({
  client: clientId,
  ...counts,
  // 1: every token was needed; null: none was issued
  waste: counts.needed === 0 ? null : Math.round((counts.issued / counts.needed) * 100) / 100,
})
