import { compareTexts, isInOrder } from '@mintmark/protocol/code-point-order'
import type { Comparison, Condition, QueryValue } from './query.ts'
import {
  keepText,
  type SearchField,
  type SearchType,
  type SearchValue,
} from './search-definition.ts'

type Fields = Readonly<Record<string, SearchField>>
type Element = Readonly<Record<string, SearchValue>>

const holdsForTexts = (value: string, operator: Comparison, asked: string): boolean => {
  switch (operator) {
    case 'eq':
      return value === asked
    case 'ne':
      return value !== asked
    case 'co':
      return value.includes(asked)
    case 'sw':
      return value.startsWith(asked)
    case 'ew':
      return value.endsWith(asked)
    default:
      return isInOrder(operator, compareTexts(value, asked))
  }
}

const holdsForNumbers = (value: number, operator: Comparison, asked: number): boolean => {
  switch (operator) {
    case 'eq':
      return value === asked
    case 'ne':
      return value !== asked
    case 'co':
    case 'sw':
    case 'ew':
      return false
    default:
      return isInOrder(operator, value - asked)
  }
}

/** A missing value differs from everything, and fulfils nothing else. */
const compareValue = (
  value: SearchValue | undefined,
  operator: Comparison,
  asked: QueryValue,
): boolean => {
  if (typeof value === 'string' && typeof asked === 'string') {
    return holdsForTexts(value, operator, keepText(asked))
  }
  if (typeof value === 'number' && typeof asked === 'number') {
    return holdsForNumbers(value, operator, asked)
  }
  if (operator === 'eq') return value === asked
  return operator === 'ne' && value !== asked
}

interface Seen {
  readonly fields: Fields
  readonly values: Readonly<Record<string, SearchValue | undefined>>
}

const own = <Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined

const listOf = (seen: Seen, name: string): readonly SearchValue[] => {
  const list = own(seen.values, name)
  return Array.isArray(list) ? (list as readonly SearchValue[]) : []
}

/** One value or none; or all values of a list, whose elements may lack the part that is named. */
type Found = { readonly single: SearchValue | undefined } | { readonly several: SearchValue[] }

const find = (seen: Seen, name: string): Found => {
  const field = own(seen.fields, name)
  if (field?.kind === 'value') return { single: own(seen.values, name) }
  if (field !== undefined) return { several: [...listOf(seen, name)] }
  const dot = name.lastIndexOf('.')
  const head = name.slice(0, Math.max(dot, 0))
  const list = own(seen.fields, head)
  const part = name.slice(dot + 1)
  const known = list?.kind === 'elements' ? own(list.fields, part) !== undefined : part === 'value'
  if (list === undefined || list.kind === 'value' || !known) {
    throw new Error(`search: there is no field ${name}`)
  }
  if (list.kind === 'values') return { several: [...listOf(seen, head)] }
  const several = listOf(seen, head).flatMap((element) => {
    const value = own(element as Element, part)
    return value === undefined ? [] : [value]
  })
  return { several }
}

const partFields = (types: Readonly<Record<string, SearchType>>): Fields =>
  Object.fromEntries(Object.entries(types).map(([name, type]) => [name, { kind: 'value', type }]))

const someHolds = (seen: Seen, name: string, condition: Condition): boolean => {
  const field = own(seen.fields, name)
  if (field === undefined || field.kind === 'value') throw new Error(`search: ${name} is no list`)
  const isPlain = field.kind === 'values'
  const fields = partFields(isPlain ? { value: field.type } : field.fields)
  return listOf(seen, name).some((element) =>
    holds({ fields, values: isPlain ? { value: element } : (element as Element) }, condition),
  )
}

const holds = (seen: Seen, condition: Condition): boolean => {
  switch (condition.kind) {
    case 'and':
      return condition.conditions.every((each) => holds(seen, each))
    case 'or':
      return condition.conditions.some((each) => holds(seen, each))
    case 'not':
      return !holds(seen, condition.condition)
    case 'present': {
      const found = find(seen, condition.field)
      return 'single' in found ? found.single !== undefined : found.several.length > 0
    }
    case 'compare': {
      const { operator, value } = condition
      const found = find(seen, condition.field)
      if ('single' in found) return compareValue(found.single, operator, value)
      return found.several.some((each) => compareValue(each, operator, value))
    }
    case 'some':
      return someHolds(seen, condition.field, condition.condition)
  }
}

/**
 * Whether a condition holds of one record: what databases must answer, said plainly.
 *
 * @param document the search document of the record
 * @param related lists that are not in the document, in the form in which documents hold them
 * @throws Error when the condition names a field that is not among `fields`
 */
export const evaluateCondition = (
  fields: Fields,
  document: Readonly<Record<string, SearchValue>>,
  condition: Condition,
  related: Readonly<Record<string, readonly SearchValue[]>> = {},
): boolean => holds({ fields, values: { ...document, ...related } }, condition)
