/**
 * Filters (RFC 7644 §3.4.2.2): so far conjunctions of `attribute eq value`. What is outside of that
 * is refused with its column and what is read here, never ignored.
 */
import { type AdministrationRefusal, refuseChange } from './administration-refusal.ts'
import { ok, type Result } from './result.ts'

const filterCharsMax = 2000
const termsMax = 20

export type FilterValue = string | number | boolean | null

/** One `attribute eq value`; `column` counts from 1, for messages. */
export interface EqualityTerm {
  /** As written, a `urn:…:` prefix kept. */
  readonly attribute: string
  readonly value: FilterValue
  readonly column: number
}

interface Token {
  readonly text: string
  readonly column: number
}

const tokenPattern = /\s*(?:("(?:[^"\\]|\\.)*")|([()[\]])|([^\s()[\]"]+))/uy
const otherOperators = /^(?:ne|co|sw|ew|pr|gt|ge|lt|le)$/iu
const attributePath = /^(?:urn:[\w.:-]+:)?[A-Za-z$][\w$-]*(?:\.[A-Za-z$][\w$-]*)?$/u
const offered = 'Filters are conjunctions so far, e.g. displayName eq "Orders" and active eq true.'

const malformed = (column: number, expected: string) =>
  refuseChange('FILTER_MALFORMED', `filter column ${column}: expected ${expected}.`, {
    fix: 'Example: displayName eq "Orders"',
    at: `filter:${column}`,
  })

const notOffered = (column: number, what: string) =>
  refuseChange('FILTER_NOT_OFFERED', `filter column ${column}: ${what} is not read yet.`, {
    fix: offered,
    at: `filter:${column}`,
  })

const split = (text: string): Result<readonly Token[], AdministrationRefusal> => {
  const tokens: Token[] = []
  tokenPattern.lastIndex = 0
  const end = text.trimEnd().length
  while (tokenPattern.lastIndex < end) {
    const from = tokenPattern.lastIndex
    const match = tokenPattern.exec(text)
    if (match === null) return malformed(from + 1, 'a closing quotation mark')
    const token = match[1] ?? match[2] ?? match[3] ?? ''
    tokens.push({ text: token, column: tokenPattern.lastIndex - token.length + 1 })
  }
  return ok(tokens)
}

const readValue = (token: Token): Result<FilterValue, AdministrationRefusal> => {
  const { text, column } = token
  if (text === 'true' || text === 'false') return ok(text === 'true')
  if (text === 'null') return ok(null)
  try {
    const value: unknown = JSON.parse(text) // RFC 7644 §3.4.2.2: values are JSON
    if (typeof value === 'string' || typeof value === 'number') return ok(value)
  } catch {
    // falls through: no JSON value
  }
  return malformed(column, 'a value: "text" in quotation marks, true, false or a number')
}

/**
 * Reads a filter.
 * @param text the decoded parameter
 * @returns the terms, all of which must hold; FILTER_MALFORMED with the column where reading
 * stopped; FILTER_NOT_OFFERED for the rest of the language
 */
export const readEqualityFilter = (
  text: string,
): Result<readonly EqualityTerm[], AdministrationRefusal> => {
  if (text.length > filterCharsMax) {
    return refuseChange('FILTER_MALFORMED', `A filter has at most ${filterCharsMax} characters.`)
  }
  const tokens = split(text)
  if (!tokens.ok) return tokens
  const terms: EqualityTerm[] = []
  const all = tokens.value
  for (let at = 0; ; at += 4) {
    const term = readTerm(all, at, text.length + 1)
    if (!term.ok) return term
    terms.push(term.value)
    const joint = all[at + 3]
    if (joint === undefined) return ok(terms)
    if (/^or$/iu.test(joint.text)) return notOffered(joint.column, 'or')
    if (joint.text === '[' || joint.text === ']') return notOffered(joint.column, 'a value path')
    if (!/^and$/iu.test(joint.text)) return malformed(joint.column, 'and, or the end')
    if (terms.length === termsMax) return malformed(joint.column, `at most ${termsMax} terms`)
  }
}

const readTerm = (
  tokens: readonly Token[],
  at: number,
  end: number,
): Result<EqualityTerm, AdministrationRefusal> => {
  const attribute = tokens[at]
  if (attribute === undefined) return malformed(end, 'an attribute name')
  if (attribute.text === '(') return notOffered(attribute.column, 'grouping')
  if (/^not$/iu.test(attribute.text)) return notOffered(attribute.column, 'not')
  if (!attributePath.test(attribute.text)) return malformed(attribute.column, 'an attribute name')
  const operator = tokens[at + 1]
  if (operator === undefined) return malformed(end, "the operator 'eq'")
  if (operator.text === '[') return notOffered(operator.column, 'a value path')
  if (otherOperators.test(operator.text)) {
    return notOffered(operator.column, `the operator '${operator.text}'`)
  }
  if (!/^eq$/iu.test(operator.text)) return malformed(operator.column, "the operator 'eq'")
  const operand = tokens[at + 2]
  if (operand === undefined) return malformed(end, `a value after '${operator.text}'`)
  const value = readValue(operand)
  if (!value.ok) return value
  return ok({ attribute: attribute.text, value: value.value, column: attribute.column })
}
