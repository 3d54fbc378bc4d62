/**
 * Client assertions (RFC 7521 §4.2, RFC 7523 §2.2 and §3, with the audience rule of its update):
 * what their claims must say, and what the algorithms demand of keys. Signatures are verified
 * elsewhere.
 */
import { type Refusal, refuse } from './refusal.ts'
import { ok, type Result } from './result.ts'
import {
  type CompactJwt,
  mediaTypeEquals,
  readCompactJwt,
  readNumericDate,
} from './rfc7519-json-web-token.ts'
import type { JsonObject, JsonValue } from './rfc8259-strict-json.ts'

export const assertionCharsMax = 16_384
const assertionIdCharsMax = 1024

/** Everything about one algorithm (RFC 7518 §3, RFC 8037, RFC 9864) in one row. */
export type AssertionAlgorithm =
  | {
      readonly family: 'rsa-pkcs1' | 'rsa-pss'
      readonly kty: 'RSA'
      readonly hash: 'sha256' | 'sha384' | 'sha512'
      /** RFC 7518 §3.3, §3.5. */
      readonly modulusBitsMin: 2048
    }
  | {
      readonly family: 'ecdsa'
      readonly kty: 'EC'
      readonly hash: 'sha256' | 'sha384' | 'sha512'
      readonly curve: 'P-256' | 'P-384' | 'P-521'
      /** RFC 7518 §3.4: R and S joined, each of the length of the curve. */
      readonly signatureBytes: 64 | 96 | 132
    }
  | {
      readonly family: 'eddsa'
      readonly kty: 'OKP'
      /** Part of the signature scheme. */
      readonly hash: null
      readonly curve: 'Ed25519'
      readonly signatureBytes: 64
    }
  | {
      readonly family: 'hmac'
      readonly kty: 'oct'
      readonly hash: 'sha256' | 'sha384' | 'sha512'
      /** RFC 7518 §3.2: a key at least as long as the hash. */
      readonly secretBytesMin: 32 | 48 | 64
    }

const rsa = (
  family: 'rsa-pkcs1' | 'rsa-pss',
  hash: 'sha256' | 'sha384' | 'sha512',
): AssertionAlgorithm => ({ family, kty: 'RSA', hash, modulusBitsMin: 2048 })

const ed25519: AssertionAlgorithm = {
  family: 'eddsa',
  kty: 'OKP',
  hash: null,
  curve: 'Ed25519',
  signatureBytes: 64,
}

/** The allow-list by `alg`, case-sensitive (RFC 8725 §3.1). A Map, so that no name is inherited. */
export const clientAssertionAlgorithms: ReadonlyMap<string, AssertionAlgorithm> = new Map([
  ['RS256', rsa('rsa-pkcs1', 'sha256')],
  ['RS384', rsa('rsa-pkcs1', 'sha384')],
  ['RS512', rsa('rsa-pkcs1', 'sha512')],
  ['PS256', rsa('rsa-pss', 'sha256')],
  ['PS384', rsa('rsa-pss', 'sha384')],
  ['PS512', rsa('rsa-pss', 'sha512')],
  ['ES256', { family: 'ecdsa', kty: 'EC', hash: 'sha256', curve: 'P-256', signatureBytes: 64 }],
  ['ES384', { family: 'ecdsa', kty: 'EC', hash: 'sha384', curve: 'P-384', signatureBytes: 96 }],
  ['ES512', { family: 'ecdsa', kty: 'EC', hash: 'sha512', curve: 'P-521', signatureBytes: 132 }],
  ['Ed25519', ed25519],
  // RFC 9864 §2.2 deprecates this name; older clients still send it.
  ['EdDSA', ed25519],
  ['HS256', { family: 'hmac', kty: 'oct', hash: 'sha256', secretBytesMin: 32 }],
  ['HS384', { family: 'hmac', kty: 'oct', hash: 'sha384', secretBytesMin: 48 }],
  ['HS512', { family: 'hmac', kty: 'oct', hash: 'sha512', secretBytesMin: 64 }],
])

export interface PeekedAssertion extends CompactJwt {
  /** Whom to load: `sub`, else `iss`. Claimed, not proven; null when neither is a name. */
  readonly clientId: string | null
}

const nameOf = (value: JsonValue | undefined): string | null =>
  typeof value === 'string' && value !== '' ? value : null

/**
 * Reads an assertion before anything is known about its sender.
 * @returns ASSERTION_MALFORMED, or ASSERTION_CRITICAL_HEADER for `crit` and `b64`
 */
export const peekAssertion = (text: string): Result<PeekedAssertion, Refusal> => {
  const read = readCompactJwt(text, { lengthMax: assertionCharsMax })
  if (read.ok) {
    const { claims } = read.value
    return ok({ ...read.value, clientId: nameOf(claims['sub']) ?? nameOf(claims['iss']) })
  }
  const isCritical = read.failure === 'CRITICAL_HEADER'
  return refuse(isCritical ? 'ASSERTION_CRITICAL_HEADER' : 'ASSERTION_MALFORMED', {
    operator: `The assertion is not a JWT that is read here: ${read.failure}.`,
  })
}

export interface AssertionAudience {
  /**
   * `issuer-only`: the issuer as sole value, so that no other server can replay what it was sent.
   * `identity-domain`: one or several values, each of them a name of ours.
   */
  readonly policy: 'issuer-only' | 'identity-domain'
  readonly issuer: string
  readonly accepted: ReadonlySet<string>
}

export interface AssertionCheck {
  readonly header: JsonObject
  readonly claims: JsonObject
  readonly clientId: string
  readonly audience: AssertionAudience
  /** How far `exp` may lie ahead of now, and after `iat`. */
  readonly lifetimeMaxSeconds: number
  readonly nowSeconds: number
  /** How far two clocks may differ. */
  readonly skewSeconds: number
}

export interface CheckedAssertion {
  /** Whole seconds, rounded up. Keep the `jti` this long plus the skew. */
  readonly expiresAtSeconds: number
  readonly jti: string | null
}

/** Simple string comparison (RFC 3986 §6.2.1): a variant of our name is not our name. */
const isAudienceOurs = (aud: JsonValue | undefined, audience: AssertionAudience): boolean => {
  const values: readonly (JsonValue | undefined)[] = Array.isArray(aud) ? aud : [aud]
  if (audience.policy === 'issuer-only') return values.length === 1 && values[0] === audience.issuer
  return (
    values.length > 0 &&
    values.every((value) => typeof value === 'string' && audience.accepted.has(value))
  )
}

/** RFC 8725 §3.11: an explicit type of another kind of JWT is not an assertion; none is fine. */
const isTypeAccepted = (typ: JsonValue | undefined): boolean =>
  typ === undefined ||
  mediaTypeEquals(typ, 'JWT') ||
  mediaTypeEquals(typ, 'client-authentication+jwt')

const checkTimes = (check: AssertionCheck): Result<number, Refusal> => {
  const { claims, lifetimeMaxSeconds, nowSeconds, skewSeconds } = check
  const expiresAt = readNumericDate(claims['exp'])
  const notBefore = readNumericDate(claims['nbf'])
  const issuedAt = readNumericDate(claims['iat'])
  // RFC 7523 §3 (4): exp is required; (5), (6): nbf and iat are optional, but heeded.
  if (expiresAt === null || expiresAt === 'malformed') {
    return refuse('ASSERTION_TIME_MALFORMED', { operator: 'exp is missing or not a number.' })
  }
  if (notBefore === 'malformed' || issuedAt === 'malformed') {
    return refuse('ASSERTION_TIME_MALFORMED', { operator: 'nbf or iat is not a number.' })
  }
  if (expiresAt + skewSeconds <= nowSeconds) {
    const lateSeconds = Math.ceil(nowSeconds - expiresAt)
    return refuse('ASSERTION_EXPIRED', { operator: `exp was ${lateSeconds} s ago.` })
  }
  const earliest = nowSeconds + skewSeconds
  if ((notBefore ?? 0) > earliest || (issuedAt ?? 0) > earliest) {
    return refuse('ASSERTION_NOT_YET_VALID', { operator: 'nbf or iat is in the future.' })
  }
  const isTooFar = expiresAt > earliest + lifetimeMaxSeconds
  const isTooLong = issuedAt !== null && expiresAt - issuedAt > lifetimeMaxSeconds
  if (isTooFar || isTooLong) {
    return refuse('ASSERTION_LIFETIME_TOO_LONG', {
      operator: `This client's assertions may live ${lifetimeMaxSeconds} s.`,
    })
  }
  return ok(Math.ceil(expiresAt))
}

const readAssertionId = (check: AssertionCheck): Result<string | null, Refusal> => {
  const jti = check.claims['jti']
  if (jti === undefined) return ok(null)
  if (typeof jti !== 'string' || jti === '' || jti.length > assertionIdCharsMax) {
    return refuse('ASSERTION_MALFORMED', { operator: 'jti is not a string of usable length.' })
  }
  return ok(jti)
}

/**
 * RFC 7523 §3 without the signature. Claims it does not name are ignored (§3 (8)).
 * @returns what the ledger needs to accept a `jti` once, or the first rule that is broken
 */
export const checkAssertionClaims = (check: AssertionCheck): Result<CheckedAssertion, Refusal> => {
  const { header, claims, clientId } = check
  if (!isTypeAccepted(header['typ'])) return refuse('ASSERTION_TYP_REFUSED')
  if (claims['iss'] !== clientId) return refuse('ASSERTION_ISSUER_WRONG')
  if (claims['sub'] !== clientId) return refuse('ASSERTION_SUBJECT_WRONG')
  if (!isAudienceOurs(claims['aud'], check.audience)) return refuse('ASSERTION_AUDIENCE_WRONG')
  const expiresAt = checkTimes(check)
  if (!expiresAt.ok) return expiresAt
  const jti = readAssertionId(check)
  return jti.ok ? ok({ expiresAtSeconds: expiresAt.value, jti: jti.value }) : jti
}
