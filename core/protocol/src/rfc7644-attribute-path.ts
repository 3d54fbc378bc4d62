/**
 * Attribute notation (RFC 7644 §3.10): `userName`, `name.familyName`, `$ref`, and any of them after
 * the URN of a schema, whose own dots and colons belong to the URN.
 */
import { type AdministrationRefusal, refuseChange } from './administration-refusal.ts'
import { fail, ok, type Result } from './result.ts'

/** As written; names are compared by `sameAttributeName`. */
export interface AttributePath {
  /** URN of a schema, without the colon that ends it. */
  readonly urn: string | null
  readonly name: string
  readonly sub: string | null
}

/** Where reading stopped; `column` counts from 1. */
export interface SyntaxFault {
  readonly column: number
  /** What would have been right there, e.g. `an attribute name`. */
  readonly expected: string
}

/** What was read, and the offset, from 0, of what follows it. */
export interface Scanned<Value> {
  readonly value: Value
  readonly end: number
}

export const attributePathCharsMax = 500
const pathsMax = 200

/** Wider than the standard's by `_` in front, so that `__proto__` is unknown and not unreadable. */
const written = /[A-Za-z_$][\w$:.-]*/uy
const plain = /^[A-Za-z_$][\w$-]*$/u
const schemaUrn = /^[Uu][Rr][Nn]:[A-Za-z0-9][\w$-]*:[\w$.-]+(?::[\w$.-]+)*$/u

const expectedName = 'an attribute name'

/**
 * Reads the path that begins at an offset.
 * @returns SyntaxFault with the column of the first part that is no name
 */
export const scanAttributePath = (
  text: string,
  from: number,
): Result<Scanned<AttributePath>, SyntaxFault> => {
  written.lastIndex = from
  const whole = written.exec(text)?.[0]
  if (whole === undefined) return fail({ column: from + 1, expected: expectedName })
  if (whole.length > attributePathCharsMax) {
    const expected = `an attribute name of at most ${attributePathCharsMax} characters`
    return fail({ column: from + 1, expected })
  }
  const colon = whole.lastIndexOf(':')
  const urn = colon === -1 ? null : whole.slice(0, colon)
  if (urn !== null && !schemaUrn.test(urn)) {
    return fail({ column: from + 1, expected: "the URN of a schema before ':'" })
  }
  const [name = '', sub = null, ...deeper] = whole.slice(colon + 1).split('.')
  const column = from + colon + 2
  if (!plain.test(name)) return fail({ column, expected: expectedName })
  const subColumn = column + name.length + 1
  if (sub !== null && !plain.test(sub)) {
    return fail({ column: subColumn, expected: "the name of a sub-attribute after '.'" })
  }
  if (deeper.length > 0) {
    const expected = 'one sub-attribute: those have none of their own'
    return fail({ column: subColumn + (sub ?? '').length, expected })
  }
  return ok({ value: { urn, name, sub }, end: from + whole.length })
}

/** Reads a text that is one path and nothing else. */
export const readAttributePath = (text: string): Result<AttributePath, SyntaxFault> => {
  const path = scanAttributePath(text, 0)
  if (!path.ok) return path
  const { value, end } = path.value
  if (end === text.length) return ok(value)
  return fail({ column: end + 1, expected: 'the end of the attribute name' })
}

/**
 * Reads `attributes`, `excludedAttributes` or `sortBy`: paths between commas, spaces around them.
 * The URN of a schema alone reads as a path too: compare `writeAttributePath` of it with the URN.
 * @param parameter name for the message
 * @returns QUERY_MALFORMED with the column; more than 200 paths are refused
 */
export const readAttributePaths = (
  text: string,
  parameter: string,
): Result<readonly AttributePath[], AdministrationRefusal> => {
  const paths: AttributePath[] = []
  let from = 0
  for (const part of text.split(',')) {
    const trimmed = part.trim()
    const path = readAttributePath(trimmed)
    if (!path.ok || paths.length === pathsMax) {
      const { column, expected } = path.ok
        ? { column: 1, expected: `at most ${pathsMax} attributes` }
        : path.failure
      const at = from + (part.length - part.trimStart().length) + column
      const what = `${parameter} column ${at}: expected ${expected}.`
      return refuseChange('QUERY_MALFORMED', what, {
        fix: 'Example: displayName,meta.created',
        at: `${parameter}:${at}`,
      })
    }
    paths.push(path.value)
    from += part.length + 1
  }
  return ok(paths)
}

/** The path as text: what `readAttributePath` reads back. */
export const writeAttributePath = (path: AttributePath): string =>
  (path.urn === null ? '' : `${path.urn}:`) + path.name + (path.sub === null ? '' : `.${path.sub}`)

/** RFC 7643 §2.1: the case of names, and of schema URNs, says nothing. */
export const sameAttributeName = (left: string, right: string): boolean =>
  left.toLowerCase() === right.toLowerCase()
