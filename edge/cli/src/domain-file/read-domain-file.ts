import { fail, ok, type Result } from '@mintmark/protocol/result'
import type {
  AccessEntry,
  ApiEntry,
  ApplicationEntry,
  DomainDocument,
  Entry,
  Named,
  RoleEntry,
  ScopeEntry,
  TagEntry,
} from './domain-document.ts'
import type { DomainSource, Mistake } from './mistake.ts'
import { readAuthentication } from './read-authentication.ts'
import {
  isMapping,
  isText,
  openFile,
  readDuration,
  readFields,
  readFlag,
  readItems,
  readText,
  readWord,
  report,
  type Value,
} from './yaml-node.ts'

type Fields = ReadonlyMap<string, Value>

const entryFields = ['name', 'clientId', 'description', 'active', 'tags']
const apiFields = [
  ...entryFields,
  'audience',
  'secondaryAudiences',
  'profile',
  'algorithm',
  'tokenLifetime',
  'certificateBound',
  'scopes',
  'roles',
]
const applicationFields = [
  ...entryFields,
  'type',
  'grants',
  'authentication',
  'access',
  'reach',
  'reachTags',
  'defaultApi',
  'may',
  'certificateBound',
  'rawBasic',
  'assertionPolicy',
  'assertionAlgorithm',
]

const readTexts = (value: Value | undefined): readonly string[] =>
  readItems(value).flatMap((item) => readText(item) ?? [])

const readNamed = (value: Value | undefined): Named | null => {
  const text = readText(value)
  return text === null || value === undefined
    ? null
    : { value: text, at: value.at, path: value.path }
}

const readNames = (value: Value | undefined): readonly Named[] =>
  readItems(value).flatMap((item) => readNamed(item) ?? [])

const readTags = (value: Value | undefined): readonly TagEntry[] =>
  readItems(value).flatMap((item) => {
    const fields = readFields(item, ['key', 'value'])
    const key = readText(fields?.get('key'))
    const text = readText(fields?.get('value'))
    return key === null || text === null ? [] : [{ key, value: text }]
  })

const requireText = (fields: Fields, name: string, owner: Value): string => {
  const field = fields.get(name)
  if (field === undefined) report(owner, `The field ${name} is missing.`)
  return readText(field) ?? ''
}

const readEntry = (value: Value, fields: Fields): Entry => ({
  at: fields.get('name')?.at ?? value.at,
  path: value.path,
  name: requireText(fields, 'name', value),
  clientId: readText(fields.get('clientId')),
  description: readText(fields.get('description')),
  active: readFlag(fields.get('active')),
  tags: readTags(fields.get('tags')),
})

/** A scope: its value alone, or with what people read about it. */
const readScope = (value: Value): readonly ScopeEntry[] => {
  if (!isMapping(value)) {
    const text = readText(value)
    return text === null ? [] : [{ value: text, displayName: null, description: null }]
  }
  const fields = readFields(value, ['name', 'title', 'description'])
  if (fields === null) return []
  return [
    {
      value: requireText(fields, 'name', value),
      displayName: readText(fields.get('title')),
      description: readText(fields.get('description')),
    },
  ]
}

/** A role: its name alone, or with the scopes that it confers. */
const readRole = (value: Value): readonly RoleEntry[] => {
  const { at, path } = value
  if (isText(value))
    return [{ at, path, name: readText(value) ?? '', description: null, scopes: [] }]
  const fields = readFields(value, ['name', 'description', 'scopes'])
  if (fields === null) return []
  return [
    {
      at,
      path,
      name: requireText(fields, 'name', value),
      description: readText(fields.get('description')),
      scopes: readNames(fields.get('scopes')),
    },
  ]
}

const readApi = (value: Value): readonly ApiEntry[] => {
  const fields = readFields(value, apiFields)
  if (fields === null) return []
  return [
    {
      ...readEntry(value, fields),
      audience: requireText(fields, 'audience', value),
      secondaryAudiences: readTexts(fields.get('secondaryAudiences')),
      profile: readWord(fields.get('profile'), ['identity-domain', 'rfc9068']) ?? 'identity-domain',
      algorithm: readWord(fields.get('algorithm'), ['RS256', 'ES256']),
      tokenLifetimeSeconds: readDuration(fields.get('tokenLifetime')),
      certificateBound: readFlag(fields.get('certificateBound')) ?? false,
      scopes: readItems(fields.get('scopes')).flatMap(readScope),
      roles: readItems(fields.get('roles')).flatMap(readRole),
    },
  ]
}

const readAccess = (value: Value): readonly AccessEntry[] => {
  const fields = readFields(value, ['api', 'scopes', 'roles'])
  if (fields === null) return []
  const api = readNamed(fields.get('api'))
  if (api === null) {
    if (!fields.has('api')) report(value, 'The field api is missing.')
    return []
  }
  return [{ api, scopes: readNames(fields.get('scopes')), roles: readNames(fields.get('roles')) }]
}

const readApplication = (value: Value, source: DomainSource): readonly ApplicationEntry[] => {
  const fields = readFields(value, applicationFields)
  if (fields === null) return []
  const type = readWord(fields.get('type'), ['confidential', 'trusted', 'public']) ?? 'confidential'
  const grants = fields.get('grants')
  return [
    {
      ...readEntry(value, fields),
      type,
      grants:
        grants === undefined && type !== 'public' ? ['client_credentials'] : readTexts(grants),
      authentication: readAuthentication(fields.get('authentication'), source),
      access: readItems(fields.get('access')).flatMap(readAccess),
      reach: readWord(fields.get('reach'), ['specific', 'all', 'tagged']) ?? 'specific',
      reachTags: readTags(fields.get('reachTags')),
      defaultApi: readNamed(fields.get('defaultApi')),
      may: readTexts(fields.get('may')),
      certificateBound: readFlag(fields.get('certificateBound')) ?? false,
      rawBasic: readFlag(fields.get('rawBasic')) ?? false,
      assertionPolicy: readWord(fields.get('assertionPolicy'), ['identity-domain', 'issuer-only']),
      assertionAlgorithm: readText(fields.get('assertionAlgorithm')),
    },
  ]
}

/** Names are compared as the server compares them. */
export const nameKey = (name: string): string => name.normalize('NFC').toLowerCase()

const placeText = ({ at }: Pick<Entry, 'at'>): string => `${at.file}:${at.line}`

/** APIs and applications share one space of names, and a name stands for one of them. */
const refuseRepeated = (entries: readonly Entry[], mistakes: Mistake[]): void => {
  const seen = new Map<string, Entry>()
  for (const entry of entries) {
    const key = nameKey(entry.name)
    const before = seen.get(key)
    if (before !== undefined && entry.name !== '') {
      const what = `"${entry.name}" is there already (${placeText(before)}).`
      mistakes.push({ at: entry.at, path: `${entry.path}.name`, what })
    }
    seen.set(key, before ?? entry)
  }
}

/**
 * Reads the files of a domain, and finds all that is wrong with them at once.
 * @returns the document, or every mistake with its place
 */
export const readDomainFile = (
  source: DomainSource,
): Result<DomainDocument, readonly Mistake[]> => {
  const mistakes: Mistake[] = []
  const apis: ApiEntry[] = []
  const applications: ApplicationEntry[] = []
  const inOrder: Entry[] = []
  for (const file of source.files) {
    const root = openFile(file, mistakes)
    if (root === null || root.node === null) continue
    const fields = readFields(root, ['apis', 'applications'])
    if (fields === null) continue
    const ownApis = readItems(fields.get('apis')).flatMap(readApi)
    const own = readItems(fields.get('applications')).flatMap((item) =>
      readApplication(item, source),
    )
    apis.push(...ownApis)
    applications.push(...own)
    inOrder.push(...ownApis, ...own)
  }
  refuseRepeated(inOrder, mistakes)
  return mistakes.length > 0 ? fail(mistakes) : ok({ apis, applications })
}
