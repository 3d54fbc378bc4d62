import { type AttributePath, writeAttributePath } from '@mintmark/protocol/rfc7644-attribute-path'
import type { AttributeSet, RequestedProjection } from '@mintmark/protocol/rfc7644-search-request'
import { type Attribute, findAttribute, type ResourceSchema } from './attribute.ts'
import { isObject, type Json } from './read-resource.ts'

/** Sub-attributes by lower-case name; `all`: the attribute as a whole. */
type Subs = ReadonlySet<string> | 'all'
/** Attributes of one schema by lower-case name; `all`: the schema as a whole. */
type Names = ReadonlyMap<string, Subs> | 'all'

const nothing: Names = new Map()

/** What a list of paths names, by schema. */
const readNames = (paths: readonly AttributePath[], schema: ResourceSchema): Map<string, Names> => {
  const bySchema = new Map<string, Map<string, Subs> | 'all'>()
  const urns = new Set([schema.urn, schema.extension?.urn ?? '', ...schema.keptExtensions])
  const known = new Set([...urns].map((urn) => urn.toLowerCase()))
  for (const path of paths) {
    const whole = writeAttributePath(path).toLowerCase()
    if (known.has(whole)) {
      bySchema.set(whole, 'all')
      continue
    }
    const urn = (path.urn ?? schema.urn).toLowerCase()
    const names = bySchema.get(urn) ?? new Map<string, Subs>()
    bySchema.set(urn, names)
    if (names === 'all') continue
    const name = path.name.toLowerCase()
    const subs = names.get(name)
    const sub = path.sub?.toLowerCase()
    if (sub === undefined || subs === 'all') names.set(name, 'all')
    else names.set(name, new Set([...(subs ?? []), sub]))
  }
  return bySchema
}

const subsOf = (names: Names, name: string): Subs | undefined =>
  names === 'all' ? 'all' : names.get(name.toLowerCase())

/** The members of an object, or of each object of a list, that a test lets through. */
const pickSubs = (value: unknown, isWanted: (sub: string) => boolean): unknown => {
  if (Array.isArray(value)) return value.map((each) => pickSubs(each, isWanted))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([name]) => isWanted(name)))
}

const isEmpty = (value: unknown): boolean =>
  Array.isArray(value) ? value.every(isEmpty) : isObject(value) && Object.keys(value).length === 0

/** What is asked of the attributes of one schema. */
interface Wish {
  readonly asked: Names
  readonly excluded: Names
  readonly sets: readonly AttributeSet[]
  readonly byDefault: boolean
}

const project = (value: unknown, attribute: Attribute, wish: Wish): unknown => {
  const { returned, name, sub } = attribute
  const isAlways = (each: string) => findAttribute(sub, each)?.returned === 'always'
  const excluded = subsOf(wish.excluded, name)
  const inSet =
    (wish.byDefault && returned !== 'request') ||
    wish.sets.includes('all') ||
    wish.sets.includes(returned)
  const asked = inSet ? 'all' : subsOf(wish.asked, name)
  const onlyAlways = asked === undefined || excluded === 'all'
  if (onlyAlways && sub.some((each) => each.returned === 'always')) {
    return isEmpty(value) ? undefined : pickSubs(value, isAlways)
  }
  if (returned === 'always') return value
  if (onlyAlways) return undefined
  const chosen =
    asked === 'all'
      ? value
      : pickSubs(value, (each) => asked.has(each.toLowerCase()) || isAlways(each))
  if (excluded === undefined) return chosen
  return pickSubs(chosen, (each) => !excluded.has(each.toLowerCase()) || isAlways(each))
}

/** Extensions have no attributes that are always returned: they are there when something is. */
const projectExtension = (
  value: unknown,
  attributes: readonly Attribute[],
  wish: Wish,
): Json | undefined => {
  if (!isObject(value)) return undefined
  const inSet =
    wish.byDefault ||
    wish.asked === 'all' ||
    wish.sets.some((each) => each === 'all' || each === 'default')
  const within: Wish = { ...wish, byDefault: inSet, sets: [] }
  const members = Object.entries(value).flatMap(([name, each]) => {
    const known = findAttribute(attributes, name)
    const isIn = inSet && subsOf(wish.excluded, name) !== 'all'
    const shown = known === undefined ? (isIn ? each : undefined) : project(each, known, within)
    return shown === undefined ? [] : [[name, shown] as const]
  })
  const isAsked = inSet && wish.excluded !== 'all'
  return members.length > 0 || isAsked ? Object.fromEntries(members) : undefined
}

/**
 * RFC 7644 §3.9: the part of a resource that is returned. Without a wish it is what is returned by
 * default; with `attributes` or `attributeSets` only those, and what is always returned; without
 * `excludedAttributes`. Paths may have the URN of their schema in front and a sub-attribute behind.
 */
export const projectResource = (
  whole: Json,
  schema: ResourceSchema,
  projection: RequestedProjection,
): Json => {
  const { attributes, attributeSets, excludedAttributes } = projection
  const asked = readNames(attributes, schema)
  const excluded = readNames(excludedAttributes, schema)
  const byDefault = attributes.length === 0 && attributeSets.length === 0
  const wishOf = (urn: string): Wish => ({
    asked: asked.get(urn.toLowerCase()) ?? nothing,
    excluded: excluded.get(urn.toLowerCase()) ?? nothing,
    sets: attributeSets,
    byDefault,
  })
  const core = wishOf(schema.urn)
  const shown = Object.entries(whole).flatMap(([name, value]) => {
    if (value === null || value === undefined) return []
    const attribute = findAttribute(schema.attributes, name)
    const own = name === schema.extension?.urn ? schema.extension.attributes : []
    const part =
      attribute === undefined
        ? projectExtension(value, own, wishOf(name))
        : project(value, attribute, core)
    return part === undefined || (isEmpty(part) && !isEmpty(value)) ? [] : [[name, part] as const]
  })
  return Object.fromEntries(shown)
}
