/** What one operation of a PATCH does to one attribute (RFC 7644 §3.5.2). */
import { type AdministrationRefusal, refuseChange } from './administration-refusal.ts'
import { attributesInside, evaluateValueFilter } from './evaluate-filter.ts'
import {
  addItems,
  isEmptyObject,
  isObject,
  isUnassigned,
  type Json,
  keepOnePrimary,
  knownAttribute,
  mergeMembers,
  patchListMax,
  readListItem,
  readMembers,
  readPatchValue,
  unknownAttribute,
  writtenJson,
} from './patch-value.ts'
import type { ResourceAttribute } from './resource-attribute.ts'
import { ok, type Result } from './result.ts'
import { sameAttributeName } from './rfc7644-attribute-path.ts'
import type { Filter } from './rfc7644-filter.ts'
import { isReservedName, type PatchOperation, type PatchPath } from './rfc7644-patch.ts'

/** What an operation does to one attribute; a `remove` has the value null. */
export interface Change {
  readonly op: PatchOperation['op']
  readonly value: unknown
  /** For messages: `Operations[2]`. */
  readonly at: string
}

export type Changed = Result<unknown, AdministrationRefusal>

/** Members of the resource, or of one of its extensions. */
export type Members = Map<string, unknown>

export const refused = (
  reason: AdministrationRefusal['reason'],
  at: string,
  what: string,
  fix?: string,
) => refuseChange(reason, `${at}: ${what}`, { at, ...(fix === undefined ? {} : { fix }) })

const readOnlyRefusal = (at: string, name: string) =>
  refused('ATTRIBUTE_READ_ONLY', at, `${name} is read-only.`, 'Leave it out.')

/** Whether the mutability of an attribute allows this value after that one. */
const settle = (
  before: unknown,
  after: unknown,
  attribute: ResourceAttribute,
  at: string,
  name = attribute.name,
): Changed => {
  const value = isUnassigned(after) ? undefined : after
  const isSame = writtenJson(before, attribute) === writtenJson(value, attribute)
  if (attribute.mutability === 'immutable' && !isUnassigned(before) && !isSame) {
    return refused('ATTRIBUTE_IMMUTABLE', at, `${name} cannot be changed once it is set.`)
  }
  if (attribute.required && value === undefined) {
    return refused('ATTRIBUTE_MISSING', at, `${name} is required, so it cannot be removed.`)
  }
  return ok(value)
}

/** Immutable members of an object that stays what it is, e.g. `value` of a membership. */
const settleMembers = (
  before: unknown,
  after: Json,
  attribute: ResourceAttribute,
  at: string,
): Result<Json, AdministrationRefusal> => {
  for (const sub of attribute.sub) {
    const old = isObject(before) && Object.hasOwn(before, sub.name) ? before[sub.name] : undefined
    const value = Object.hasOwn(after, sub.name) ? after[sub.name] : undefined
    if (sub.mutability === 'readOnly') continue
    const settled = settle(old, value, sub, at, `${attribute.name}.${sub.name}`)
    if (!settled.ok) return settled
  }
  return ok(after)
}

const mergeInto = (before: unknown, attribute: ResourceAttribute, change: Change): Changed => {
  const members = readMembers(change.value, attribute, change.at)
  if (!members.ok) return members
  return settleMembers(before, mergeMembers(before, members.value), attribute, change.at)
}

/** The member that a dot names, of one object. */
export const changeSub = (
  before: unknown,
  attribute: ResourceAttribute,
  name: string,
  change: Change,
): Changed => {
  const { at } = change
  if (attribute.sub.length === 0) {
    if (isReservedName(name)) return unknownAttribute([], name, at)
    return ok(mergeMembers(before, { [name]: change.value }))
  }
  const sub = knownAttribute(attribute.sub, name, at)
  if (!sub.ok) return sub
  if (sub.value.mutability === 'readOnly') {
    return readOnlyRefusal(at, `${attribute.name}.${sub.value.name}`)
  }
  const value = readPatchValue(change.value, sub.value, at)
  if (!value.ok) return value
  const after = mergeMembers(before, { [sub.value.name]: value.value })
  if (change.op === 'remove' && !isObject(before)) return ok(before)
  return settleMembers(before, after, attribute, at)
}

const checkListLength = (
  items: readonly unknown[],
  attribute: ResourceAttribute,
  at: string,
): Changed => {
  if (items.length <= patchListMax) return ok(items)
  return refused('VALUE_INVALID', at, `${attribute.name} has at most ${patchListMax} values.`)
}

/** An attribute that the path names as a whole. */
export const changeWhole = (
  before: unknown,
  attribute: ResourceAttribute,
  change: Change,
): Changed => {
  const { op, value, at } = change
  if (op === 'remove' || isUnassigned(value)) return ok(op === 'add' ? before : undefined)
  if (attribute.type === 'object') return mergeInto(before, attribute, change)
  const isSeveral = attribute.type === 'list' || attribute.type === 'objects'
  if (!isSeveral || op !== 'add') return readPatchValue(value, attribute, at)
  const added = readPatchValue(Array.isArray(value) ? value : [value], attribute, at)
  if (!added.ok) return added
  const items = addItems(Array.isArray(before) ? before : [], added.value as unknown[], attribute)
  return checkListLength(items, attribute, at)
}

/** The values of a list that a filter selects. */
const changeSelected = (
  before: unknown,
  attribute: ResourceAttribute,
  selection: { readonly filter: Filter; readonly sub: string | null },
  change: Change,
): Changed => {
  const { op, at } = change
  if (attribute.type !== 'list' && attribute.type !== 'objects') {
    const what = `${attribute.name} is no list, so nothing of it can be selected by brackets.`
    return refused('PATCH_PATH_INVALID', at, what)
  }
  const { filter, sub } = selection
  const inside = attributesInside(attribute)
  const strange = strangeName(filter, inside)
  if (strange !== null) return unknownAttribute(inside, strange, at)
  const items: unknown[] = []
  let selected = 0
  for (const item of Array.isArray(before) ? before : []) {
    if (!evaluateValueFilter(filter, item, inside)) {
      items.push(item)
      continue
    }
    selected++
    if (sub === null && (op === 'remove' || isUnassigned(change.value))) continue
    const changed = changeItem(item, attribute, sub, change)
    if (!changed.ok) return changed
    if (!isEmptyObject(changed.value)) items.push(changed.value)
  }
  if (selected > 0) return ok(items)
  const what = `no value of ${attribute.name} matches the filter in the path.`
  return refused('PATCH_NO_TARGET', at, what)
}

const changeItem = (
  item: unknown,
  attribute: ResourceAttribute,
  sub: string | null,
  change: Change,
): Changed => {
  if (attribute.type === 'list') {
    if (sub === null || sameAttributeName(sub, 'value')) {
      return readListItem(change.value, attribute, change.at)
    }
    return unknownAttribute(attributesInside(attribute), sub, change.at)
  }
  if (sub !== null) return changeSub(item, attribute, sub, change)
  if (change.op === 'add') return mergeInto(item, attribute, change)
  const replaced = readListItem(change.value, attribute, change.at)
  if (!replaced.ok) return replaced
  return settleMembers(item, replaced.value as Json, attribute, change.at)
}

/** A name in a filter that no attribute has; null: all are known. */
const strangeName = (filter: Filter, inside: readonly ResourceAttribute[]): string | null => {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.reduce<string | null>(
        (found, each) => found ?? strangeName(each, inside),
        null,
      )
    case 'not':
      return strangeName(filter.filter, inside)
    default: {
      const { name } = filter.path
      if (inside.length === 0) return isReservedName(name) ? name : null
      return inside.some((each) => sameAttributeName(each.name, name)) ? null : name
    }
  }
}

/** One operation on the members among which its attribute is. */
export const changeAttribute = (
  members: Members,
  known: readonly ResourceAttribute[],
  path: PatchPath,
  change: Change,
): Result<null, AdministrationRefusal> => {
  const { at } = change
  const { name, sub } = path.attribute
  const found = knownAttribute(known, name, at)
  if (!found.ok) return found
  const attribute = found.value
  if (attribute.mutability === 'readOnly') return readOnlyRefusal(at, attribute.name)
  const before = members.get(attribute.name)
  let after: Changed
  if (path.filter !== null) {
    after = changeSelected(before, attribute, { filter: path.filter, sub: path.sub }, change)
  } else if (sub === null) {
    after = changeWhole(before, attribute, change)
  } else if (attribute.type === 'object') {
    after = changeSub(before, attribute, sub, change)
  } else {
    const isList = attribute.type === 'objects'
    const fix = isList ? `Say which value, e.g. ${attribute.name}[value eq "…"].${sub}.` : undefined
    const what = `${attribute.name} has no sub-attribute of its own.`
    return refused('PATCH_PATH_INVALID', at, what, fix)
  }
  if (!after.ok) return after
  const kept = isEmptyObject(after.value) ? null : keepOnePrimary(before, after.value, attribute)
  const settled = settle(before, kept, attribute, at)
  if (!settled.ok) return settled
  if (settled.value === undefined) members.delete(attribute.name)
  else members.set(attribute.name, settled.value)
  return ok(null)
}
