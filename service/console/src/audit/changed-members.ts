import type { AuditEvent } from './audit-events.ts'

/** A member of a record that a change has touched; undefined: it was not there. */
export interface ChangedMember {
  readonly name: string
  readonly before: unknown
  readonly after: unknown
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}

/** What an event has changed; empty where it is no change, or one without members. */
export const changedMembers = ({
  detail,
}: Pick<AuditEvent, 'detail'>): readonly ChangedMember[] => {
  const before = recordOf(detail?.['before'])
  const after = recordOf(detail?.['after'])
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].map((name) => ({ name, before: before[name], after: after[name] }))
}

const columns = ['at', 'actor', 'action', 'object', 'result', 'reason', 'source', 'ecid'] as const

/** A spreadsheet must not take what somebody was named for a formula. */
const cell = (value: string): string => {
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\n\r]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

/** RFC 4180, a row for each event. */
export const csvOf = (events: readonly AuditEvent[]): string =>
  [
    columns.join(','),
    ...events.map((event) => columns.map((name) => cell(event[name] ?? '')).join(',')),
  ]
    .map((line) => `${line}\r\n`)
    .join('')
