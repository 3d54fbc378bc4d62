/**
 * Reading JWTs in the compact serialization (RFC 7515 §3.1, RFC 7519, RFC 8725): client assertions,
 * and our own access tokens when they come back. Reading only: the signature is returned, not
 * checked.
 */
import { fail, ok, type Result } from './result.ts'
import {
  type JsonFault,
  type JsonObject,
  type JsonValue,
  parseStrictJson,
} from './rfc8259-strict-json.ts'

export interface CompactJwt {
  readonly header: JsonObject
  readonly claims: JsonObject
  /** The two first segments with their dot, as signed (RFC 7515 §5.2). */
  readonly signingInput: string
  readonly signature: Uint8Array
}

export type JwtFault =
  | JsonFault
  | 'TOO_LONG'
  | 'NOT_THREE_SEGMENTS'
  | 'NOT_BASE64URL'
  | 'NOT_UTF8'
  | 'NOT_AN_OBJECT'
  | 'CRITICAL_HEADER'

const depthMax = 16

/**
 * RFC 7515 §2: base64url without padding. The bits that do not fill a byte are zero (RFC 4648
 * §3.5), so that one byte string has one spelling and a token cannot be varied without its
 * signature.
 */
const base64url = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/

const ascii = /^[\x00-\x7f]*$/
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const decodeBinary = (segment: string): string | null =>
  base64url.test(segment) ? atob(segment.replaceAll('-', '+').replaceAll('_', '/')) : null

const bytesOf = (binary: string): Uint8Array => {
  const bytes = new Uint8Array(binary.length)
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at)
  return bytes
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * RFC 7519 §7.2: each of the two is the UTF-8 of exactly one JSON object; a byte order mark is
 * none.
 */
const readObjectSegment = (segment: string): Result<JsonObject, JwtFault> => {
  const binary = decodeBinary(segment)
  if (binary === null) return fail('NOT_BASE64URL')
  let text = binary
  if (!ascii.test(binary)) {
    try {
      text = utf8.decode(bytesOf(binary))
    } catch {
      return fail('NOT_UTF8')
    }
  }
  const parsed = parseStrictJson(text, depthMax)
  if (!parsed.ok) return parsed
  return isObject(parsed.value) ? ok(parsed.value) : fail('NOT_AN_OBJECT')
}

/**
 * Reads a compact JWS whose payload is a claims set.
 * @param text the token
 * @param bounds `lengthMax`: characters of the whole token
 * @returns header and claims without prototypes, or what is wrong. `crit` in any form and `b64` are
 * CRITICAL_HEADER: no extension is supported here (RFC 7515 §4.1.11, RFC 7797 §7)
 */
export const readCompactJwt = (
  text: string,
  bounds: { readonly lengthMax: number },
): Result<CompactJwt, JwtFault> => {
  if (text.length > bounds.lengthMax) return fail('TOO_LONG')
  const first = text.indexOf('.')
  const second = text.indexOf('.', first + 1)
  // Five segments are a JWE, two an unsecured JWT without its last dot: neither is read here.
  if (first === -1 || second === -1 || text.indexOf('.', second + 1) !== -1) {
    return fail('NOT_THREE_SEGMENTS')
  }
  const header = readObjectSegment(text.slice(0, first))
  if (!header.ok) return header
  if ('crit' in header.value || 'b64' in header.value) return fail('CRITICAL_HEADER')
  const claims = readObjectSegment(text.slice(first + 1, second))
  if (!claims.ok) return claims
  const signature = decodeBinary(text.slice(second + 1))
  if (signature === null) return fail('NOT_BASE64URL')
  return ok({
    header: header.value,
    claims: claims.value,
    signingInput: text.slice(0, second),
    signature: bytesOf(signature),
  })
}

/**
 * A NumericDate (RFC 7519 §2): seconds since 1970, fractions allowed.
 * @returns null when the claim is absent, 'malformed' for anything but a finite number from 0 up
 */
export const readNumericDate = (value: JsonValue | undefined): number | null | 'malformed' => {
  if (value === undefined) return null
  if (typeof value !== 'number' || !(value >= 0)) return 'malformed'
  return value <= Number.MAX_SAFE_INTEGER ? value : 'malformed'
}

const normalizeMediaType = (text: string): string => {
  const lower = text.toLowerCase()
  return lower.includes('/') ? lower : `application/${lower}`
}

/**
 * RFC 7515 §4.1.9: a type without a slash means `application/…`, and media types have no case.
 * @param typ the header member as read; anything but an ASCII string equals nothing
 */
export const mediaTypeEquals = (typ: JsonValue | undefined, expected: string): boolean =>
  typeof typ === 'string' &&
  ascii.test(typ) &&
  normalizeMediaType(typ) === normalizeMediaType(expected)
