import { allowanceFields, readAllowance } from './allowance.ts'
import type { ApiEntry, RoleEntry, ScopeEntry } from './domain-document.ts'
import { entryFields, readEntry, readNames, readTexts, requireText } from './read-entry.ts'
import {
  isMapping,
  isText,
  readDuration,
  readFields,
  readFlag,
  readItems,
  readText,
  readWord,
  type Value,
} from './yaml-node.ts'

const apiFields = [
  ...entryFields,
  'acceptsTokens',
  'audience',
  'secondaryAudiences',
  'profile',
  'algorithm',
  'tokenLifetime',
  'certificateBound',
  'dpopBound',
  'scopes',
  'roles',
  ...allowanceFields,
]

/** A scope: its value alone, or with what people read about it. */
const readScope = (value: Value): readonly ScopeEntry[] => {
  if (!isMapping(value)) {
    const text = readText(value)
    const unsaid = { displayName: null, description: null, requiresConsent: false }
    return text === null ? [] : [{ value: text, ...unsaid }]
  }
  const fields = readFields(value, ['name', 'title', 'description', 'requiresConsent'])
  if (fields === null) return []
  return [
    {
      value: requireText(fields, 'name', value),
      displayName: readText(fields.get('title')),
      description: readText(fields.get('description')),
      requiresConsent: readFlag(fields.get('requiresConsent')) ?? false,
    },
  ]
}

const roleFields = [
  'name',
  'description',
  'scopes',
  'admin',
  'clients',
  'users',
  'groups',
  'public',
]

/** A role: its name alone, or with the scopes that it confers and whom it is for. */
const readRole = (value: Value): readonly RoleEntry[] => {
  const { at, path } = value
  const fields = isText(value) ? new Map<string, Value>() : readFields(value, roleFields)
  if (fields === null) return []
  const name = isText(value) ? (readText(value) ?? '') : requireText(fields, 'name', value)
  return [
    {
      at,
      path,
      name,
      description: readText(fields.get('description')),
      scopes: readNames(fields.get('scopes')),
      adminRole: readFlag(fields.get('admin')) ?? false,
      availableToClients: readFlag(fields.get('clients')) ?? true,
      availableToUsers: readFlag(fields.get('users')) ?? false,
      availableToGroups: readFlag(fields.get('groups')) ?? false,
      public: readFlag(fields.get('public')) ?? false,
    },
  ]
}

/** One entry of `apis:`. */
export const readApi = (value: Value): readonly ApiEntry[] => {
  const fields = readFields(value, apiFields)
  if (fields === null) return []
  const acceptsTokens = readFlag(fields.get('acceptsTokens')) ?? true
  return [
    {
      ...readEntry(value, fields),
      acceptsTokens,
      audience: acceptsTokens ? requireText(fields, 'audience', value) : '',
      secondaryAudiences: readTexts(fields.get('secondaryAudiences')),
      profile: readWord(fields.get('profile'), ['identity-domain', 'rfc9068']) ?? 'identity-domain',
      algorithm: readWord(fields.get('algorithm'), ['RS256', 'ES256']),
      tokenLifetimeSeconds: readDuration(fields.get('tokenLifetime')),
      certificateBound: readFlag(fields.get('certificateBound')) ?? false,
      dpopBound: readFlag(fields.get('dpopBound')) ?? false,
      ...readAllowance(fields),
      scopes: readItems(fields.get('scopes')).flatMap(readScope),
      roles: readItems(fields.get('roles')).flatMap(readRole),
    },
  ]
}
