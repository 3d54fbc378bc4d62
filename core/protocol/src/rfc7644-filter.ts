/**
 * Filters (RFC 7644 §3.4.2.2): the whole language as a tree that knows its columns.
 *
 * Beyond the standard, as identity domains have it: the case of `true`, `false` and `null` says
 * nothing, and a word without quotation marks is a text (`id eq IDCSAppId`), unless it is a number.
 */
import { type AdministrationRefusal, refuseChange } from './administration-refusal.ts'
import { ok, type Result } from './result.ts'
import {
  type AttributePath,
  type Scanned,
  type SyntaxFault,
  scanAttributePath,
} from './rfc7644-attribute-path.ts'
import {
  expect,
  type FilterLiteral,
  joinWord,
  matchHere,
  type Read,
  type Reader,
  readValue,
  skipSpace,
  takeSign,
  takeWord,
} from './rfc7644-filter-words.ts'

export const filterCharsMax = 4000
/** Parentheses, `not` and brackets inside one another. */
export const filterDepthMax = 50
export const filterComparisonsMax = 100

/** RFC 7644 §3.4.2.2 table 3, without `pr`. */
export type FilterOperator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le'
export type FilterValue = FilterLiteral

/** `column` counts from 1: where the node's text begins. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[]; readonly column: number }
  | { readonly kind: 'not'; readonly filter: Filter; readonly column: number }
  | { readonly kind: 'present'; readonly path: AttributePath; readonly column: number }
  | {
      readonly kind: 'compare'
      readonly path: AttributePath
      readonly operator: FilterOperator
      /** null with `eq` and `ne` only; true and false likewise; a text with `co`, `sw`, `ew`. */
      readonly value: FilterValue
      readonly column: number
      readonly valueColumn: number
    }
  /** Paths inside are names only. `path[f].sub eq 1` is read as `path[f and sub eq 1]`. */
  | {
      readonly kind: 'valuePath'
      readonly path: AttributePath
      readonly filter: Filter
      readonly column: number
    }

const andWord = /and(?![\w$:.-])/iy
const orWord = /or(?![\w$:.-])/iy
const notWord = /not(?![\w$:.-])/iy
const operatorWord = /(?:eq|ne|co|sw|ew|pr|gt|ge|lt|le)(?![\w$:.-])/iy

/** RFC 7644 §3.4.2.2: what has no order is not ordered, and only texts have parts. */
const fits = (operator: FilterOperator, value: FilterValue): string | null => {
  if (operator === 'eq' || operator === 'ne') return null
  const isPart = operator === 'co' || operator === 'sw' || operator === 'ew'
  if (isPart) return typeof value === 'string' ? null : `a text in quotation marks`
  return typeof value === 'string' || typeof value === 'number' ? null : 'a text or a number'
}

const operatorsOffered = 'one of eq, ne, co, sw, ew, pr, gt, ge, lt, le'

/** What follows a path: `pr`, or an operator and its value. */
const readComparison = (reader: Reader, path: AttributePath, from: number): Read<Filter> => {
  const column = from + 1
  const written = takeWord(reader, operatorWord)
  if (written === null) return expect(reader, `${operatorsOffered} after the attribute`)
  if (++reader.comparisons > filterComparisonsMax) {
    return expect(reader, `at most ${filterComparisonsMax} comparisons`, from)
  }
  if (written === 'pr') return ok({ kind: 'present', path, column })
  const operator = written as FilterOperator
  skipSpace(reader)
  const valueFrom = reader.at
  const value = readValue(reader, operator)
  if (!value.ok) return value
  const wanted = fits(operator, value.value)
  if (wanted !== null) return expect(reader, `${wanted} after '${operator}'`, valueFrom)
  const valueColumn = valueFrom + 1
  return ok({ kind: 'compare', path, operator, value: value.value, column, valueColumn })
}

/** Reads what is one level further in, or refuses to go deeper. */
const deeper = <Value>(reader: Reader, read: () => Read<Value>): Read<Value> => {
  if (reader.depth === filterDepthMax) {
    return expect(reader, `at most ${filterDepthMax} levels of parentheses`, reader.at - 1)
  }
  reader.depth++
  const value = read()
  reader.depth--
  return value
}

/** `[…]` after a path, and the `.sub eq 1` that may follow it. */
const readValuePath = (reader: Reader, path: AttributePath, from: number): Read<Filter> => {
  const column = from + 1
  if (reader.inValuePath) return expect(reader, 'no brackets inside brackets', reader.at - 1)
  if (path.sub !== null) {
    return expect(reader, "an operator: '[' follows a list, not its sub-attribute", reader.at - 1)
  }
  const filter = deeper(reader, () => {
    reader.inValuePath = true
    const inside = readOr(reader)
    reader.inValuePath = false
    return inside
  })
  if (!filter.ok) return filter
  if (!takeSign(reader, ']')) return expect(reader, "and, or, or ']'")
  const inner = filter.value
  if (reader.text[reader.at] !== '.') return ok({ kind: 'valuePath', path, filter: inner, column })
  const subFrom = ++reader.at
  const sub = readInnerPath(reader)
  if (!sub.ok) return sub
  const last = readComparison(reader, sub.value, subFrom)
  if (!last.ok) return last
  const before = inner.kind === 'and' ? inner.filters : [inner]
  const both: Filter = { kind: 'and', filters: [...before, last.value], column: inner.column }
  return ok({ kind: 'valuePath', path, filter: both, column })
}

const readPath = (reader: Reader): Read<AttributePath> => {
  if (matchHere(reader, joinWord) !== null) return expect(reader, 'an attribute name')
  const path = scanAttributePath(reader.text, reader.at)
  if (!path.ok) return path
  reader.at = path.value.end
  return ok(path.value.value)
}

const readInnerPath = (reader: Reader): Read<AttributePath> => {
  const from = reader.at
  const path = readPath(reader)
  if (!path.ok) return path
  if (path.value.urn === null && path.value.sub === null) return path
  return expect(reader, 'the name of a sub-attribute, without dot or URN', from)
}

const readGroup = (reader: Reader): Read<Filter> => {
  const inside = deeper(reader, () => readOr(reader))
  if (!inside.ok) return inside
  return takeSign(reader, ')') ? inside : expect(reader, "and, or, or ')'")
}

const readTerm = (reader: Reader): Read<Filter> => {
  skipSpace(reader)
  const from = reader.at
  if (takeSign(reader, '(')) return readGroup(reader)
  if (takeWord(reader, notWord) !== null) {
    if (!takeSign(reader, '(')) return expect(reader, "'(' after not")
    const filter = readGroup(reader)
    return filter.ok ? ok({ kind: 'not', filter: filter.value, column: from + 1 }) : filter
  }
  const path = reader.inValuePath ? readInnerPath(reader) : readPath(reader)
  if (!path.ok) return path
  if (takeSign(reader, '[')) return readValuePath(reader, path.value, from)
  return readComparison(reader, path.value, from)
}

const readJoined = (
  reader: Reader,
  kind: 'and' | 'or',
  readOperand: (reader: Reader) => Read<Filter>,
): Read<Filter> => {
  skipSpace(reader)
  const column = reader.at + 1
  const filters: Filter[] = []
  do {
    const operand = readOperand(reader)
    if (!operand.ok) return operand
    filters.push(operand.value)
  } while (takeWord(reader, kind === 'and' ? andWord : orWord) !== null)
  const [first] = filters
  return ok(first !== undefined && filters.length === 1 ? first : { kind, filters, column })
}

/** `and` binds stronger than `or` (RFC 7644 §3.4.2.2). */
const readAnd = (reader: Reader): Read<Filter> => readJoined(reader, 'and', readTerm)
const readOr = (reader: Reader): Read<Filter> => readJoined(reader, 'or', readAnd)

const newReader = (text: string, at: number, inValuePath: boolean): Reader => ({
  text,
  at,
  depth: 0,
  comparisons: 0,
  inValuePath,
})

/**
 * Reads the filter between the brackets of a value path, up to the `]` (RFC 7644 §3.5.2).
 * @param from offset behind the `[`
 * @returns the filter and the offset behind the `]`
 */
export const scanValueFilter = (
  text: string,
  from: number,
): Result<Scanned<Filter>, SyntaxFault> => {
  const reader = newReader(text, from, true)
  const filter = readOr(reader)
  if (!filter.ok) return filter
  if (!takeSign(reader, ']')) return expect(reader, "and, or, or ']'")
  return ok({ value: filter.value, end: reader.at })
}

const afterWord = 'and, or, or the end (a text with spaces or signs stands in quotation marks)'

/**
 * Reads a filter.
 * @param text the decoded parameter
 * @returns the tree; FILTER_MALFORMED with the column where reading stopped and what would have
 * been right there, also for more than 4000 characters, 50 levels or 100 comparisons
 */
export const readFilter = (text: string): Result<Filter, AdministrationRefusal> => {
  if (text.length > filterCharsMax) {
    return refuseChange('FILTER_MALFORMED', `A filter has at most ${filterCharsMax} characters.`, {
      why: `This one has ${text.length}.`,
      at: 'filter',
    })
  }
  const reader = newReader(text, 0, false)
  let filter = readOr(reader)
  if (filter.ok) skipSpace(reader)
  if (filter.ok && reader.at < text.length) filter = expect(reader, afterWord)
  if (filter.ok) return filter
  const { column, expected } = filter.failure
  return refuseChange('FILTER_MALFORMED', `filter column ${column}: expected ${expected}.`, {
    fix: 'Example: displayName eq "Orders"',
    at: `filter:${column}`,
  })
}
