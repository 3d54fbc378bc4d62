import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { didYouMean } from '@mintmark/protocol/closest-name'
import { ok, type Result } from '@mintmark/protocol/result'
import { type Attribute, findAttribute, type ResourceSchema } from './attribute.ts'

export type Json = Readonly<Record<string, unknown>>
export type Values = ReadonlyMap<string, unknown>

/** A resource as sent: every attribute known, of its type, under its own spelling. */
export interface ReadResource {
  readonly values: Values
  /** Sent although only the server sets them. */
  readonly readOnly: Values
  /** Our own attributes; null: the request says nothing of them. */
  readonly extension: { readonly values: Values; readonly readOnly: Values } | null
  /** Extensions that are kept as they are, by URN. */
  readonly keptExtensions: Values
}

const listItemsMax = 2000

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const refused = (reason: AdministrationRefusal['reason'], what: string, at: string, fix?: string) =>
  refuseChange(reason, what, { at, ...(fix === undefined ? {} : { fix }) })

const typeNames: Readonly<Record<Attribute['type'], string>> = {
  string: 'a text',
  boolean: 'true or false',
  integer: 'a whole number',
  list: 'a list of texts',
  object: 'an object',
  objects: 'a list of objects',
}

const readText = (value: unknown, attribute: Attribute, at: string) => {
  if (typeof value !== 'string') {
    return refused('ATTRIBUTE_TYPE_WRONG', `${at} must be a text.`, at)
  }
  if (value.length > attribute.charsMax) {
    const what = `${at} has at most ${attribute.charsMax} characters.`
    return refused('VALUE_TOO_LONG', what, at)
  }
  if (attribute.values.length > 0 && !attribute.values.includes(value)) {
    const fix = didYouMean(value, attribute.values) ?? `Known are: ${attribute.values.join(', ')}.`
    return refused('VALUE_INVALID', `${at} has no value "${value.slice(0, 100)}".`, at, fix)
  }
  return ok(value)
}

const readList = (
  value: unknown,
  at: string,
  readItem: (item: unknown, at: string) => Result<unknown, AdministrationRefusal>,
): Result<unknown, AdministrationRefusal> => {
  if (!Array.isArray(value)) return refused('ATTRIBUTE_TYPE_WRONG', `${at} must be a list.`, at)
  if (value.length > listItemsMax) {
    return refused('VALUE_INVALID', `${at} has at most ${listItemsMax} values.`, at)
  }
  const items: unknown[] = []
  for (const [index, each] of value.entries()) {
    const item = readItem(each, `${at}[${index}]`)
    if (!item.ok) return item
    items.push(item.value)
  }
  return ok(items)
}

/** Inside an object read-only attributes are passed over: what was read can be sent back. */
const readObject = (
  value: unknown,
  attribute: Attribute,
  at: string,
): Result<unknown, AdministrationRefusal> => {
  if (attribute.shorthand !== null && typeof value === 'string') {
    return ok({ [attribute.shorthand]: value })
  }
  if (!isObject(value)) return refused('ATTRIBUTE_TYPE_WRONG', `${at} must be an object.`, at)
  if (attribute.sub.length === 0) return ok(value)
  const inside = readValues(value, attribute.sub, `${at}.`)
  if (!inside.ok) return inside
  const missing = attribute.sub.find((each) => each.required && !inside.value.values.has(each.name))
  if (missing !== undefined) {
    const what = `Missing required attribute(s): ${at}.${missing.name}.`
    return refused('ATTRIBUTE_MISSING', what, `${at}.${missing.name}`)
  }
  return ok(Object.fromEntries(inside.value.values))
}

const readValue = (
  value: unknown,
  attribute: Attribute,
  at: string,
): Result<unknown, AdministrationRefusal> => {
  const wrong = () => {
    const what = `${at} must be ${typeNames[attribute.type]}.`
    return refused('ATTRIBUTE_TYPE_WRONG', what, at)
  }
  switch (attribute.type) {
    case 'string':
      return readText(value, attribute, at)
    case 'boolean':
      return typeof value === 'boolean' ? ok(value) : wrong()
    case 'integer':
      return Number.isSafeInteger(value) ? ok(value) : wrong()
    case 'list':
      return readList(value, at, (item, where) => readText(item, attribute, where))
    case 'object':
      return readObject(value, attribute, at)
    case 'objects':
      return readList(value, at, (item, where) => readObject(item, attribute, where))
  }
}

/** RFC 7643 §2.5: null and an empty list are the same as saying nothing. */
const isUnassigned = (value: unknown): boolean =>
  value === null || (Array.isArray(value) && value.length === 0)

const readValues = (
  object: Json,
  known: readonly Attribute[],
  prefix: string,
): Result<{ values: Values; readOnly: Values }, AdministrationRefusal> => {
  const values = new Map<string, unknown>()
  const readOnly = new Map<string, unknown>()
  const seen = new Set<string>()
  for (const [name, value] of Object.entries(object)) {
    const attribute = findAttribute(known, name)
    const at = `${prefix}${attribute?.name ?? name.slice(0, 100)}`
    if (attribute === undefined) {
      const names = known.map((each) => each.name)
      const few = names.length <= 20 ? `Known are: ${names.join(', ')}.` : undefined
      const fix = didYouMean(name, names) ?? few
      return refused('ATTRIBUTE_UNKNOWN', `There is no attribute "${at}".`, at, fix)
    }
    if (seen.has(attribute.name)) {
      return refused('ATTRIBUTE_REPEATED', `${at} is there twice.`, at)
    }
    seen.add(attribute.name)
    if (attribute.mutability === 'readOnly') {
      readOnly.set(attribute.name, value)
      continue
    }
    if (isUnassigned(value)) continue
    if (!attribute.kept) {
      return refused(
        'ATTRIBUTE_NOT_KEPT',
        `${at} is not kept here.`,
        at,
        attribute.instead ?? 'Leave it out.',
      )
    }
    const read = readValue(value, attribute, at)
    if (!read.ok) return read
    values.set(attribute.name, read.value)
  }
  return ok({ values, readOnly })
}

const checkSchemas = (
  schemas: unknown,
  schema: ResourceSchema,
): Result<null, AdministrationRefusal> => {
  const at = 'schemas'
  if (!Array.isArray(schemas) || schemas.length === 0) {
    const fix = `Add "schemas": ["${schema.urn}"].`
    return refused('SCHEMA_MISSING', 'Missing required attribute(s): schemas.', at, fix)
  }
  const extension = schema.extension === null ? [] : [schema.extension.urn]
  const known = [schema.urn, ...extension, ...schema.keptExtensions]
  const same = (left: unknown, right: string): boolean =>
    typeof left === 'string' && left.toLowerCase() === right.toLowerCase()
  const strange = schemas.find((each) => !known.some((urn) => same(each, urn)))
  if (strange !== undefined) {
    const fix = didYouMean(String(strange), known)
    const what = `${schema.resourceType} has no schema "${String(strange).slice(0, 200)}".`
    return refused('SCHEMA_UNKNOWN', what, at, fix)
  }
  if (schemas.some((each) => same(each, schema.urn))) return ok(null)
  return refused('SCHEMA_MISSING', `schemas must hold "${schema.urn}".`, at)
}

const checkRequired = (
  values: Values,
  schema: ResourceSchema,
): Result<null, AdministrationRefusal> => {
  const missing = schema.attributes
    .filter((each) => each.required && !values.has(each.name))
    .map((each) => each.name)
  if (missing.length === 0) return ok(null)
  const what = `Missing required attribute(s): ${missing.join(',')}.`
  return refused('ATTRIBUTE_MISSING', what, missing[0] as string)
}

/**
 * Reads a resource as POST and PUT send it.
 * @param body the parsed JSON
 * @returns SCHEMA_*, ATTRIBUTE_* or VALUE_* naming the attribute; what read-only attributes mean is
 * left to the caller, because POST passes over them (RFC 7644 §3.3) and PUT does not
 */
export const readResource = (
  body: unknown,
  schema: ResourceSchema,
): Result<ReadResource, AdministrationRefusal> => {
  if (!isObject(body)) return refuseChange('BODY_NOT_AN_OBJECT', 'The body must be a JSON object.')
  const schemas = checkSchemas(body['schemas'], schema)
  if (!schemas.ok) return schemas
  const core: Record<string, unknown> = {}
  const keptExtensions = new Map<string, unknown>()
  let extensionBody: unknown
  for (const [name, value] of Object.entries(body)) {
    if (name === schema.extension?.urn) extensionBody = value
    else if (!schema.keptExtensions.includes(name)) Object.defineProperty(core, name, own(value))
    else if (isObject(value)) keptExtensions.set(name, value)
    else return refused('ATTRIBUTE_TYPE_WRONG', `${name} must be an object.`, name)
  }
  const read = readValues(core, schema.attributes, '')
  if (!read.ok) return read
  const required = checkRequired(read.value.values, schema)
  if (!required.ok) return required
  const extension = readExtension(extensionBody, schema)
  if (!extension.ok) return extension
  return ok({ ...read.value, extension: extension.value, keptExtensions })
}

/** A name like `__proto__` stays an ordinary, unknown, name. */
const own = (value: unknown) => ({ value, enumerable: true, configurable: true, writable: true })

const readExtension = (
  body: unknown,
  schema: ResourceSchema,
): Result<ReadResource['extension'], AdministrationRefusal> => {
  if (body === undefined || schema.extension === null) return ok(null)
  const { urn, attributes } = schema.extension
  if (!isObject(body)) return refused('ATTRIBUTE_TYPE_WRONG', `${urn} must be an object.`, urn)
  return readValues(body, attributes, `${urn}:`)
}
