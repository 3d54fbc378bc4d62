/**
 * Distinguished names: written as a string (RFC 4514), encoded in a certificate (RFC 5280
 * §4.1.2.4), and compared (RFC 5280 §7.1, RFC 4517 §4.2.15). Both sources become one structure;
 * names are never compared as the string that some program prints.
 */

import { prepareCaseIgnore } from './rfc4518-string-preparation.ts'
import { attributeTypeOf, hasCaseIgnoreMatch } from './rfc4519-attribute-type.ts'
import {
  type DerElement,
  derTags,
  readDer,
  readDerChildren,
  readDerText,
  readObjectIdentifier,
} from './x690-der.ts'

export interface NameAttribute {
  /** Dotted object identifier. */
  readonly type: string
  /** Text, or DER in lower-case hexadecimal where the value is no character string. */
  readonly value: string
  readonly encoding: 'text' | 'der'
}

/** One relative name: a set, almost always of one. */
export type RelativeName = readonly NameAttribute[]

/** In the order of the certificate, root first; a string lists them the other way round (§2.1). */
export type DistinguishedName = readonly RelativeName[]

const nameCharsMax = 4096
const relativeNamesMax = 64
const attributesMax = 16

const readAttributeValue = (type: string, element: DerElement): NameAttribute => {
  const text = readDerText(element)
  if (text !== null) return { type, value: text, encoding: 'text' }
  let hex = ''
  for (const octet of element.whole) hex += octet.toString(16).padStart(2, '0')
  return { type, value: hex, encoding: 'der' }
}

/** Where a string name is being read. */
interface Cursor {
  readonly text: string
  at: number
}

const skipSpaces = (cursor: Cursor): void => {
  while (cursor.text[cursor.at] === ' ') cursor.at += 1
}

const takeMatch = (cursor: Cursor, sticky: RegExp): string | null => {
  sticky.lastIndex = cursor.at
  const match = sticky.exec(cursor.text)
  if (match === null) return null
  cursor.at = sticky.lastIndex
  return match[0]
}

// §3: attributeType = descr / numericoid
const typePattern = /[A-Za-z][A-Za-z0-9-]*|(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))+/y
const hexPattern = /#(?:[0-9A-Fa-f]{2})+/y
const hexPairPattern = /[0-9A-Fa-f]{2}/y
// §3: pair = ESC ( ESC / special / hexpair ), special = escaped / SPACE / SHARP / EQUALS
const escapable = '\\"+,;<> #='
const unescapedForbidden = '"<>;\0'

/** §2.4: the value is `#` and the hexadecimal of its BER. */
const readHexValue = (cursor: Cursor, type: string): NameAttribute | null => {
  const hex = takeMatch(cursor, hexPattern)
  if (hex === null) return null
  const octets = hex.slice(1).match(/../g)!
  const element = readDer(Uint8Array.from(octets, (pair) => Number.parseInt(pair, 16)))
  return element === null ? null : readAttributeValue(type, element)
}

/**
 * The character or bytes behind a backslash, percent-encoded; null when they may not be escaped.
 */
const readEscape = (cursor: Cursor): string | null => {
  const character = cursor.text[cursor.at]
  if (character !== undefined && escapable.includes(character)) {
    cursor.at += 1
    return encodeURIComponent(character)
  }
  const pair = takeMatch(cursor, hexPairPattern)
  return pair === null ? null : `%${pair}`
}

/**
 * §2.4: a string with escapes. Escaped bytes are UTF-8 only together, so all is gathered
 * percent-encoded and decoded at the end. Spaces around it are not its own unless escaped.
 */
const readStringValue = (cursor: Cursor, type: string): NameAttribute | null => {
  let encoded = ''
  let significant = 0
  while (cursor.at < cursor.text.length) {
    const character = String.fromCodePoint(cursor.text.codePointAt(cursor.at)!)
    if (character === ',' || character === '+') break
    if (unescapedForbidden.includes(character)) return null
    cursor.at += character.length
    const piece = character === '\\' ? readEscape(cursor) : encodeURIComponent(character)
    if (piece === null) return null
    encoded += piece
    if (character !== ' ') significant = encoded.length
  }
  try {
    return { type, value: decodeURIComponent(encoded.slice(0, significant)), encoding: 'text' }
  } catch {
    return null
  }
}

/** `type=value`, with the spaces around both that RFC 2253 §4 asks readers to allow. */
const readAttribute = (cursor: Cursor): NameAttribute | null => {
  skipSpaces(cursor)
  const written = takeMatch(cursor, typePattern)
  const type = written === null ? null : attributeTypeOf(written)
  skipSpaces(cursor)
  if (type === null || cursor.text[cursor.at] !== '=') return null
  cursor.at += 1
  skipSpaces(cursor)
  const isHex = cursor.text[cursor.at] === '#'
  const attribute = isHex ? readHexValue(cursor, type) : readStringValue(cursor, type)
  skipSpaces(cursor)
  return attribute
}

const readRelativeName = (cursor: Cursor): RelativeName | null => {
  const attributes: NameAttribute[] = []
  for (;;) {
    const attribute = readAttribute(cursor)
    if (attribute === null || attributes.length === attributesMax) return null
    attributes.push(attribute)
    if (cursor.text[cursor.at] !== '+') return attributes
    cursor.at += 1
  }
}

/**
 * Reads a name in the form of RFC 4514 §3, attribute types as names or object identifiers.
 * @returns null for everything that is not one; the empty string is the empty name
 */
export const parseDistinguishedName = (text: string): DistinguishedName | null => {
  if (text.length > nameCharsMax || !text.isWellFormed()) return null
  if (text === '') return []
  const cursor: Cursor = { text, at: 0 }
  const names: RelativeName[] = []
  for (;;) {
    const name = readRelativeName(cursor)
    if (name === null || names.length === relativeNamesMax) return null
    names.push(name)
    if (cursor.at === text.length) return names.reverse()
    if (text[cursor.at] !== ',') return null
    cursor.at += 1
  }
}

const readDerAttribute = (element: DerElement): NameAttribute | null => {
  const [type, value, ...rest] = readDerChildren(element, derTags.sequence) ?? []
  const identifier = readObjectIdentifier(type)
  if (identifier === null || value === undefined || rest.length > 0) return null
  return readAttributeValue(identifier, value)
}

const readDerRelativeName = (element: DerElement): RelativeName | null => {
  const attributes: NameAttribute[] = []
  for (const child of readDerChildren(element, derTags.set) ?? []) {
    const attribute = readDerAttribute(child)
    if (attribute === null || attributes.length === attributesMax) return null
    attributes.push(attribute)
  }
  return attributes.length > 0 ? attributes : null
}

/**
 * Reads the Name of a certificate (RFC 5280 §4.1.2.4).
 * @param der the whole SEQUENCE
 * @returns null when it is not a Name, or larger than the bounds of this file
 */
export const parseDerName = (der: Uint8Array): DistinguishedName | null => {
  const children = readDerChildren(readDer(der), derTags.sequence)
  if (children === null || children.length > relativeNamesMax) return null
  const names: RelativeName[] = []
  for (const child of children) {
    const name = readDerRelativeName(child)
    if (name === null) return null
    names.push(name)
  }
  return names
}

/** A key that is equal for equal attributes; null for a value that equals nothing. */
const comparisonKey = ({ type, value, encoding }: NameAttribute): string | null => {
  if (encoding === 'der') return `${type}#${value}`
  // RFC 5280 §7.1: an attribute whose rule is not known is equal only to itself.
  const prepared = hasCaseIgnoreMatch(type) ? prepareCaseIgnore(value) : value
  return prepared === null ? null : `${type}=${prepared}`
}

/** RFC 5280 §7.1: equal as sets; order inside a relative name means nothing. */
const relativeNamesEqual = (one: RelativeName, other: RelativeName): boolean => {
  if (one.length !== other.length) return false
  const keys = one.map(comparisonKey).sort()
  const otherKeys = other.map(comparisonKey).sort()
  return keys.every((key, at) => key !== null && key === otherKeys[at])
}

/** Whether two names have equal relative names in the same order. */
export const distinguishedNamesEqual = (
  one: DistinguishedName,
  other: DistinguishedName,
): boolean =>
  one.length === other.length && one.every((name, at) => relativeNamesEqual(name, other[at]!))
