import type { AuditEvent } from '../audit/audit-events.ts'
import type { AppRecord, Tag } from '../server/records.ts'
import type { Details } from './details-fields.tsx'

type Members = Readonly<Record<string, unknown>>

const membersOf = (value: unknown): Members | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : null

const textOf = (value: unknown, otherwise: string): string =>
  typeof value === 'string' ? value : value === null ? '' : otherwise

const tagsOf = (value: unknown): readonly Tag[] | null =>
  Array.isArray(value) ? value.map(({ key, value: word }) => ({ key, value: word })) : null

/**
 * The details as they were before an event; null: it changed none of them, or they are so again.
 * Members that it did not change stay as they are now.
 */
export const earlierDetails = ({ detail, result }: AuditEvent, app: AppRecord): Details | null => {
  if (result !== 'ok') return null
  const before = membersOf(detail?.['before'])
  if (before === null) return null
  const attributes = membersOf(before['attributes'])
  const now: Details = {
    name: app.displayName,
    description: app.description ?? '',
    contact: app.contactEmailAddress ?? '',
    tags: (app.tags ?? []).map(({ key, value }) => ({ key, value })),
    clientId: app.name,
  }
  const earlier: Details = {
    ...now,
    name: textOf(before['displayName'], now.name),
    description: textOf(before['description'], now.description),
    contact:
      attributes === null ? now.contact : textOf(attributes['contactEmailAddress'] ?? null, ''),
    tags: tagsOf(before['tags']) ?? now.tags,
  }
  return JSON.stringify(earlier) === JSON.stringify(now) ? null : earlier
}
