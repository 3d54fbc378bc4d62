/**
 * A reader for the few DER structures in a certificate (ITU-T X.690 §8, §10). Only what RFC 5280
 * needs: low tag numbers and definite lengths in their shortest form. Everything else is null,
 * never an exception, and nothing is copied.
 */
export interface DerElement {
  /** The identifier octet: class, constructed bit and number (§8.1.2). */
  readonly tag: number
  readonly content: Uint8Array
  /** Identifier, length and content. */
  readonly whole: Uint8Array
}

export const derTags = {
  integer: 0x02,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const

const elementsMax = 1024
const objectIdentifierBytesMax = 64

/** Reads the element that starts at `at`; null when the bytes are not one. */
const readElementAt = (bytes: Uint8Array, at: number): DerElement | null => {
  const tag = bytes[at]
  const first = bytes[at + 1]
  // §8.1.2.4: number 31 announces more identifier octets; no certificate needs them.
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return null
  let start = at + 2
  let length = first
  if (first >= 0x80) {
    const count = first & 0x7f
    // §10.1: indefinite length is not DER. Three octets are 16 MB, more than any input here.
    if (count === 0 || count > 3 || start + count > bytes.length) return null
    length = 0
    for (let octet = 0; octet < count; octet += 1) length = length * 256 + bytes[start + octet]!
    start += count
    const isShortest = length >= 0x80 && length >= 2 ** (8 * (count - 1))
    if (!isShortest) return null
  }
  const end = start + length
  if (end > bytes.length) return null
  return { tag, content: bytes.subarray(start, end), whole: bytes.subarray(at, end) }
}

/** Reads bytes that are exactly one element. */
export const readDer = (bytes: Uint8Array): DerElement | null => {
  const element = readElementAt(bytes, 0)
  return element !== null && element.whole.length === bytes.length ? element : null
}

/** Reads bytes that are elements, one after the other, to their end; at most 1024 of them. */
export const readDerList = (bytes: Uint8Array): readonly DerElement[] | null => {
  const elements: DerElement[] = []
  for (let at = 0; at < bytes.length; ) {
    const element = readElementAt(bytes, at)
    if (element === null || elements.length === elementsMax) return null
    elements.push(element)
    at += element.whole.length
  }
  return elements
}

/** The elements inside a SEQUENCE or SET; null for any other element. */
export const readDerChildren = (
  element: DerElement | null | undefined,
  tag: number,
): readonly DerElement[] | null =>
  element !== null && element !== undefined && element.tag === tag
    ? readDerList(element.content)
    : null

/** OBJECT IDENTIFIER in dotted form (§8.19). Arcs may exceed 2^53: those below 2.25 are UUIDs. */
export const readObjectIdentifier = (element: DerElement | undefined): string | null => {
  if (element?.tag !== derTags.objectIdentifier) return null
  const { content } = element
  if (content.length === 0 || content.length > objectIdentifierBytesMax) return null
  const arcs: bigint[] = []
  let arc = 0n
  let isStarted = false
  for (const octet of content) {
    // §8.19.2: no leading zeros.
    if (!isStarted && octet === 0x80) return null
    arc = arc * 128n + BigInt(octet & 0x7f)
    isStarted = octet >= 0x80
    if (isStarted) continue
    arcs.push(arc)
    arc = 0n
  }
  if (isStarted) return null
  const [joined = 0n, ...rest] = arcs
  // §8.19.4: the two first arcs share one number.
  const root = joined >= 80n ? 2n : joined / 40n
  return [root, joined - root * 40n, ...rest].join('.')
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const readUtf8 = (bytes: Uint8Array): string | null => {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

/** Fixed-width big-endian code units: one octet is Latin-1, two are UCS-2, four are UCS-4. */
const readFixedWidth = (bytes: Uint8Array, width: 1 | 2 | 4): string | null => {
  if (bytes.length % width !== 0) return null
  let text = ''
  for (let at = 0; at < bytes.length; at += width) {
    let code = 0
    for (let octet = 0; octet < width; octet += 1) code = code * 256 + bytes[at + octet]!
    if (code > 0x10ffff) return null
    text += String.fromCodePoint(code)
  }
  return text.isWellFormed() ? text : null
}

const readAscii = (bytes: Uint8Array): string | null =>
  bytes.every((octet) => octet < 0x80) ? readFixedWidth(bytes, 1) : null

/**
 * The text of a character string (X.680 §41); null for other elements and for broken text.
 * TeletexString is read as Latin-1: what the issuers of such names put into it.
 */
export const readDerText = (element: DerElement): string | null => {
  switch (element.tag) {
    case derTags.utf8String:
      return readUtf8(element.content)
    case derTags.printableString:
    case derTags.numericString:
    case derTags.visibleString:
    case derTags.ia5String:
      return readAscii(element.content)
    case derTags.teletexString:
      return readFixedWidth(element.content, 1)
    case derTags.bmpString:
      return readFixedWidth(element.content, 2)
    case derTags.universalString:
      return readFixedWidth(element.content, 4)
    default:
      return null
  }
}
