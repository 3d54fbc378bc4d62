import type { ExpiringCredential } from '@mintmark/registry/expiring-credential'

/** How many credentials end soon; those within 7 days are among those within 30. */
export interface ExpiringCounts {
  readonly secret: { readonly within7Days: number; readonly within30Days: number }
  readonly certificate: { readonly within7Days: number; readonly within30Days: number }
}

const dayMs = 86_400_000
/** Days before the end from which on people are told. */
export const noticeDays = 30
const urgentDays = 7

const isWithin = (days: number, { expiresAtMs }: ExpiringCredential, nowMs: number): boolean =>
  expiresAtMs > nowMs && expiresAtMs <= nowMs + days * dayMs

/** Whether a credential ends within the days in which people are told; what has ended is not. */
export const isExpiring = (credential: ExpiringCredential, nowMs: number): boolean =>
  isWithin(noticeDays, credential, nowMs)

/** The numbers for the metrics. */
export const countExpiring = (
  credentials: readonly ExpiringCredential[],
  nowMs: number,
): ExpiringCounts => {
  const count = (kind: ExpiringCredential['kind'], days: number): number =>
    credentials.filter((each) => each.kind === kind && isWithin(days, each, nowMs)).length
  const both = (kind: ExpiringCredential['kind']) => ({
    within7Days: count(kind, urgentDays),
    within30Days: count(kind, noticeDays),
  })
  return { secret: both('secret'), certificate: both('certificate') }
}

/** One notice a credential and day (UTC): under this name it is remembered that it was sent. */
export const noticeName = ({ kind, id }: ExpiringCredential, nowMs: number): string =>
  `${kind} ${id} ${new Date(nowMs).toISOString().slice(0, 10)}`

/** Whole days left, rounded up: what ends in an hour ends in one day. */
export const daysLeft = ({ expiresAtMs }: ExpiringCredential, nowMs: number): number =>
  Math.ceil((expiresAtMs - nowMs) / dayMs)
