/**
 * PATCH on a resource in memory (RFC 7644 §3.5.2). An allow-list by type: nothing can be named
 * that the resource's attributes do not name, and nothing is inherited from an object's prototype.
 * Lengths, enumerations and rules between attributes are for who reads the result.
 */
import type { AdministrationRefusal } from './administration-refusal.ts'
import {
  type Change,
  type Changed,
  changeAttribute,
  changeSub,
  changeWhole,
  type Members,
  refused,
} from './patch-attribute.ts'
import { isObject, type Json, unknownAttribute } from './patch-value.ts'
import type { ResourceAttribute, ResourceAttributes } from './resource-attribute.ts'
import { ok, type Result } from './result.ts'
import {
  type AttributePath,
  readAttributePath,
  sameAttributeName,
  writeAttributePath,
} from './rfc7644-attribute-path.ts'
import type { PatchOperation, PatchPath } from './rfc7644-patch.ts'

/** The resource while it is patched: extensions are copied when they are touched. */
interface Patched {
  readonly root: Members
  readonly all: ResourceAttributes
}

const changeInside = (
  patched: Patched,
  urn: string,
  change: (members: Members) => Result<null, AdministrationRefusal>,
): Result<null, AdministrationRefusal> => {
  const before = patched.root.get(urn)
  const members: Members = new Map(Object.entries(isObject(before) ? before : {}))
  const changed = change(members)
  if (!changed.ok) return changed
  if (members.size === 0) patched.root.delete(urn)
  else patched.root.set(urn, Object.fromEntries(members))
  return changed
}

/** An extension whose content is free: its members, or all of it. */
const changeKept = (
  patched: Patched,
  urn: string,
  path: PatchPath | null,
  change: Change,
): Result<null, AdministrationRefusal> => {
  const { op, value, at } = change
  const free: ResourceAttribute = {
    ...{ name: urn, type: 'object', mutability: 'readWrite', required: false },
    ...{ sub: [], shorthand: null },
  }
  return changeInside(patched, urn, (members) => {
    let after: Changed
    if (path === null) after = changeWhole(Object.fromEntries(members), free, change)
    else if (path.filter === null && path.attribute.sub === null) {
      after = changeSub(Object.fromEntries(members), free, path.attribute.name, { op, value, at })
    } else {
      return refused('PATCH_PATH_INVALID', at, `${urn} is patched by whole attributes.`)
    }
    if (!after.ok) return after
    members.clear()
    for (const [name, each] of Object.entries(isObject(after.value) ? after.value : {})) {
      members.set(name, each)
    }
    return ok(null)
  })
}

/** All members of an object, each as an operation of its own. */
const changeEach = (
  value: unknown,
  at: string,
  changeOne: (name: string, value: unknown) => Result<null, AdministrationRefusal>,
): Result<null, AdministrationRefusal> => {
  if (!isObject(value)) return refused('ATTRIBUTE_TYPE_WRONG', at, 'the value must be an object.')
  for (const [name, each] of Object.entries(value)) {
    const changed = changeOne(name, each)
    if (!changed.ok) return changed
  }
  return ok(null)
}

const wholePath = (attribute: AttributePath): PatchPath => ({ attribute, filter: null, sub: null })

/** The extension as a whole: members one by one; removed or null, every member goes. */
const changeExtension = (
  patched: Patched,
  extension: NonNullable<ResourceAttributes['extension']>,
  change: Change,
): Result<null, AdministrationRefusal> =>
  changeInside(patched, extension.urn, (members) => {
    const { op, value, at } = change
    const goes = op === 'remove' || value === null
    const written = extension.attributes.filter((one) => one.mutability !== 'readOnly')
    const names = written.map((one) => one.name).filter((name) => members.has(name))
    const each = goes ? Object.fromEntries(names.map((name) => [name, null])) : value
    return changeEach(each, at, (name, one) => {
      const path = wholePath({ urn: extension.urn, name, sub: null })
      return changeAttribute(members, extension.attributes, path, { ...change, value: one })
    })
  })

const changeResource = (
  patched: Patched,
  path: PatchPath | null,
  change: Change,
): Result<null, AdministrationRefusal> => {
  const { root, all } = patched
  const { at } = change
  if (path === null) {
    return changeEach(change.value, at, (name, value) => {
      const read = readAttributePath(name)
      if (!read.ok) return unknownAttribute(patched.all.attributes, name, at)
      return changeResource(patched, wholePath(read.value), { ...change, value })
    })
  }
  const { extension, keptExtensions } = all
  const whole = path.filter === null ? writeAttributePath(path.attribute) : ''
  if (extension !== null && sameAttributeName(whole, extension.urn)) {
    return changeExtension(patched, extension, change)
  }
  const kept = keptExtensions.find((each) => sameAttributeName(each, whole))
  if (kept !== undefined) return changeKept(patched, kept, null, change)
  const { urn } = path.attribute
  if (urn === null || sameAttributeName(urn, all.urn)) {
    const { name } = path.attribute
    const isKnown = all.attributes.some((each) => sameAttributeName(each.name, name))
    const inside = extension?.attributes.find((each) => sameAttributeName(each.name, name))
    if (isKnown || extension === null || inside === undefined) {
      return changeAttribute(root, all.attributes, path, change)
    }
    const fix = `Write ${extension.urn}:${inside.name}.`
    return refused('ATTRIBUTE_UNKNOWN', at, `there is no attribute "${name}" by itself.`, fix)
  }
  if (extension !== null && sameAttributeName(urn, extension.urn)) {
    const { attributes } = extension
    return changeInside(patched, extension.urn, (members) =>
      changeAttribute(members, attributes, path, change),
    )
  }
  const keptUrn = keptExtensions.find((each) => sameAttributeName(each, urn))
  if (keptUrn !== undefined) return changeKept(patched, keptUrn, path, change)
  return unknownAttribute(all.attributes, writeAttributePath(path.attribute), at)
}

/**
 * Applies operations one after the other; all of them, or none.
 * @param resource its JSON under the attributes' own spelling; not changed
 * @param attributes what can be named: everything else is ATTRIBUTE_UNKNOWN
 * @returns the resource afterwards; ATTRIBUTE_READ_ONLY, ATTRIBUTE_IMMUTABLE, ATTRIBUTE_MISSING (a
 * required one would go), ATTRIBUTE_TYPE_WRONG, PATCH_PATH_INVALID, PATCH_NO_TARGET (the filter in
 * the path matches nothing), each with the index of the operation
 */
export const applyPatch = (
  resource: Json,
  operations: readonly PatchOperation[],
  attributes: ResourceAttributes,
): Result<Json, AdministrationRefusal> => {
  const patched: Patched = { root: new Map(Object.entries(resource)), all: attributes }
  for (const [index, { op, path, value }] of operations.entries()) {
    const changed = changeResource(patched, path, { op, value, at: `Operations[${index}]` })
    if (!changed.ok) return changed
  }
  return ok(Object.fromEntries(patched.root))
}
