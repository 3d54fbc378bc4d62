/**
 * Filters held against resources in memory: what a filter in the path of a PATCH selects, and the
 * measure that databases are tested by.
 *
 * Two-valued: a comparison with an attribute that has no value is false, but `ne`, which is true.
 * An attribute with several values matches when one of them does; without any nothing matches.
 * `eq null` is `not pr`, `ne null` is `pr`. An attribute of objects that is named without
 * sub-attribute stands for their `value` (RFC 7644 §3.4.2.2: `emails co "example.com"`).
 */
import { compareTexts, isInOrder } from './code-point-order.ts'
import type { ResourceAttribute, ResourceAttributes } from './resource-attribute.ts'
import { type AttributePath, sameAttributeName } from './rfc7644-attribute-path.ts'
import type { Filter, FilterOperator, FilterValue } from './rfc7644-filter.ts'

type Json = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A text whose case says nothing, in the form in which it is compared. */
const fold = (text: string): string => text.normalize('NFC').toLowerCase()

/** Whether one value that is there compares; of two types only `ne` holds. */
const holds = (value: unknown, operator: FilterOperator, wanted: FilterValue): boolean => {
  if (operator === 'eq') return value === wanted
  if (operator === 'ne') return value !== wanted
  if (typeof value === 'number' && typeof wanted === 'number') {
    const isPart = operator === 'co' || operator === 'sw' || operator === 'ew'
    return isPart ? false : isInOrder(operator, value - wanted)
  }
  if (typeof value !== 'string' || typeof wanted !== 'string') return false
  switch (operator) {
    case 'co':
      return value.includes(wanted)
    case 'sw':
      return value.startsWith(wanted)
    case 'ew':
      return value.endsWith(wanted)
    default:
      return isInOrder(operator, compareTexts(value, wanted))
  }
}

/** RFC 7643 §2.5: null, an empty list and an empty object are no value. */
const isAssigned = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  !(Array.isArray(value) && value.length === 0) &&
  !(isObject(value) && Object.keys(value).length === 0)

const memberOf = (value: unknown, name: string): unknown => {
  if (!isObject(value)) return undefined
  const key = Object.keys(value).find((each) => sameAttributeName(each, name))
  return key === undefined ? undefined : value[key]
}

const attributeOf = (known: readonly ResourceAttribute[], name: string) =>
  known.find((each) => sameAttributeName(each.name, name))

/** The values that a path names. */
interface Found {
  readonly values: readonly unknown[]
  readonly several: boolean
  readonly caseExact: boolean
}

const nothing: Found = { values: [], several: false, caseExact: false }

const isSeveral = (attribute: ResourceAttribute): boolean =>
  attribute.type === 'list' || attribute.type === 'objects'

/** Attributes of one value of a list; a plain one is its own `value` (RFC 7643 §2.4). */
export const attributesInside = (
  attribute: ResourceAttribute | undefined,
): readonly ResourceAttribute[] =>
  attribute?.type === 'list'
    ? [{ ...attribute, name: 'value', type: 'string' }]
    : (attribute?.sub ?? [])

/** Where the path's attributes are described, and where their values are. */
interface Place {
  readonly known: readonly ResourceAttribute[]
  readonly values: Json
}

const placeOf = (path: AttributePath, resource: Json, all: ResourceAttributes): Place | null => {
  const { extension } = all
  const isOnlyInside = // then the URN may be left out
    path.urn === null &&
    attributeOf(all.attributes, path.name) === undefined &&
    attributeOf(extension?.attributes ?? [], path.name) !== undefined
  const urn = isOnlyInside ? (extension?.urn ?? null) : path.urn
  if (urn === null || sameAttributeName(urn, all.urn)) {
    return { known: all.attributes, values: resource }
  }
  const values = memberOf(resource, urn)
  if (!isObject(values)) return null
  if (extension !== null && sameAttributeName(urn, extension.urn)) {
    return { known: extension.attributes, values }
  }
  return { known: [], values }
}

const find = (place: Place, path: AttributePath): Found => {
  const attribute = attributeOf(place.known, path.name)
  const value = memberOf(place.values, path.name)
  const several = attribute === undefined ? Array.isArray(value) : isSeveral(attribute)
  const all = (Array.isArray(value) ? value : [value]).filter(isAssigned)
  if (path.sub === null) {
    return { values: all, several, caseExact: attribute?.caseExact ?? false }
  }
  const { sub } = path
  const inside = attributeOf(attribute?.sub ?? [], sub)
  const values = all.map((each) => memberOf(each, sub)).filter(isAssigned)
  return { values, several, caseExact: inside?.caseExact ?? false }
}

const compare = (place: Place, filter: Filter & { readonly kind: 'compare' }): boolean => {
  const { operator, value: wanted } = filter
  let found = find(place, filter.path)
  if (wanted === null) return (found.values.length === 0) === (operator === 'eq')
  if (filter.path.sub === null && found.values.some(isObject)) {
    found = find(place, { ...filter.path, sub: 'value' })
  }
  if (found.values.length === 0) return operator === 'ne' && !found.several
  const form = (value: unknown) =>
    typeof value === 'string' && !found.caseExact ? fold(value) : value
  const wantedForm = form(wanted) as FilterValue
  return found.values.some((each) => holds(form(each), operator, wantedForm))
}

/** `placeFor` says where a path is looked up; null: it names nothing. */
const evaluate = (filter: Filter, placeFor: (path: AttributePath) => Place | null): boolean => {
  switch (filter.kind) {
    case 'and':
      return filter.filters.every((each) => evaluate(each, placeFor))
    case 'or':
      return filter.filters.some((each) => evaluate(each, placeFor))
    case 'not':
      return !evaluate(filter.filter, placeFor)
    case 'present': {
      const place = placeFor(filter.path)
      return (place === null ? nothing : find(place, filter.path)).values.length > 0
    }
    case 'compare':
      return compare(placeFor(filter.path) ?? { known: [], values: {} }, filter)
    case 'valuePath': {
      const place = placeFor(filter.path)
      if (place === null) return false
      const inside = attributesInside(attributeOf(place.known, filter.path.name))
      const { values } = find(place, filter.path)
      return values.some((each) => evaluateValueFilter(filter.filter, each, inside))
    }
  }
}

/**
 * Whether a resource matches.
 * @param resource as its JSON
 * @param attributes say which texts are compared with their case, and what has several values
 */
export const evaluateFilter = (
  filter: Filter,
  resource: Json,
  attributes: ResourceAttributes,
): boolean => evaluate(filter, (path) => placeOf(path, resource, attributes))

/**
 * Whether one value of a list matches what stands in the brackets.
 * @param value an object, or a plain value
 * @param inside the attributes of it: `attributesInside`
 */
export const evaluateValueFilter = (
  filter: Filter,
  value: unknown,
  inside: readonly ResourceAttribute[],
): boolean => {
  const values = isObject(value) ? value : { value }
  return evaluate(filter, () => ({ known: inside, values }))
}
