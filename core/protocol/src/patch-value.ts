/** The values that a PATCH puts into a resource (RFC 7644 §3.5.2), by their attribute's type. */
import { type AdministrationRefusal, refuseChange } from './administration-refusal.ts'
import { didYouMean } from './closest-name.ts'
import type { ResourceAttribute } from './resource-attribute.ts'
import { ok, type Result } from './result.ts'
import { sameAttributeName } from './rfc7644-attribute-path.ts'

export type Json = Readonly<Record<string, unknown>>
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Values of one list; more would be refused when the resource is read. */
export const patchListMax = 2000

/** RFC 7643 §2.5: null and an empty list are no value. */
export const isUnassigned = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0)

export const isEmptyObject = (value: unknown): boolean =>
  isObject(value) && Object.keys(value).length === 0

/** The same text for the same JSON, whatever the order of members. */
const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value) ?? 'null'
  const names = Object.keys(value).sort()
  const members = names.map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name])}`)
  return `{${members.join(',')}}`
}

/** The refusal of a name that no attribute has, with a guess at which was meant. */
export const unknownAttribute = (
  known: readonly ResourceAttribute[],
  name: string,
  at: string,
): { readonly ok: false; readonly failure: AdministrationRefusal } => {
  const names = known.map((each) => each.name)
  const few = names.length <= 20 && names.length > 0 ? `Known are: ${names.join(', ')}.` : undefined
  const fix = didYouMean(name, names) ?? few
  const what = `${at}: there is no attribute "${name.slice(0, 100)}".`
  return refuseChange('ATTRIBUTE_UNKNOWN', what, { at, ...(fix === undefined ? {} : { fix }) })
}

/** The attribute of a name, whatever its case. */
export const knownAttribute = (
  known: readonly ResourceAttribute[],
  name: string,
  at: string,
): Result<ResourceAttribute, AdministrationRefusal> => {
  const attribute = known.find((each) => sameAttributeName(each.name, name))
  return attribute === undefined ? unknownAttribute(known, name, at) : ok(attribute)
}

const typeNames: Readonly<Record<ResourceAttribute['type'], string>> = {
  string: 'a text',
  boolean: 'true or false',
  integer: 'a whole number',
  list: 'a list of texts',
  object: 'an object',
  objects: 'a list of objects',
}

const wrongType = (at: string, attribute: ResourceAttribute, wanted = typeNames[attribute.type]) =>
  refuseChange('ATTRIBUTE_TYPE_WRONG', `${at}: ${attribute.name} must be ${wanted}.`, { at })

/**
 * One object: names known and in their own spelling, unassigned and read-only members left out,
 * because what was read may be sent back.
 */
export const readMembers = (
  value: unknown,
  attribute: ResourceAttribute,
  at: string,
): Result<Json, AdministrationRefusal> => {
  if (attribute.shorthand !== null && typeof value === 'string') {
    return ok({ [attribute.shorthand]: value })
  }
  if (!isObject(value)) return wrongType(at, attribute, 'an object')
  if (attribute.sub.length === 0) return ok(value)
  const members = new Map<string, unknown>()
  for (const [name, each] of Object.entries(value)) {
    const sub = knownAttribute(attribute.sub, name, at)
    if (!sub.ok) return sub
    if (members.has(sub.value.name)) {
      const what = `${at}: ${attribute.name}.${sub.value.name} is there twice.`
      return refuseChange('ATTRIBUTE_REPEATED', what, { at })
    }
    if (sub.value.mutability === 'readOnly') continue
    const read = readPatchValue(each, sub.value, at)
    if (!read.ok) return read
    members.set(sub.value.name, read.value)
  }
  return ok(Object.fromEntries(members))
}

/** One value of a list. */
export const readListItem = (
  value: unknown,
  attribute: ResourceAttribute,
  at: string,
): Result<unknown, AdministrationRefusal> => {
  if (attribute.type === 'objects') {
    const members = readMembers(value, attribute, at)
    return members.ok ? ok(mergeMembers({}, members.value)) : members
  }
  return typeof value === 'string' ? ok(value) : wrongType(at, attribute)
}

const readList = (
  value: readonly unknown[],
  attribute: ResourceAttribute,
  at: string,
): Result<readonly unknown[], AdministrationRefusal> => {
  if (value.length > patchListMax) {
    const what = `${at}: ${attribute.name} has at most ${patchListMax} values.`
    return refuseChange('VALUE_INVALID', what, { at })
  }
  const items: unknown[] = []
  for (const each of value) {
    const item = readListItem(each, attribute, at)
    if (!item.ok) return item
    items.push(item.value)
  }
  return ok(items)
}

/** A value of an attribute's type; null is of every type and means none. */
export const readPatchValue = (
  value: unknown,
  attribute: ResourceAttribute,
  at: string,
): Result<unknown, AdministrationRefusal> => {
  if (isUnassigned(value)) return ok(null)
  switch (attribute.type) {
    case 'string':
      return typeof value === 'string' ? ok(value) : wrongType(at, attribute)
    case 'boolean':
      return typeof value === 'boolean' ? ok(value) : wrongType(at, attribute)
    case 'integer':
      return Number.isSafeInteger(value) ? ok(value) : wrongType(at, attribute)
    case 'object':
      return readMembers(value, attribute, at)
    case 'list':
    case 'objects':
      return Array.isArray(value) ? readList(value, attribute, at) : wrongType(at, attribute)
  }
}

/** An object with other members on top; a member that is null goes. */
export const mergeMembers = (before: unknown, members: Json): Json => {
  const merged = new Map(Object.entries(isObject(before) ? before : {}))
  for (const [name, value] of Object.entries(members)) {
    if (isUnassigned(value)) merged.delete(name)
    else merged.set(name, value)
  }
  return Object.fromEntries(merged)
}

/** An object without what only the server writes. */
const writtenMembers = (value: unknown, attribute: ResourceAttribute): unknown => {
  if (!isObject(value)) return value
  const readOnly = attribute.sub.filter((each) => each.mutability === 'readOnly')
  if (readOnly.length === 0) return value
  const isReadOnly = (name: string) => readOnly.some((each) => sameAttributeName(each.name, name))
  return Object.fromEntries(Object.entries(value).filter(([name]) => !isReadOnly(name)))
}

/** Values of an attribute compare equal when this does: as an administrator can write them. */
export const writtenJson = (value: unknown, attribute: ResourceAttribute): string =>
  canonicalJson(
    Array.isArray(value)
      ? value.map((each) => writtenMembers(each, attribute))
      : writtenMembers(value, attribute),
  )

/** What tells a value of a list from the others: its composite key, or all that can be written. */
const itemKey = (item: unknown, attribute: ResourceAttribute): string => {
  const { compositeKey } = attribute
  if (compositeKey === undefined || !isObject(item)) return writtenJson(item, attribute)
  return canonicalJson(compositeKey.map((name) => (Object.hasOwn(item, name) ? item[name] : null)))
}

const isPrimary = (item: unknown): boolean => isObject(item) && item['primary'] === true

/** RFC 7644 §3.5.2: when a value becomes the primary one, no other is any longer. */
export const keepOnePrimary = (
  before: unknown,
  after: unknown,
  attribute: ResourceAttribute,
): unknown => {
  if (attribute.type !== 'objects' || !Array.isArray(before) || !Array.isArray(after)) return after
  if (!attribute.sub.some((each) => each.name === 'primary')) return after
  const chosen = after.findLastIndex((each, at) => isPrimary(each) && !isPrimary(before[at]))
  if (chosen === -1 || after.length < before.length) return after
  return after.map((each, at) =>
    at !== chosen && isPrimary(each) ? { ...each, primary: false } : each,
  )
}

/** RFC 7644 §3.5.2.1: what is there already is not added again; one of the same key is updated. */
export const addItems = (
  before: readonly unknown[],
  added: readonly unknown[],
  attribute: ResourceAttribute,
): readonly unknown[] => {
  const items = [...before]
  const places = new Map(items.map((each, at) => [itemKey(each, attribute), at]))
  for (const each of added) {
    const key = itemKey(each, attribute)
    const place = places.get(key)
    if (place === undefined) places.set(key, items.push(each) - 1)
    else if (isObject(each)) items[place] = mergeMembers(items[place], each)
  }
  return items
}
