import { type AppRecord, appExtension } from '../server/records.ts'

/** What a member of an application was and is. */
export interface RecordChange {
  readonly label: string
  readonly before: string
  readonly now: string
}

const labels: Readonly<Record<string, string>> = {
  displayName: 'Name',
  description: 'Description',
  contactEmailAddress: 'Contact',
  tags: 'Tags',
  active: 'Active',
  isOAuthClient: 'Is a client',
  allowedGrants: 'Allowed grant types',
  allowedOperations: 'Allowed operations',
  allowedScopes: 'Resources',
  grantedAppRoles: 'App roles',
  trustScope: 'Authorized resources',
  clientType: 'Client type',
  isOAuthResource: 'Is an API',
  audience: 'Primary audience',
  scopes: 'Scopes',
  accessTokenExpiry: 'Access token expiration',
  tokenProfile: 'Token profile',
  secrets: 'Client secrets',
}

/** Says of a change only who made it, or changes by itself. */
const unsaid = new Set(['meta', 'idcsLastModifiedBy', 'schemas', appExtension])

const wordOf = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return String(value)
  const { fqs, display, key, value: inner, ending } = value as Readonly<Record<string, unknown>>
  if (key !== undefined) return `${String(key)}=${String(inner)}`
  return String(fqs ?? display ?? inner ?? ending ?? JSON.stringify(value))
}

const textOf = (value: unknown): string => {
  if (value === undefined || value === null || value === '') return '–'
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map(wordOf).join(', ')
  return wordOf(value)
}

const membersOf = (app: AppRecord): Readonly<Record<string, unknown>> => ({
  ...(app as unknown as Record<string, unknown>),
  ...app[appExtension],
})

/** What differs between two readings of an application, in the words of its page. */
export const changesBetween = (before: AppRecord, now: AppRecord): readonly RecordChange[] => {
  const [old, fresh] = [membersOf(before), membersOf(now)]
  return [...new Set([...Object.keys(old), ...Object.keys(fresh)])]
    .filter((name) => !unsaid.has(name))
    .map((name) => ({
      label: labels[name] ?? name,
      before: textOf(old[name]),
      now: textOf(fresh[name]),
    }))
    .filter((change) => change.before !== change.now)
}
