import { readAttributePath, writeAttributePath } from '@mintmark/protocol/rfc7644-attribute-path'
import { type Attribute, findAttribute, type ResourceSchema } from './attribute.ts'
import { isObject, type Json } from './read-resource.ts'

type Query = Readonly<Record<string, string>>

/** Sub-attributes by lower-case name; `all`: the attribute as a whole. */
type Subs = ReadonlySet<string> | 'all'
/** Attributes of one schema by lower-case name; `all`: the schema as a whole. */
type Names = ReadonlyMap<string, Subs> | 'all'

const nothing: Names = new Map()

const wordsOf = (text: string | undefined): readonly string[] =>
  (text ?? '').split(',').flatMap((word) => (word.trim() === '' ? [] : [word.trim()]))

/** What a list of paths names, by schema; what is not a path names nothing. */
const readNames = (text: string | undefined, schema: ResourceSchema): Map<string, Names> => {
  const bySchema = new Map<string, Map<string, Subs> | 'all'>()
  const urns = new Set([schema.urn, schema.extension?.urn ?? '', ...schema.keptExtensions])
  const known = new Set([...urns].map((urn) => urn.toLowerCase()))
  for (const word of wordsOf(text)) {
    const path = readAttributePath(word)
    if (!path.ok) continue
    const whole = writeAttributePath(path.value).toLowerCase()
    if (known.has(whole)) {
      bySchema.set(whole, 'all')
      continue
    }
    const urn = (path.value.urn ?? schema.urn).toLowerCase()
    const names = bySchema.get(urn) ?? new Map<string, Subs>()
    bySchema.set(urn, names)
    if (names === 'all') continue
    const name = path.value.name.toLowerCase()
    const subs = names.get(name)
    const sub = path.value.sub?.toLowerCase()
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

const sets: ReadonlySet<string> = new Set(['all', 'always', 'never', 'request', 'default'])

/** What is asked of the attributes of one schema. */
interface Wish {
  readonly asked: Names
  readonly excluded: Names
  readonly sets: readonly string[]
  readonly byDefault: boolean
}

const project = (value: unknown, attribute: Attribute, wish: Wish): unknown => {
  const { returned, name, sub } = attribute
  const isAlways = (each: string) => findAttribute(sub, each)?.returned === 'always'
  const excluded = subsOf(wish.excluded, name)
  const inSet =
    (wish.byDefault && returned === 'default') ||
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
export const projectResource = (whole: Json, schema: ResourceSchema, query: Query): Json => {
  const chosenSets = wordsOf(query['attributeSets']).map((each) => each.toLowerCase())
  const known = chosenSets.filter((each) => sets.has(each))
  const asked = readNames(query['attributes'], schema)
  const excluded = readNames(query['excludedAttributes'], schema)
  const byDefault = wordsOf(query['attributes']).length === 0 && known.length === 0
  const wishOf = (urn: string): Wish => ({
    asked: asked.get(urn.toLowerCase()) ?? nothing,
    excluded: excluded.get(urn.toLowerCase()) ?? nothing,
    sets: known,
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
