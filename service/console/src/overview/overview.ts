import { relativeTime } from '../parts/relative-time.ts'
import { send } from '../server/request.ts'
import type { SigningKeys } from '../signing-keys/signing-keys.ts'

export interface NamedApplication {
  readonly id: string
  readonly displayName: string
}

export interface AttentionRecord {
  readonly kind: 'expires' | 'all-denied' | 'does-not-cache' | 'inactive-but-asking' | 'unused'
  readonly application: NamedApplication | null
  readonly count: number | null
  readonly reason: string | null
  readonly label: string | null
  readonly at: string | null
}

/** What happened in one minute. */
export interface Minute {
  readonly issued: number
  readonly denied: number
}

export interface OverviewRecord {
  readonly isWhole: boolean
  readonly issued: number
  readonly denied: number
  readonly p99Milliseconds: number | null
  /** Of the last hour, the oldest first; null: not known. */
  readonly minutes: readonly (Minute | null)[]
  readonly attention: readonly AttentionRecord[]
  readonly top: readonly {
    readonly application: NamedApplication
    readonly issued: number
    readonly denied: number
  }[]
}

export const readOverview = async (): Promise<OverviewRecord> =>
  (await send<OverviewRecord>('GET', '/api/v1/overview')).body

/** One line of *Needs attention*. */
export interface AttentionLine {
  /** What it is about. */
  readonly subject: string
  readonly says: string
  readonly href: string
  /** Where the address leads. */
  readonly does: string
}

const times = (count: number | null): string => (count === 1 ? 'once' : `${count ?? 0} times`)

const lineOf = (record: AttentionRecord, nowMs: number): AttentionLine => {
  const { kind, application, count, reason, label, at } = record
  const page = application === null ? '/certificates' : `/applications/${application.id}`
  const subject = application?.displayName ?? label ?? ''
  switch (kind) {
    case 'expires': {
      const what = application === null ? 'Its certificate' : `Its secret ${label ?? ''}`.trim()
      const says = `${what} ends ${at === null ? 'soon' : relativeTime(at, nowMs)}.`
      const href = application === null ? page : `${page}?tab=credentials`
      return { subject, says, href, does: application === null ? 'Certificates' : 'Rotate' }
    }
    case 'all-denied': {
      const often = `Refused ${times(count)} in the last hour`
      const says = `${often}, and never let through: ${reason ?? ''}.`
      return { subject, says, href: `${page}?tab=activity`, does: 'See why' }
    }
    case 'inactive-but-asking': {
      const says = `It is inactive, and asked for a token ${times(count)} in the last hour.`
      return { subject, says, href: page, does: 'Open' }
    }
    case 'unused': {
      const since = at === null ? 'never used' : `last used ${relativeTime(at, nowMs)}`
      const says = `Its secrets were ${since}, and not in 90 days. Deactivate it if none needs it.`
      return { subject, says, href: page, does: 'Open' }
    }
    case 'does-not-cache': {
      const says =
        `It took ${count ?? 0} tokens in the last hour. A token can be kept until it ends: ` +
        'this program asks anew each time.'
      return { subject, says, href: `${page}?tab=activity`, does: 'See them' }
    }
  }
}

/**
 * What needs attention, in sentences.
 * @param keys null: this administrator is not told
 * @param issuer as tokens have it
 * @param origin that this page is from
 */
export const attentionLines = (
  records: readonly AttentionRecord[],
  keys: SigningKeys | null,
  { issuer, origin, nowMs }: { issuer: string; origin: string; nowMs: number },
): readonly AttentionLine[] => {
  const lines = records.map((record) => lineOf(record, nowMs))
  const late = (keys?.keys ?? []).filter(({ next }) => Date.parse(next.at) < nowMs - 3_600_000)
  for (const { kid, next } of late) {
    const says = `Its next step, to ${next.step}, was due ${relativeTime(next.at, nowMs)}.`
    lines.push({ subject: `Signing key ${kid}`, says, href: '/keys', does: 'Signing keys' })
  }
  if (URL.canParse(issuer) && new URL(issuer).origin !== origin) {
    const says =
      `Tokens say that they are from ${issuer}, and this page is from ${origin}. Callers have to ` +
      'use the first, or the setting issuer has to be changed.'
    lines.push({ subject: 'Issuer', says, href: '/settings', does: 'Settings' })
  }
  return lines
}
