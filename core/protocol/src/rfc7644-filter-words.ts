/** The words and values that filters are made of (RFC 7644 §3.4.2.2), read one after the other. */
import { fail, ok, type Result } from './result.ts'
import type { SyntaxFault } from './rfc7644-attribute-path.ts'

/** Where reading is; the only thing here that changes. */
export interface Reader {
  readonly text: string
  /** Offset from 0. */
  at: number
  depth: number
  comparisons: number
  /** Inside brackets: names of sub-attributes, no further brackets. */
  inValuePath: boolean
}

export type Read<Value> = Result<Value, SyntaxFault>

/** The fault: what would have been right here. */
export const expect = (reader: Reader, expected: string, at = reader.at) =>
  fail({ column: at + 1, expected })

export const skipSpace = (reader: Reader): void => {
  while (/[ \t\r\n]/.test(reader.text[reader.at] ?? '')) reader.at++
}

/** The keyword that stands here, passed over with the space before it; null: another thing. */
export const takeWord = (reader: Reader, word: RegExp): string | null => {
  skipSpace(reader)
  word.lastIndex = reader.at
  const found = word.exec(reader.text)?.[0]
  if (found === undefined) return null
  reader.at += found.length
  return found.toLowerCase()
}

export const takeSign = (reader: Reader, sign: string): boolean => {
  skipSpace(reader)
  if (reader.text[reader.at] !== sign) return false
  reader.at++
  return true
}

/** No flag `u`: with it `i` takes letters beyond ASCII, e.g. ſ, for these. */
export const joinWord = /(?:and|or|not)(?![\w$:.-])/iy
const textPattern = /"(?:[^"\\]|\\.)*"/suy
const numberPattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w$:.-])/uy
const barePattern = /\w[\w:.-]*/uy
export type FilterLiteral = string | number | boolean | null
const literals: Readonly<Record<string, FilterLiteral>> = { true: true, false: false, null: null }

export const matchHere = (reader: Reader, pattern: RegExp): string | null => {
  pattern.lastIndex = reader.at
  return pattern.exec(reader.text)?.[0] ?? null
}

const parseText = (quoted: string): string | null => {
  try {
    const value: unknown = JSON.parse(quoted)
    return typeof value === 'string' && value.isWellFormed() ? value : null
  } catch {
    return null
  }
}

const readQuoted = (reader: Reader): Read<string> => {
  const quoted = matchHere(reader, textPattern)
  if (quoted === null) {
    return expect(reader, 'a closing quotation mark for the text that begins here')
  }
  const text = parseText(quoted)
  if (text === null) return expect(reader, 'a JSON text, whose escapes are \\" \\\\ \\n \\u00e9')
  reader.at += quoted.length
  return ok(text)
}

/** A value as JSON writes it, or a bare word: an identity domain takes ids without marks. */
export const readValue = (reader: Reader, operator: string): Read<FilterLiteral> => {
  skipSpace(reader)
  if (reader.text[reader.at] === '"') return readQuoted(reader)
  const number = matchHere(reader, numberPattern)
  if (number !== null && Number.isFinite(Number(number))) {
    reader.at += number.length
    return ok(Number(number) + 0) // -0 is 0
  }
  const word = matchHere(reader, barePattern)
  if (word === null || matchHere(reader, joinWord) !== null) {
    return expect(reader, `a value after '${operator}'`)
  }
  reader.at += word.length
  const lower = word.toLowerCase()
  return ok(Object.hasOwn(literals, lower) ? (literals[lower] as FilterLiteral) : word)
}
