import { type ClientUsage, createUsageTally } from '@mintmark/decisions/afterlife/tally-usage'
import type { Catalog } from '@mintmark/registry/snapshot'
import { eventsOf } from '@mintmark/storage/tables/audit-pack'
import { checkNames, readLimit, readTime } from './audit.ts'
import type { AnswerHappening } from './happening.ts'

const parameters: ReadonlySet<string> = new Set(['from', 'to', 'client', 'limit'])
const hourMs = 3_600_000
/** Events one answer looks at: then it tells how far it has come. */
const eventsMax = 200_000
const breathEvents = 4000

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

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
  const tally = createUsageTally(lifetimes(await services.registry.catalog()))
  const only = query.get('client')
  let looked = 0
  let reachedMs = toMs
  for await (const pack of services.audit.packs(fromMs, toMs)) {
    if (looked >= eventsMax) {
      reachedMs = pack.firstAtMs
      break
    }
    for (const event of eventsOf(pack)) {
      const isMeant = event.at >= fromMs && event.at < toMs
      if (isMeant && (only === null || event.actor === only)) tally.add(event)
    }
    if (Math.floor(looked / breathEvents) < Math.floor((looked + pack.eventCount) / breathEvents)) {
      await breathe()
    }
    looked += pack.eventCount
  }
  return {
    kind: 'json',
    body: {
      from: new Date(fromMs).toISOString(),
      to: new Date(Math.min(reachedMs, nowMs)).toISOString(),
      complete: reachedMs === toMs,
      clients: tally.clients().slice(0, limit.value).map(toldUsage),
    },
  }
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
