import type { Comparison, Condition, QueryValue } from '@mintmark/registry/query'
import { keepText, type SearchField, type SearchType } from '@mintmark/registry/search-definition'
import type { SqlValue } from '../database.ts'
import type { DialectWords } from './dialect-words.ts'
import type { RelatedList, SearchTable } from './search-table.ts'

/** Deeper or larger conditions are refused by those who ask; this keeps the stack whole. */
const depthMax = 100

/** A condition that no definition knows, or that is too deep: a fault of the caller. */
export class UnknownCondition extends Error {}

/** A value that a row has at most one of. */
interface Single {
  readonly kind: 'single'
  readonly type: SearchType
  readonly sql: string
  /** Rows that an index leads into by this value; they say which records are equal to it. */
  readonly rows?: Several | undefined
}

/** Rows that hold the values of a list; `holds` says that one of them fulfils a text. */
interface Several {
  readonly kind: 'several'
  readonly holds: (condition: string) => string
  /** The same for a record that is looked at: said of values that very many have. */
  readonly hasOne?: (condition: string) => string
  /** What the values of indexed rows are counted under. */
  readonly countedAs?: string
  /** The value that the path names in each row; null: the path names the whole element. */
  readonly value: Single | null
  /** Parts of the element. */
  readonly part: (name: string) => Single
  /** Rows that an index leads into by a part of the element; null: there are none. */
  readonly indexed: (part: string) => Several | null
}

type Place = (field: string) => Single | Several

export interface Compiling {
  readonly words: DialectWords
  readonly params: SqlValue[]
  /** Whether few are sought: an index that narrows is then better than one that sorts. */
  readonly fewSought: boolean
  /** Whether very many records have this value of an indexed field. */
  readonly isCommon: (field: string, value: string) => boolean
}

const bind = (compiling: Compiling, value: SqlValue): string => {
  compiling.params.push(value)
  return `$${compiling.params.length}`
}

const unknownField = (field: string): UnknownCondition =>
  new UnknownCondition(`search: there is no field ${field}`)

const never = 'FALSE'

/** `constructor` and the like are no fields. */
const own = <Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined

/** The first text, in the order of bytes, behind all that begin with a prefix; null: none. */
export const textAfterPrefix = (prefix: string): string | null => {
  const points = [...prefix]
  for (;;) {
    const last = points.pop()?.codePointAt(0)
    if (last === undefined) return null
    if (last === 0x10ffff) continue
    // surrogates are no characters
    return points.join('') + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1)
  }
}

const isText = (type: SearchType): boolean => type === 'folded' || type === 'exact'

const fits = (value: QueryValue, type: SearchType): boolean =>
  typeof value === (isText(type) ? 'string' : type)

const orderSigns = { eq: '=', gt: '>', ge: '>=', lt: '<', le: '<=' } as const

const compareText = (
  compiling: Compiling,
  sql: string,
  operator: Comparison,
  value: string,
): string => {
  const { words } = compiling
  if (value === '' && (operator === 'co' || operator === 'sw' || operator === 'ew')) {
    return `${sql} IS NOT NULL`
  }
  if (operator === 'co') return words.contains(sql, bind(compiling, value))
  if (operator === 'ew') return words.endsWith(sql, bind(compiling, value))
  const bytes = words.bytewise(sql)
  if (operator === 'sw') {
    const after = textAfterPrefix(value)
    const from = `${bytes} >= ${bind(compiling, value)}`
    return after === null ? from : `(${from} AND ${bytes} < ${bind(compiling, after)})`
  }
  if (operator === 'ne') return `${sql} IS DISTINCT FROM ${bind(compiling, value)}`
  const compared = `${bytes} ${orderSigns[operator]} ${bind(compiling, value)}`
  return compiling.fewSought && operator !== 'eq' ? words.rare(compared) : compared
}

const compareSingle = (
  compiling: Compiling,
  single: Single,
  operator: Comparison,
  value: QueryValue,
): string => {
  const { type, sql } = single
  if (!fits(value, type)) return operator === 'ne' ? 'TRUE' : never
  if (typeof value === 'string') return compareText(compiling, sql, operator, keepText(value))
  const bound = () => bind(compiling, typeof value === 'boolean' ? Number(value) : value)
  if (operator === 'ne') return `${sql} IS DISTINCT FROM ${bound()}`
  if (operator === 'eq') return `${sql} = ${bound()}`
  if (operator === 'co' || operator === 'sw' || operator === 'ew' || type === 'boolean') {
    return never
  }
  return `${sql} ${orderSigns[operator]} ${bound()}`
}

const relatedPlace = (
  list: RelatedList,
  fields: Readonly<Record<string, SearchType>>,
  valuePart: string | null,
): Several => {
  const part = (name: string): Single => {
    const type = own(fields, name)
    const sql = own(list.parts, name)
    if (type === undefined || sql === undefined) throw unknownField(name)
    return { kind: 'single', type, sql }
  }
  const more = list.where === undefined ? '' : ` AND ${list.where}`
  return {
    kind: 'several',
    holds: (condition) =>
      `${list.outer} IN (SELECT ${list.inner} FROM ${list.from} ` +
      `WHERE ${list.domain} = $1${more} AND ${condition})`,
    value: valuePart === null ? null : part(valuePart),
    part,
    indexed: () => null,
  }
}

/** Rows of the values of one field, of which a record has each once at most. */
const valuePlace = (list: RelatedList, type: SearchType, path: string): Several => {
  const where = list.where === undefined ? '' : ` AND ${list.where}`
  return {
    ...relatedPlace(list, { value: type }, 'value'),
    // not EXISTS: the planner would enter by the value, and sort all who have it
    hasOne: (condition) =>
      `(SELECT 1 FROM ${list.from} WHERE ${list.domain} = $1${where} AND ${condition} ` +
      `AND ${list.inner} = ${list.outer}) IS NOT NULL`,
    countedAs: path,
  }
}

const documentPlace = (
  words: DialectWords,
  name: string,
  field: Exclude<SearchField, { readonly kind: 'value' }>,
  valuePart: string | null,
): Several => {
  const part = (partName: string): Single => {
    if (field.kind === 'values') {
      if (partName !== 'value') throw unknownField(partName)
      return { kind: 'single', type: field.type, sql: words.entry(field.type) }
    }
    const type = own(field.fields, partName)
    if (type === undefined) throw unknownField(partName)
    return { kind: 'single', type, sql: words.part(partName, type) }
  }
  const named = valuePart ?? (field.kind === 'values' ? 'value' : null)
  return {
    kind: 'several',
    holds: (condition) =>
      `EXISTS (SELECT 1 FROM ${words.each('item.search', name)} WHERE ${condition})`,
    value: named === null ? null : part(named),
    part,
    indexed: () => null,
  }
}

const listPlace = <Item>(
  table: SearchTable<Item>,
  words: DialectWords,
  name: string,
  valuePart: string | null,
): Several => {
  const field = own(table.definition.fields, name)
  if (field === undefined || field.kind === 'value') throw unknownField(name)
  const related = own(table.related, name)
  if (field.kind === 'elements' && field.related) {
    if (related === undefined) throw unknownField(name)
    return relatedPlace(related, field.fields, valuePart)
  }
  const entered = (part: string | null): Several | null => {
    const path = part === null ? name : `${name}.${part}`
    const indexed = own(table.indexed, path)
    const type = field.kind === 'values' ? field.type : own(field.fields, part ?? '')
    return indexed === undefined || type === undefined ? null : valuePlace(indexed, type, path)
  }
  return entered(valuePart) ?? { ...documentPlace(words, name, field, valuePart), indexed: entered }
}

/** Where the fields of a searched row are. */
export const itemPlace =
  <Item>(table: SearchTable<Item>, words: DialectWords): Place =>
  (name) => {
    const field = own(table.definition.fields, name)
    if (field?.kind === 'value') {
      const sql = own(table.columns, name) ?? words.scalar('item.search', name, field.type)
      const indexed = own(table.indexed, name)
      const rows = indexed && valuePlace(indexed, field.type, name)
      return { kind: 'single', type: field.type, sql, rows }
    }
    if (field !== undefined) return listPlace(table, words, name, null)
    const dot = name.lastIndexOf('.')
    const head = name.slice(0, Math.max(dot, 0))
    if (own(table.definition.fields, head) === undefined) throw unknownField(name)
    return listPlace(table, words, head, name.slice(dot + 1))
  }

const allOf = (sign: 'and' | 'or', texts: readonly string[]): string => {
  if (texts.length === 0) return sign === 'and' ? 'TRUE' : never
  return texts.length === 1
    ? (texts[0] ?? never)
    : `(${texts.join(sign === 'and' ? ' AND ' : ' OR ')})`
}

const compilePresent = (place: Single | Several): string => {
  if (place.kind === 'single') return `${place.sql} IS NOT NULL`
  return place.holds(place.value === null ? 'TRUE' : `${place.value.sql} IS NOT NULL`)
}

const compileCompare = (
  compiling: Compiling,
  condition: Extract<Condition, { readonly kind: 'compare' }>,
  place: Single | Several,
): string => {
  const { operator, value } = condition
  if (place.kind === 'single') {
    return place.rows !== undefined && operator === 'eq'
      ? compileCompare(compiling, condition, place.rows)
      : compareSingle(compiling, place, operator, value)
  }
  const single = place.value
  if (single === null) throw unknownField(`${condition.field} (an object has no single value)`)
  const text = compareSingle(compiling, single, operator, value)
  const { hasOne, countedAs } = place
  if (hasOne !== undefined && countedAs !== undefined && operator === 'eq') {
    const isCommon = compiling.isCommon(countedAs, keepText(String(value)))
    return (isCommon ? hasOne : place.holds)(text)
  }
  // an element without the part gives no value that could differ
  return place.holds(operator === 'ne' ? `${single.sql} IS NOT NULL AND ${text}` : text)
}

/**
 * What must hold of some element for the whole to hold of one, said of parts that an index leads
 * into: without it every document would be opened.
 */
const narrowSome = (compiling: Compiling, list: Several, condition: Condition): string[] => {
  const conditions = condition.kind === 'and' ? condition.conditions : [condition]
  return conditions.flatMap((each) => {
    if (each.kind !== 'compare' || each.operator === 'ne') return []
    const indexed = list.indexed(each.field)
    return indexed === null ? [] : [compileCompare(compiling, each, indexed)]
  })
}

const compileIn = (
  compiling: Compiling,
  condition: Condition,
  place: Place,
  depth: number,
): string => {
  if (depth > depthMax) throw new UnknownCondition(`search: deeper than ${depthMax}`)
  const inner = (each: Condition): string => compileIn(compiling, each, place, depth + 1)
  switch (condition.kind) {
    case 'and':
    case 'or':
      return allOf(condition.kind, condition.conditions.map(inner))
    case 'not':
      // what is unknown to SQL is false to us; only where it is turned round does that differ
      return `NOT COALESCE(${inner(condition.condition)}, FALSE)`
    case 'present':
      return compilePresent(place(condition.field))
    case 'compare':
      return compileCompare(compiling, condition, place(condition.field))
    case 'some': {
      const found = place(condition.field)
      if (found.kind === 'single') throw unknownField(`${condition.field} (not a list)`)
      const narrowed = narrowSome(compiling, found, condition.condition)
      const whole = found.holds(compileIn(compiling, condition.condition, found.part, depth + 1))
      return allOf('and', [...narrowed, whole])
    }
  }
}

/**
 * The SQL of a condition about the row `item`; `$1` is the domain, values are added to `params`.
 * Where it is neither true nor false to SQL, it does not hold.
 *
 * @throws UnknownCondition when a field is in no definition, or the condition too deep
 */
export const compileCondition = <Item>(
  compiling: Compiling,
  table: SearchTable<Item>,
  condition: Condition,
): string => compileIn(compiling, condition, itemPlace(table, compiling.words), 0)
