/**
 * JSON (RFC 8259) for text that a stranger signed. `JSON.parse` keeps the last of two equal names,
 * reads 1e400 as Infinity and nests without bound; two readers of one signed text must not see two
 * things, so this one refuses where RFC 8259 §4 and RFC 7515 §4 leave the choice.
 */
import { fail, ok, type Result } from './result.ts'

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject

/** Has no prototype: only what the text says is in it, `__proto__` included. */
export interface JsonObject {
  readonly [name: string]: JsonValue
}

export type JsonFault = 'NOT_JSON' | 'DUPLICATE_NAME' | 'NUMBER_NOT_FINITE' | 'TOO_DEEP'

/** Thrown and caught in this file only: one way out of the recursion. */
class JsonRefusal extends Error {
  readonly fault: JsonFault
  constructor(fault: JsonFault) {
    super(fault)
    this.fault = fault
  }
}

interface Cursor {
  readonly text: string
  readonly depthMax: number
  at: number
}

const quote = 0x22
const backslash = 0x5c
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y

const skipSpace = (cursor: Cursor): void => {
  for (;;) {
    const code = cursor.text.charCodeAt(cursor.at)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
    cursor.at += 1
  }
}

const take = (cursor: Cursor, character: string): boolean => {
  skipSpace(cursor)
  if (cursor.text[cursor.at] !== character) return false
  cursor.at += 1
  return true
}

const expect = (cursor: Cursor, character: string): void => {
  if (!take(cursor, character)) throw new JsonRefusal('NOT_JSON')
}

/** Stands on the opening quote. */
const readString = (cursor: Cursor): string => {
  const start = cursor.at
  let isEscaped = false
  for (let at = start + 1; at < cursor.text.length; at += 1) {
    const code = cursor.text.charCodeAt(at)
    if (code === quote) {
      cursor.at = at + 1
      return isEscaped
        ? readEscapes(cursor.text.slice(start, cursor.at))
        : cursor.text.slice(start + 1, at)
    }
    if (code < 0x20) break
    if (code === backslash) {
      isEscaped = true
      at += 1
    }
  }
  throw new JsonRefusal('NOT_JSON')
}

const readEscapes = (quoted: string): string => {
  let text: string
  try {
    text = JSON.parse(quoted) as string
  } catch {
    throw new JsonRefusal('NOT_JSON')
  }
  // RFC 8259 §8.2: an escaped lone surrogate is no character, and no UTF-8 can carry it on.
  if (!text.isWellFormed()) throw new JsonRefusal('NOT_JSON')
  return text
}

const readNumber = (cursor: Cursor): number => {
  number.lastIndex = cursor.at
  const digits = number.exec(cursor.text)?.[0]
  if (digits === undefined) throw new JsonRefusal('NOT_JSON')
  cursor.at += digits.length
  const value = Number(digits)
  if (!Number.isFinite(value)) throw new JsonRefusal('NUMBER_NOT_FINITE')
  return value
}

const readWord = <Word>(cursor: Cursor, word: string, value: Word): Word => {
  if (!cursor.text.startsWith(word, cursor.at)) throw new JsonRefusal('NOT_JSON')
  cursor.at += word.length
  return value
}

const readArray = (cursor: Cursor, depth: number): readonly JsonValue[] => {
  const values: JsonValue[] = []
  cursor.at += 1
  if (take(cursor, ']')) return values
  do values.push(readValue(cursor, depth))
  while (take(cursor, ','))
  expect(cursor, ']')
  return values
}

const readObject = (cursor: Cursor, depth: number): JsonObject => {
  const members = Object.create(null) as Record<string, JsonValue>
  cursor.at += 1
  if (take(cursor, '}')) return members
  do {
    skipSpace(cursor)
    if (cursor.text.charCodeAt(cursor.at) !== quote) throw new JsonRefusal('NOT_JSON')
    // Compared after unescaping: "a" and "\u0061" are one name.
    const name = readString(cursor)
    if (name in members) throw new JsonRefusal('DUPLICATE_NAME')
    expect(cursor, ':')
    members[name] = readValue(cursor, depth)
  } while (take(cursor, ','))
  expect(cursor, '}')
  return members
}

const readValue = (cursor: Cursor, depth: number): JsonValue => {
  skipSpace(cursor)
  switch (cursor.text[cursor.at]) {
    case '"':
      return readString(cursor)
    case '{':
    case '[': {
      if (depth === cursor.depthMax) throw new JsonRefusal('TOO_DEEP')
      const isObject = cursor.text[cursor.at] === '{'
      return isObject ? readObject(cursor, depth + 1) : readArray(cursor, depth + 1)
    }
    case 't':
      return readWord(cursor, 'true', true)
    case 'f':
      return readWord(cursor, 'false', false)
    case 'n':
      return readWord(cursor, 'null', null)
    default:
      return readNumber(cursor)
  }
}

/**
 * Reads one JSON text.
 * @param text decoded from UTF-8 without loss; the caller bounds its length
 * @param depthMax how many objects and arrays may stand inside each other
 */
export const parseStrictJson = (text: string, depthMax: number): Result<JsonValue, JsonFault> => {
  const cursor: Cursor = { text, depthMax, at: 0 }
  try {
    const value = readValue(cursor, 0)
    skipSpace(cursor)
    return cursor.at === text.length ? ok(value) : fail('NOT_JSON')
  } catch (error) {
    if (error instanceof JsonRefusal) return fail(error.fault)
    throw error
  }
}

/**
 * The same members in a third of the memory, for whoever keeps them: V8 makes a hash table of an
 * object that begins without a prototype, and not of one that loses it.
 */
export const compactObject = (object: JsonObject): JsonObject =>
  Object.setPrototypeOf({ ...object }, null) as JsonObject
