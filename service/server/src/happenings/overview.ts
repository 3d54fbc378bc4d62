import {
  type Attention,
  decideAttention,
  foldTokenEvents,
  type TokenTotals,
} from '@mintmark/decisions/access/decide-attention'
import type { ExpiringCredential } from '@mintmark/registry/expiring-credential'
import { builtInApplicationId } from '@mintmark/registry/snapshot'
import type { UnusedApplication } from '@mintmark/storage/unused-applications'
import type { Services } from '../services.ts'
import { checkNames } from './audit.ts'
import type { AnswerHappening } from './happening.ts'

const hourMs = 3_600_000
const noticeMs = 7 * 24 * hourMs
const minuteMs = 60_000
const unusedMs = 90 * 24 * hourMs
const unusedMax = 10
const eventsMax = 20_000
const keptMs = 15_000
/** All secrets are looked through for those that expire. */
const expiringKeptMs = 10 * 60_000
const toldMax = 50
const topMax = 5
const lifetimeSecondsUnsaid = 3600

interface LastHour {
  readonly totals: TokenTotals
  readonly isWhole: boolean
  /** All since then was read. */
  readonly oldestMs: number
}

/** One reading at a time, kept for a while: who looks often does not make the store work often. */
const keeping = <T>(
  milliseconds: number,
  read: (services: Services, nowMs: number) => Promise<T>,
) => {
  const known = new WeakMap<Services, { readonly atMs: number; readonly value: Promise<T> }>()
  return (services: Services, nowMs: number): Promise<T> => {
    const kept = known.get(services)
    if (kept !== undefined && nowMs - kept.atMs < milliseconds) return kept.value
    const value = read(services, nowMs)
    known.set(services, { atMs: nowMs, value })
    value.catch(() => known.delete(services))
    return value
  }
}

const lastHourOf = keeping<LastHour>(keptMs, async ({ audit }, nowMs) => {
  const query = { action: 'token', fromMs: nowMs - hourMs }
  const { events, next } = await audit.search(query, null, eventsMax)
  const isWhole = next === null
  const oldestMs = isWhole ? nowMs - hourMs : (events.at(-1)?.event.at ?? nowMs)
  return { totals: foldTokenEvents(events.map(({ event }) => event)), isWhole, oldestMs }
})

const expiringOf = keeping<readonly ExpiringCredential[]>(
  expiringKeptMs,
  ({ listExpiring }, nowMs) => listExpiring(nowMs, nowMs + noticeMs),
)

const unusedOf = keeping<readonly UnusedApplication[]>(expiringKeptMs, ({ listUnused }, nowMs) =>
  listUnused(nowMs - unusedMs, unusedMax),
)

/** Each minute of the hour, the oldest first; null: more happened than was read. */
const minutesOf = ({ totals, oldestMs }: LastHour, nowMs: number) => {
  const now = Math.floor(nowMs / minuteMs)
  return Array.from({ length: hourMs / minuteMs }, (_, at) => {
    const minute = now - hourMs / minuteMs + 1 + at
    if ((minute + 1) * minuteMs <= oldestMs) return null
    return totals.byMinute.get(minute) ?? { issued: 0, denied: 0 }
  })
}

/** The 99th of a hundred among the requests that are remembered; null: there were none. */
const p99Of = async ({ liveRequests }: Services, sinceMs: number): Promise<number | null> => {
  const filter = { denied: false, clientId: null, api: null, reason: null }
  const recent = await liveRequests.recent(filter, Number.MAX_SAFE_INTEGER)
  const spans = recent
    .filter(({ atMs, endpoint }) => endpoint === 'token' && atMs >= sinceMs)
    .map(({ milliseconds }) => milliseconds)
    .toSorted((a, b) => a - b)
  return spans[Math.min(spans.length - 1, Math.floor(spans.length * 0.99))] ?? null
}

interface Named {
  readonly id: string
  readonly displayName: string
}

/** By client id or id; null: it is gone. */
const named = async (services: Services, name: string): Promise<Named | null> => {
  const clientId = await services.findClientId(name)
  const client = clientId === null ? null : await services.registry.client(clientId)
  if (client === null) return null
  const { id, displayName } = client.application
  return { id, displayName }
}

const toldAttention = async (services: Services, attention: readonly Attention[]) => {
  const told: unknown[] = []
  for (const { client, applicationId, atMs, ...rest } of attention.slice(0, toldMax)) {
    const name = client ?? applicationId
    const application = name === null ? null : await named(services, name)
    // refusals of strangers name what is no application
    if (name !== null && application === null) continue
    told.push({ ...rest, application, at: atMs === null ? null : new Date(atMs).toISOString() })
  }
  return told
}

const toldTop = async (services: Services, { byClient }: TokenTotals) => {
  const most = [...byClient]
    .filter(([, { issued }]) => issued > 0)
    .toSorted((a, b) => b[1].issued - a[1].issued)
    .slice(0, topMax)
  const told: unknown[] = []
  for (const [client, { issued, denied }] of most) {
    const application = await named(services, client)
    if (application !== null) told.push({ application, issued, denied })
  }
  return told
}

/** `GET /api/v1/overview`: the last hour in a few numbers, and what needs attention. */
export const tellOverview: AnswerHappening = async ({ query, services, nowMs }) => {
  const wrong = checkNames(query, new Set())
  if (wrong !== null) return wrong
  const sinceMs = nowMs - hourMs
  const [hour, expiring, unused, catalog, p99] = await Promise.all([
    lastHourOf(services, nowMs),
    expiringOf(services, nowMs),
    unusedOf(services, nowMs),
    services.registry.catalog(),
    p99Of(services, sinceMs),
  ])
  const { totals, isWhole } = hour
  const lifetimes = new Map(
    [...catalog.byId.values()].map(({ application }) => [
      application.displayName,
      application.resourceServer?.tokenLifetimeSeconds,
    ]),
  )
  // each command of an administrator asks anew, so that no such token rests on a disk
  const administration = catalog.byId.get(builtInApplicationId)?.application.displayName
  const lifetimeOf = (api: string): number | null =>
    api === administration ? null : (lifetimes.get(api) ?? lifetimeSecondsUnsaid)
  const attention = decideAttention(totals, expiring, 1, lifetimeOf, unused)
  return {
    kind: 'json',
    body: {
      since: new Date(sinceMs).toISOString(),
      isWhole,
      issued: totals.issued,
      denied: totals.denied,
      p99Milliseconds: p99,
      minutes: minutesOf(hour, nowMs),
      attention: await toldAttention(services, attention),
      top: await toldTop(services, totals),
    },
  }
}
