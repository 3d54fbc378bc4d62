/** PATCH bodies (RFC 7644 §3.5.2): operations with typed paths. `apply-patch.ts` applies them. */
import { type AdministrationRefusal, refuseChange } from './administration-refusal.ts'
import { didYouMean } from './closest-name.ts'
import { fail, ok, type Result } from './result.ts'
import {
  type AttributePath,
  attributePathCharsMax,
  readAttributePath,
  type SyntaxFault,
  sameAttributeName,
  scanAttributePath,
} from './rfc7644-attribute-path.ts'
import { type Filter, filterCharsMax, scanValueFilter } from './rfc7644-filter.ts'

export const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
export const patchOperationsMax = 100
/** In the paths of one PATCH, all together: each is held against every value of a list. */
export const patchComparisonsMax = 500
const valueDepthMax = 20

/** `attribute`, or `attribute[filter]` with or without `.sub`; then `attribute.sub` is null. */
export interface PatchPath {
  readonly attribute: AttributePath
  /** null: no brackets. */
  readonly filter: Filter | null
  /** The name after `].`. */
  readonly sub: string | null
}

export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove'
  /** null: the resource itself, whose attributes are the members of `value`. */
  readonly path: PatchPath | null
  /** null with `remove`; null with `replace` means no value (RFC 7643 §2.5). */
  readonly value: unknown
}

type Json = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const malformed = (what: string, at: string, fix?: string) =>
  refuseChange('PATCH_MALFORMED', what, { at, ...(fix === undefined ? {} : { fix }) })

/** Reads `attribute`, `attribute[filter]`, or `attribute[filter].sub`. */
export const readPatchPath = (text: string): Result<PatchPath, SyntaxFault> => {
  const attribute = scanAttributePath(text, 0)
  if (!attribute.ok) return attribute
  const { value: path, end } = attribute.value
  if (end === text.length) return ok({ attribute: path, filter: null, sub: null })
  if (text[end] !== '[') return fail({ column: end + 1, expected: "'[' or the end" })
  if (path.sub !== null) {
    const expected = "the end: '[' follows a list, not its sub-attribute"
    return fail({ column: end + 1, expected })
  }
  const filter = scanValueFilter(text, end + 1)
  if (!filter.ok) return filter
  const behind = filter.value.end
  const read = { attribute: path, filter: filter.value.value }
  if (behind === text.length) return ok({ ...read, sub: null })
  if (text[behind] !== '.') return fail({ column: behind + 1, expected: "'.' or the end" })
  const sub = readAttributePath(text.slice(behind + 1))
  if (!sub.ok) {
    const { column, expected } = sub.failure
    return fail({ column: behind + 1 + column, expected })
  }
  if (sub.value.urn === null && sub.value.sub === null) return ok({ ...read, sub: sub.value.name })
  return fail({ column: behind + 2, expected: 'the name of a sub-attribute, without dot or URN' })
}

const readPath = (
  value: unknown,
  where: string,
): Result<PatchPath | null, AdministrationRefusal> => {
  if (value === undefined || value === null) return ok(null)
  const at = `${where}.path`
  if (typeof value !== 'string') return malformed(`${at} must be a text.`, at)
  if (value.length > filterCharsMax + attributePathCharsMax) {
    return refuseChange('PATCH_PATH_INVALID', `${at} is too long.`, { at })
  }
  const path = readPatchPath(value)
  if (path.ok) return path
  const { column, expected } = path.failure
  return refuseChange('PATCH_PATH_INVALID', `${at} column ${column}: expected ${expected}.`, {
    fix: 'Example: displayName, or scopes[value eq "read"].description',
    at: `${at}:${column}`,
  })
}

const namesReserved: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** Whether a name is one that JavaScript objects have by themselves. */
export const isReservedName = (name: string): boolean => namesReserved.has(name.toLowerCase())

/** Also inside attributes with free content, which no schema looks into. */
const checkValue = (
  value: unknown,
  at: string,
  depth: number,
): Result<null, AdministrationRefusal> => {
  if (typeof value !== 'object' || value === null) return ok(null)
  if (depth === valueDepthMax) {
    return malformed(`${at} has more than ${valueDepthMax} levels.`, at)
  }
  for (const [name, each] of Object.entries(value)) {
    if (!Array.isArray(value) && isReservedName(name)) {
      return refuseChange('ATTRIBUTE_UNKNOWN', `${at}: there is no attribute "${name}".`, { at })
    }
    const inside = checkValue(each, at, depth + 1)
    if (!inside.ok) return inside
  }
  return ok(null)
}

const membersKnown = ['op', 'path', 'value']
const operations = ['add', 'replace', 'remove'] as const

const strangeMember = (
  body: Json,
  known: readonly string[],
  what: string,
  where = '',
): Result<null, AdministrationRefusal> => {
  const strange = Object.keys(body).find((each) => !known.includes(each))
  if (strange === undefined) return ok(null)
  const name = strange.slice(0, 100)
  const fix = didYouMean(name, known) ?? `Known are: ${known.join(', ')}.`
  return malformed(`${what} has no member "${name}".`, `${where}${name}`, fix)
}

const readOperation = (
  body: unknown,
  index: number,
): Result<PatchOperation, AdministrationRefusal> => {
  const where = `Operations[${index}]`
  if (!isObject(body)) return malformed(`${where} must be an object.`, where)
  const strange = strangeMember(body, membersKnown, where, `${where}.`)
  if (!strange.ok) return strange
  const written = typeof body['op'] === 'string' ? body['op'].toLowerCase() : null
  const op = operations.find((each) => each === written)
  if (op === undefined) return malformed(`${where}.op must be add, replace or remove.`, where)
  const path = readPath(body['path'], where)
  if (!path.ok) return path
  const value = body['value']
  if (op === 'remove') {
    if (path.value === null) {
      const what = `${where}: remove needs a path.` // RFC 7644 §3.5.2.2
      return refuseChange('PATCH_NO_TARGET', what, { at: `${where}.path` })
    }
    if (value === undefined || value === null) return ok({ op, path: path.value, value: null })
    const fix = 'Name what goes in the path, e.g. members[value eq "…"].'
    return malformed(`${where}: remove has no value.`, `${where}.value`, fix)
  }
  if (value === undefined) return malformed(`${where}: ${op} needs a value.`, `${where}.value`)
  if (path.value === null && !isObject(value)) {
    const what = `${where}.value must be an object, because there is no path.`
    return malformed(what, `${where}.value`)
  }
  const names = checkValue(value, `${where}.value`, 0)
  return names.ok ? ok({ op, path: path.value, value }) : names
}

const comparisonsIn = (filter: Filter): number => {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.reduce((sum, each) => sum + comparisonsIn(each), 0)
    case 'not':
    case 'valuePath':
      return comparisonsIn(filter.filter)
    case 'present':
    case 'compare':
      return 1
  }
}

/**
 * Reads the body of a PATCH.
 * @param body the parsed JSON; `op` in any case, because Oracle's SDK sends it in upper case
 * @returns the operations; PATCH_MALFORMED, PATCH_PATH_INVALID, PATCH_NO_TARGET (`remove` without
 * path) or ATTRIBUTE_UNKNOWN with the index of the operation; SCHEMA_MISSING
 */
export const readPatch = (
  body: unknown,
): Result<readonly PatchOperation[], AdministrationRefusal> => {
  if (!isObject(body)) return refuseChange('BODY_NOT_AN_OBJECT', 'The body must be a JSON object.')
  const strange = strangeMember(body, ['schemas', 'Operations'], 'A PATCH')
  if (!strange.ok) return strange
  const schemas: unknown = body['schemas']
  const isPatch = (each: unknown) =>
    typeof each === 'string' && sameAttributeName(each, patchSchema)
  if (!Array.isArray(schemas) || schemas.length !== 1 || !schemas.every(isPatch)) {
    const fix = `Write "schemas": ["${patchSchema}"].`
    return refuseChange('SCHEMA_MISSING', 'schemas must be that of a PATCH.', {
      at: 'schemas',
      fix,
    })
  }
  const list = body['Operations']
  if (!Array.isArray(list) || list.length === 0) {
    return malformed('Operations must be a list with at least one operation.', 'Operations')
  }
  if (list.length > patchOperationsMax) {
    const what = `A PATCH has at most ${patchOperationsMax} operations.`
    return refuseChange('PATCH_MALFORMED', what, { why: `This one has ${list.length}.` })
  }
  const read: PatchOperation[] = []
  let comparisons = 0
  for (const [index, each] of list.entries()) {
    const operation = readOperation(each, index)
    if (!operation.ok) return operation
    const filter = operation.value.path?.filter ?? null
    comparisons += filter === null ? 0 : comparisonsIn(filter)
    if (comparisons > patchComparisonsMax) {
      const what = `The paths of a PATCH have at most ${patchComparisonsMax} comparisons.`
      return malformed(what, `Operations[${index}].path`, 'Send several.')
    }
    read.push(operation.value)
  }
  return ok(read)
}
