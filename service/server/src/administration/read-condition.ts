import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { didYouMean } from '@mintmark/protocol/closest-name'
import { ok, type Result } from '@mintmark/protocol/result'
import type { AttributePath } from '@mintmark/protocol/rfc7644-attribute-path'
import { writeAttributePath } from '@mintmark/protocol/rfc7644-attribute-path'
import type { Filter, FilterValue } from '@mintmark/protocol/rfc7644-filter'
import type { Condition, QueryValue } from '@mintmark/registry/query'
import { foldText, type SearchField, type SearchType } from '@mintmark/registry/search-definition'
import { type Attribute, findAttribute, type ResourceSchema } from './attribute.ts'

type Refused<T> = Result<T, AdministrationRefusal>
export type SearchFields = Readonly<Record<string, SearchField>>

/** A path that the schema knows, under its own spelling. */
export interface KnownPath {
  readonly attribute: Attribute
  readonly sub: Attribute | null
  /** Name of the field, e.g. `scopes.value`. */
  readonly field: string
}

/** What a text after `filter:` or `sortBy:` is about, for the messages. */
export interface Position {
  /** E.g. `filter column 12`. */
  readonly where: string
  /** E.g. `filter:12`. */
  readonly at: string
}

const unknown = (
  path: AttributePath,
  known: readonly Attribute[],
  schema: ResourceSchema,
  position: Position,
) => {
  const names = known.map((each) => each.name)
  const wrong = path.sub ?? path.name
  const text = writeAttributePath(path).slice(0, 100)
  const few = names.length === 0 ? 'It has no parts.' : `Known are: ${names.join(', ')}.`
  const what = `${position.where}: ${schema.resourceType} has no attribute "${text}".`
  const fix = didYouMean(wrong, names) ?? few
  return refuseChange('FILTER_MALFORMED', what, { fix, at: position.at })
}

const attributesOf = (
  urn: string | null,
  name: string,
  schema: ResourceSchema,
): readonly Attribute[] | null => {
  const same = (other: string) => other.toLowerCase() === urn?.toLowerCase()
  const own = schema.extension
  if (urn === null || same(schema.urn)) {
    // Oracle's tools leave the URN out where names are unambiguous, and so may ours.
    const isOwn = findAttribute(schema.attributes, name) === undefined
    return isOwn && own !== null && findAttribute(own.attributes, name) !== undefined
      ? own.attributes
      : schema.attributes
  }
  return own !== null && same(own.urn) ? own.attributes : null
}

/** The attribute that a path names; refused with what there is when there is none. */
export const readKnownPath = (
  path: AttributePath,
  schema: ResourceSchema,
  position: Position,
): Refused<KnownPath> => {
  const known = attributesOf(path.urn, path.name, schema)
  if (known === null) {
    const urns = [schema.urn, ...(schema.extension === null ? [] : [schema.extension.urn])]
    const what = `${position.where}: ${schema.endpoint} cannot be searched by "${path.urn}".`
    const fix = `Schemas that can be searched: ${urns.join(', ')}.`
    return refuseChange('FILTER_NOT_OFFERED', what, { fix, at: position.at })
  }
  const attribute = findAttribute(known, path.name)
  if (attribute === undefined) return unknown({ ...path, sub: null }, known, schema, position)
  if (path.sub === null) return ok({ attribute, sub: null, field: attribute.name })
  const sub = findAttribute(attribute.sub, path.sub)
  if (sub === undefined) return unknown(path, attribute.sub, schema, position)
  return ok({ attribute, sub, field: `${attribute.name}.${sub.name}` })
}

/** What a filter is read against. */
interface Reading {
  readonly schema: ResourceSchema
  readonly fields: SearchFields
  /** Attribute whose brackets enclose this part; null: none. */
  readonly inside: KnownPath | null
}

const notSearchable = (path: KnownPath, { schema, fields }: Reading, position: Position) => {
  const names = Object.keys(fields)
  const fix = names.length === 0 ? 'List them all.' : `Searchable are: ${names.join(', ')}.`
  const what = `${position.where}: ${schema.endpoint} cannot be searched by '${path.field}'.`
  return refuseChange('FILTER_NOT_OFFERED', what, { fix, at: position.at })
}

/** The type of a field that holds plain values; null: there is none of that name. */
const typeOfField = (fields: SearchFields, field: string): SearchType | null => {
  const whole = Object.hasOwn(fields, field) ? fields[field] : undefined
  if (whole !== undefined) return whole.kind === 'elements' ? null : whole.type
  const dot = field.indexOf('.')
  const list = Object.hasOwn(fields, field.slice(0, Math.max(dot, 0)))
    ? fields[field.slice(0, dot)]
    : undefined
  if (list?.kind !== 'elements') return null
  const part = field.slice(dot + 1)
  return Object.hasOwn(list.fields, part) ? (list.fields[part] ?? null) : null
}

const positionOf = (column: number): Position => ({
  where: `filter column ${column}`,
  at: `filter:${column}`,
})

const valueNames = {
  folded: 'text in quotation marks',
  exact: 'text in quotation marks',
  boolean: 'true or false',
  number: 'a number',
} as const

const timePattern = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?$/i

/** RFC 7643 §2.3.5, in the form in which times are kept; null: no time. */
const readTime = (text: string): string | null => {
  if (!timePattern.test(text)) return null
  const isZoned = /(?:Z|[+-]\d\d:\d\d)$/i.test(text)
  const ms = Date.parse(isZoned || !text.includes('T') ? text : `${text}Z`)
  return Number.isNaN(ms) ? null : new Date(ms).toISOString()
}

type Compare = Extract<Filter, { readonly kind: 'compare' }>

const readValue = (
  filter: Compare,
  value: Exclude<FilterValue, null>,
  path: KnownPath,
  type: SearchType,
): Refused<QueryValue> => {
  const position = positionOf(filter.valueColumn)
  const wanted = type === 'folded' || type === 'exact' ? 'string' : type
  const refused = (expected: string) =>
    refuseChange(
      'FILTER_MALFORMED',
      `${position.where}: ${path.field} is compared with ${expected}.`,
      {
        at: position.at,
      },
    )
  if (typeof value !== wanted) return refused(valueNames[type])
  if (typeof value !== 'string') return ok(value)
  const isTime = (path.sub ?? path.attribute).format === 'dateTime'
  const isPart = filter.operator === 'co' || filter.operator === 'sw' || filter.operator === 'ew'
  if (isTime && !isPart) {
    const time = readTime(value)
    return time === null ? refused('a time, e.g. "2030-01-01T00:00:00Z"') : ok(time)
  }
  return ok(type === 'folded' ? foldText(value) : value)
}

const compare = (filter: Compare, path: KnownPath, reading: Reading): Refused<Condition> => {
  const { field, attribute, sub } = path
  const { fields } = reading
  // RFC 7643 §2.4: a list of objects as a whole stands for their `value`.
  const isWhole = sub === null && attribute.sub.length > 0
  const valueField = isWhole ? `${field}.value` : field
  const type = typeOfField(fields, valueField)
  if (type === null) return notSearchable(path, reading, positionOf(filter.column))
  if (filter.value === null) {
    const present = { kind: 'present', field: valueField } as const
    return ok(filter.operator === 'ne' ? present : { kind: 'not', condition: present })
  }
  const value = readValue(filter, filter.value, path, type)
  if (!value.ok) return value
  return ok({ kind: 'compare', field: valueField, operator: filter.operator, value: value.value })
}

const present = (column: number, path: KnownPath, reading: Reading): Refused<Condition> => {
  const { field } = path
  const { fields } = reading
  if (Object.hasOwn(fields, field) || typeOfField(fields, field) !== null) {
    return ok({ kind: 'present', field })
  }
  const parts = Object.keys(fields).filter((each) => each.startsWith(`${field}.`))
  if (parts.length === 0) return notSearchable(path, reading, positionOf(column))
  return ok({ kind: 'or', conditions: parts.map((part) => ({ kind: 'present', field: part })) })
}

/** Inside brackets names are those of the parts of what stands before them. */
const pathIn = (path: AttributePath, column: number, reading: Reading): Refused<KnownPath> => {
  const { inside, schema } = reading
  if (inside === null) return readKnownPath(path, schema, positionOf(column))
  const { attribute, field } = inside
  if (attribute.type === 'list' && path.name.toLowerCase() === 'value') return ok(inside)
  const sub = findAttribute(attribute.sub, path.name)
  if (sub !== undefined) return ok({ attribute, sub, field: `${field}.${sub.name}` })
  return unknown({ ...path, sub: path.name }, attribute.sub, schema, positionOf(column))
}

/** The condition on one element: its fields are named without the list's name. */
const ofElement = (condition: Condition, list: string): Condition => {
  const strip = (field: string) => (field === list ? 'value' : field.slice(list.length + 1))
  switch (condition.kind) {
    case 'and':
    case 'or':
      return {
        kind: condition.kind,
        conditions: condition.conditions.map((each) => ofElement(each, list)),
      }
    case 'not':
      return { kind: 'not', condition: ofElement(condition.condition, list) }
    case 'present':
    case 'compare':
      return { ...condition, field: strip(condition.field) }
    case 'some':
      return condition
  }
}

const valuePath = (
  filter: Extract<Filter, { readonly kind: 'valuePath' }>,
  reading: Reading,
): Refused<Condition> => {
  const path = readKnownPath(filter.path, reading.schema, positionOf(filter.column))
  if (!path.ok) return path
  const { field, attribute } = path.value
  const isList = attribute.type === 'objects' || attribute.type === 'list'
  if (isList && !Object.hasOwn(reading.fields, field)) {
    return notSearchable(path.value, reading, positionOf(filter.column))
  }
  const condition = read(filter.filter, { ...reading, inside: path.value })
  // What there is one of at most needs no brackets to be about the same one.
  if (!condition.ok || !isList) return condition
  return ok({ kind: 'some', field, condition: ofElement(condition.value, field) })
}

const read = (filter: Filter, reading: Reading): Refused<Condition> => {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const conditions: Condition[] = []
      for (const each of filter.filters) {
        const condition = read(each, reading)
        if (!condition.ok) return condition
        conditions.push(condition.value)
      }
      return ok({ kind: filter.kind, conditions })
    }
    case 'not': {
      const condition = read(filter.filter, reading)
      return condition.ok ? ok({ kind: 'not', condition: condition.value }) : condition
    }
    case 'valuePath':
      return valuePath(filter, reading)
    case 'present': {
      const path = pathIn(filter.path, filter.column, reading)
      return path.ok ? present(filter.column, path.value, reading) : path
    }
    case 'compare': {
      const path = pathIn(filter.path, filter.column, reading)
      return path.ok ? compare(filter, path.value, reading) : path
    }
  }
}

/**
 * A filter (RFC 7644 §3.4.2.2) as a condition on what can be searched: every attribute known, every
 * value of its attribute's type and in the form in which that is kept.
 * @returns FILTER_MALFORMED or FILTER_NOT_OFFERED with the column, and what would be right
 */
export const readCondition = (
  filter: Filter,
  schema: ResourceSchema,
  fields: SearchFields,
): Refused<Condition> => read(filter, { schema, fields, inside: null })

/** The field that a list is sorted by; lists and objects have no order. */
export const readSortField = (
  path: AttributePath,
  schema: ResourceSchema,
  fields: SearchFields,
): Refused<string> => {
  const position = { where: 'sortBy', at: 'sortBy' }
  const known = readKnownPath(path, schema, position)
  if (!known.ok) return refuseChange('SORT_NOT_OFFERED', known.failure.what, known.failure)
  const { field } = known.value
  if (Object.hasOwn(fields, field) && fields[field]?.kind === 'value') return ok(field)
  const sortable = Object.keys(fields).filter((each) => fields[each]?.kind === 'value')
  return refuseChange('SORT_NOT_OFFERED', `${schema.endpoint} cannot be sorted by '${field}'.`, {
    fix: `Sortable are: ${sortable.join(', ')}.`,
    at: 'sortBy',
  })
}
