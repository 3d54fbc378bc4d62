/**
 * The one reading of a request's path: what the rule is looked up by is what the API is sent. What
 * two programs could read in two ways is refused, not repaired (RFC 3986 §6, RFC 9112 §3.2).
 */
import { fail, ok, type Result } from '@mintmark/protocol/result'

export interface RequestTarget {
  /** Begins with a slash; unreserved characters bare, all others encoded with capital digits. */
  readonly path: string
  /** Path and query, as the API is asked. */
  readonly target: string
  /** The target came in this very form but for the case of hexadecimal digits. */
  readonly isAsSent: boolean
}

const targetCharsMax = 8192
const unreserved = /[\w.~-]/
/** RFC 3986 §3.3: what a segment may hold bare. */
const pathCharacter = /[\w.~\-!$&'()*+,=:@]/
const lenient = new TextDecoder('utf-8', { fatal: true })

/** What means something to whoever decodes once more, or in another order. */
const decodedTrouble = /[/\\;%?#\p{Cc}]/u

const decode = (segment: string): string | null => {
  const bytes: number[] = []
  for (let at = 0; at < segment.length; at += 1) {
    if (segment[at] !== '%') {
      bytes.push(segment.charCodeAt(at))
      continue
    }
    const digits = segment.slice(at + 1, at + 3)
    if (!/^[0-9a-f]{2}$/i.test(digits)) return null
    bytes.push(Number.parseInt(digits, 16))
    at += 2
  }
  try {
    return lenient.decode(Uint8Array.from(bytes))
  } catch {
    return null
  }
}

const encode = (text: string): string => {
  let written = ''
  for (const byte of new TextEncoder().encode(text)) {
    const character = String.fromCharCode(byte)
    const isBare = byte < 0x80 && pathCharacter.test(character)
    written += isBare ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return written
}

/** Encoded delimiters such as `%3D` stay encoded: bare they could mean something else. */
const encodeLike = (sent: string, decoded: string): string => {
  if (!sent.includes('%')) return encode(decoded)
  return sent.replaceAll(/%[0-9a-f]{2}|[^%]/gi, (piece) => {
    if (piece.length === 1) return encode(piece)
    const character = String.fromCharCode(Number.parseInt(piece.slice(1), 16))
    return unreserved.test(character) ? character : piece.toUpperCase()
  })
}

const readSegment = (sent: string): Result<string, string> => {
  if (/[;\\]/.test(sent)) return fail('holds a semicolon or a backslash')
  const decoded = decode(sent)
  if (decoded === null) return fail('is not percent-encoded UTF-8')
  // A character that becomes a slash or a dot when somebody folds it (U+FF0F, U+2024) is one here.
  const folded = decoded.normalize('NFKC')
  if (/^\.{1,2}$/.test(folded)) return fail('has a segment of dots')
  // A lone percent sign is a character like others; two digits behind it are a second encoding.
  const judged = folded.replaceAll(/%(?![0-9a-f]{2})/gi, '')
  if (decodedTrouble.test(judged)) return fail('holds an encoded slash, sign or control character')
  return ok(encodeLike(sent, decoded))
}

/** Without scheme and host, which RFC 9112 §3.2.2 lets a client send too. */
const originForm = (sent: string, host: string | null): Result<string, string> => {
  if (sent.startsWith('/')) return ok(sent)
  const parts = /^https?:\/\/([^/?#]*)(\/.*)?$/i.exec(sent)
  if (parts === null) return fail('does not begin with a slash')
  const [, authority = '', path = '/'] = parts
  const isSame = host !== null && authority.toLowerCase() === host.toLowerCase()
  return isSame ? ok(path) : fail('names another host than the Host field')
}

/**
 * Reads a request target.
 * @param sent from the request line, or from the field of a trusted proxy
 * @param host the Host field; null where the target must be a path
 * @returns the target in its one form, or why it is ambiguous
 */
export const readRequestTarget = (
  sent: string,
  host: string | null = null,
): Result<RequestTarget, string> => {
  if (sent.length > targetCharsMax) return fail(`is longer than ${targetCharsMax} characters`)
  if (!/^[\x21-\x7e]+$/.test(sent)) return fail('holds a character that is not printable ASCII')
  if (sent.includes('#')) return fail('has a fragment')
  const origin = originForm(sent, host)
  if (!origin.ok) return origin
  const question = origin.value.indexOf('?')
  const rawPath = question < 0 ? origin.value : origin.value.slice(0, question)
  const query = question < 0 ? '' : origin.value.slice(question)
  const segments = rawPath.slice(1).split('/')
  const written: string[] = []
  for (const [at, segment] of segments.entries()) {
    if (segment === '' && at < segments.length - 1) return fail('has two slashes in a row')
    const read = readSegment(segment)
    if (!read.ok) return read
    written.push(read.value)
  }
  const path = `/${written.join('/')}`
  const upper = rawPath.replaceAll(/%[0-9a-f]{2}/gi, (piece) => piece.toUpperCase())
  return ok({ path, target: path + query, isAsSent: path === upper })
}
