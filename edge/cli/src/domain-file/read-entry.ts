import type { AccessEntry, Entry, KeptAttributes, Named, TagEntry } from './domain-document.ts'
import {
  isMapping,
  plainValue,
  readFields,
  readFlag,
  readItems,
  readText,
  report,
  type Value,
} from './yaml-node.ts'

export type Fields = ReadonlyMap<string, Value>

/** What every entry can say. */
export const entryFields = ['name', 'clientId', 'description', 'active', 'tags', 'attributes']

export const readTexts = (value: Value | undefined): readonly string[] =>
  readItems(value).flatMap((item) => readText(item) ?? [])

export const readNamed = (value: Value | undefined): Named | null => {
  const text = readText(value)
  return text === null || value === undefined
    ? null
    : { value: text, at: value.at, path: value.path }
}

export const readNames = (value: Value | undefined): readonly Named[] =>
  readItems(value).flatMap((item) => readNamed(item) ?? [])

export const readTags = (value: Value | undefined): readonly TagEntry[] =>
  readItems(value).flatMap((item) => {
    const fields = readFields(item, ['key', 'value'])
    const key = readText(fields?.get('key'))
    const text = readText(fields?.get('value'))
    return key === null || text === null ? [] : [{ key, value: text }]
  })

/** A mapping that is passed on as it is. */
export const readKept = (value: Value | undefined): KeptAttributes => {
  if (value === undefined) return {}
  if (isMapping(value)) return plainValue(value) as KeptAttributes
  report(value, 'This must be a mapping.')
  return {}
}

export const requireText = (fields: Fields, name: string, owner: Value): string => {
  const field = fields.get(name)
  if (field === undefined) report(owner, `The field ${name} is missing.`)
  return readText(field) ?? ''
}

export const readEntry = (value: Value, fields: Fields): Entry => ({
  at: fields.get('name')?.at ?? value.at,
  path: value.path,
  name: requireText(fields, 'name', value),
  clientId: readText(fields.get('clientId')),
  description: readText(fields.get('description')),
  active: readFlag(fields.get('active')),
  tags: readTags(fields.get('tags')),
  attributes: readKept(fields.get('attributes')),
})

/** `access:`: what somebody may do at an API. */
export const readAccess = (value: Value): readonly AccessEntry[] => {
  const fields = readFields(value, ['api', 'scopes', 'roles'])
  if (fields === null) return []
  const api = readNamed(fields.get('api'))
  if (api === null) {
    if (!fields.has('api')) report(value, 'The field api is missing.')
    return []
  }
  return [{ api, scopes: readNames(fields.get('scopes')), roles: readNames(fields.get('roles')) }]
}

/** The same where only roles can be given. */
export const readRolesOnly = (value: Value): readonly AccessEntry[] => {
  const entries = readAccess(value)
  const scoped = entries.some(({ scopes }) => scopes.length > 0)
  if (scoped) report(value, 'Users and groups have roles, not scopes.')
  return entries
}
