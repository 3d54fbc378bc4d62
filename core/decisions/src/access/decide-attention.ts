import type { AuditEvent } from '@mintmark/registry/audit-event'
import type { ExpiringCredential } from '@mintmark/registry/expiring-credential'

/** What one client was answered in a span of time. */
interface Answered {
  issued: number
  denied: number
  /** Refused for being inactive. */
  inactive: number
  /** Of the newest refusal. */
  reason: string
  /** Name of the API that it was last issued a token for. */
  api: string
}

/** Something that an administrator should look at. */
export interface Attention {
  readonly kind: 'expires' | 'all-denied' | 'does-not-cache' | 'inactive-but-asking' | 'unused'
  /** Client id; null: it is about a certificate, or an application by its id. */
  readonly client: string | null
  readonly applicationId: string | null
  /** Requests, or tokens; null: it is not counted. */
  readonly count: number | null
  readonly reason: string | null
  /** Label of what ends; null: nothing does. */
  readonly label: string | null
  readonly atMs: number | null
}

/** Requests in one minute. */
export interface MinuteTotals {
  readonly issued: number
  readonly denied: number
}

export interface TokenTotals {
  readonly issued: number
  readonly denied: number
  /** By the number of the minute since 1970; quiet ones are left out. */
  readonly byMinute: ReadonlyMap<number, MinuteTotals>
  readonly byClient: ReadonlyMap<string, Answered>
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Refusals of the unproven, and tokens that were given again, count those that were alike. */
const countOf = ({ detail }: AuditEvent): number => {
  const count = detail?.['count']
  return typeof count === 'number' && count > 0 ? count : 1
}

const minuteMs = 60_000

/** @param events of the token endpoint, newest first */
export const foldTokenEvents = (events: readonly AuditEvent[]): TokenTotals => {
  const byClient = new Map<string, Answered>()
  const byMinute = new Map<number, MinuteTotals>()
  let issued = 0
  let denied = 0
  for (const event of events) {
    const isIssued = event.result === 'ok'
    const count = countOf(event)
    if (isIssued) issued += count
    else denied += count
    const minute = Math.floor(event.at / minuteMs)
    const told = byMinute.get(minute) ?? { issued: 0, denied: 0 }
    byMinute.set(minute, {
      issued: told.issued + (isIssued ? count : 0),
      denied: told.denied + (isIssued ? 0 : count),
    })
    // the object of a token is its id, of an unproven client's refusal the client
    const client = event.actor ?? (isIssued ? '' : textOf(event.object))
    if (client === '') continue
    const before = byClient.get(client) ?? {
      issued: 0,
      denied: 0,
      inactive: 0,
      reason: '',
      api: '',
    }
    byClient.set(client, before)
    if (isIssued) {
      const [api] = Array.isArray(event.detail?.['api']) ? event.detail['api'] : []
      before.api ||= textOf(api)
      if (event.detail?.['reissued'] !== true) before.issued += 1
      continue
    }
    before.denied += count
    before.reason ||= event.reason ?? ''
    if (event.reason === 'CLIENT_INACTIVE') before.inactive += count
  }
  return { issued, denied, byMinute, byClient }
}

/** More tokens than this in the life of one: nothing is kept. */
const tokensPerLifetimeMax = 10

const none = {
  client: null,
  applicationId: null,
  count: null,
  reason: null,
  label: null,
  atMs: null,
}

/** An application whose secrets nobody uses. */
export interface Unused {
  readonly id: string
  /** null: none was ever used. */
  readonly usedAtMs: number | null
}

/**
 * What needs attention, the worst first.
 * @param hours that the totals are of
 * @param lifetimeSecondsOf of tokens for an API, by its name; null: its tokens need not be kept
 */
export const decideAttention = (
  { byClient }: TokenTotals,
  expiring: readonly ExpiringCredential[],
  hours: number,
  lifetimeSecondsOf: (api: string) => number | null,
  unused: readonly Unused[] = [],
): readonly Attention[] => {
  const found: Attention[] = []
  const clients = [...byClient].toSorted((a, b) => b[1].denied - a[1].denied)
  for (const [client, { issued, denied, inactive, reason }] of clients) {
    if (inactive > 0) {
      found.push({ ...none, kind: 'inactive-but-asking', client, count: inactive })
    } else if (issued === 0 && denied > 0) {
      found.push({ ...none, kind: 'all-denied', client, count: denied, reason })
    }
  }
  for (const { applicationId, label, expiresAtMs } of expiring) {
    found.push({ ...none, kind: 'expires', applicationId, label, atMs: expiresAtMs })
  }
  for (const [client, { issued, api }] of clients) {
    const lifetimeSeconds = lifetimeSecondsOf(api)
    if (lifetimeSeconds === null) continue
    const lifetimes = Math.max(1, (hours * 3600) / lifetimeSeconds)
    if (issued > tokensPerLifetimeMax * lifetimes) {
      found.push({ ...none, kind: 'does-not-cache', client, count: issued })
    }
  }
  for (const { id, usedAtMs } of unused) {
    found.push({ ...none, kind: 'unused', applicationId: id, atMs: usedAtMs })
  }
  return found
}
