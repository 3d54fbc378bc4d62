/**
 * The rules for one access token, without keys, clock or network (RFC 9068 §4, RFC 7519 §4.1, RFC
 * 8725): what its header may say, what its claims must say, and whether it is good at an instant.
 */
import { ok, type Result } from '@mintmark/protocol/result'
import {
  type CompactJwt,
  mediaTypeEquals,
  readNumericDate,
} from '@mintmark/protocol/rfc7519-json-web-token'
import {
  compactObject,
  type JsonObject,
  type JsonValue,
} from '@mintmark/protocol/rfc8259-strict-json'
import { type GuardRefusal, refuse } from './guard-refusal.ts'
import type { TokenProfile } from './token-profile.ts'
import type { ValidatedToken } from './validated-token.ts'

export interface TokenRules {
  readonly issuer: string
  /** Names of this API; one of them must be in `aud`. */
  readonly audience: readonly string[]
  readonly profile: TokenProfile
  readonly rolesClaim: string
  /** Seconds that two clocks may differ. */
  readonly skewSeconds: number
  /** Longest accepted `exp - iat`, in seconds; null: any. */
  readonly lifetimeSecondsMax: number | null
}

/** Which key a token says it was signed with. A look-up word only (RFC 8725 §3.10). */
export interface KeySelector {
  readonly algorithm: string
  readonly kid: string | null
  /** SHA-256 of the certificate: tells apart keys that go by one `kid`. */
  readonly thumbprint: string | null
}

/** A token as it was read once; `judgeToken` is asked about it each time. */
export interface ReadToken {
  readonly token: ValidatedToken
  readonly issuedAtSeconds: number | null
  readonly notBeforeSeconds: number | null
  /** `cnf`: the key or certificate its sender must hold (RFC 7800). */
  readonly confirmation: JsonObject | null
  /** `kid` of the key that signed it, where the signature was checked here. */
  readonly kid?: string | null
}

const kidCharsMax = 256

/**
 * The header of a token. `jwk`, `jku`, `x5u`, `x5c` are not looked at: keys come from the issuer.
 */
export const readSelector = (
  header: JsonObject,
  profile: TokenProfile,
): Result<KeySelector, GuardRefusal> => {
  const { typ, alg, kid, 'x5t#S256': thumbprint } = header
  const isKind = profile.typ === null ? typ === undefined : mediaTypeEquals(typ, profile.typ)
  if (!isKind) {
    const wanted = profile.typ === null ? 'without typ' : `of the type ${profile.typ}`
    return refuse('TYPE_MISMATCH', `This API takes tokens ${wanted} (profile ${profile.name}).`)
  }
  if (typeof alg !== 'string' || !profile.algorithms.has(alg)) {
    const accepted = [...profile.algorithms].join(', ')
    return refuse('ALGORITHM_REFUSED', `Accepted algorithms are ${accepted}.`)
  }
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > kidCharsMax)) {
    return refuse('KEY_UNKNOWN', 'The kid in the header names no key.')
  }
  return ok({
    algorithm: alg,
    kid: kid ?? null,
    thumbprint: typeof thumbprint === 'string' ? thumbprint : null,
  })
}

const isText = (value: JsonValue | undefined): value is string =>
  typeof value === 'string' && value !== ''

/** `aud`: a string or a list of strings (RFC 7519 §4.1.3); null for anything else. */
export const readAudience = (value: JsonValue | undefined): readonly string[] | null => {
  if (typeof value === 'string') return [value]
  if (!Array.isArray(value)) return null
  const all: readonly JsonValue[] = value
  return all.every((each): each is string => typeof each === 'string') ? all : null
}

/** Role names: strings, or the complex values of RFC 7643 §4.1.2 (RFC 9068 §2.2.3.1). */
export const readRoles = (value: JsonValue | undefined): ReadonlySet<string> => {
  if (!Array.isArray(value)) return new Set()
  const all: readonly JsonValue[] = value
  const names = all.map((each) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? (each as JsonObject)['value']
      : each,
  )
  return new Set(names.filter((each): each is string => typeof each === 'string'))
}

/** `scope`: scope-tokens with spaces between (RFC 9068 §2.2.3); null for anything but a text. */
export const readScopes = (value: JsonValue | undefined): ReadonlySet<string> | null => {
  if (value === undefined) return new Set()
  if (typeof value !== 'string') return null
  return new Set(value.split(' ').filter((each) => each !== ''))
}

const isConfirmation = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const malformed = (name: string) =>
  refuse('CLAIM_MALFORMED', `The claim '${name}' is missing or not what it must be.`)

interface Dates {
  readonly exp: number
  readonly iat: number
  readonly nbf: number | null
}

const readDates = (claims: JsonObject): Result<Dates, GuardRefusal> => {
  const [exp, iat, nbf] = [claims['exp'], claims['iat'], claims['nbf']].map(readNumericDate)
  if (typeof exp !== 'number') return malformed('exp')
  if (typeof iat !== 'number') return malformed('iat')
  if (nbf === 'malformed' || nbf === undefined) return malformed('nbf')
  return ok({ exp, iat, nbf })
}

/**
 * The claims of a token of this profile, all required ones present and of their types (RFC 9068
 * §2.2). Says nothing yet about whether they are right for this API.
 * @returns CLAIM_MALFORMED, TYPE_MISMATCH for another kind of token, SUBJECT_NOT_A_CLIENT
 */
export const readClaims = (
  claims: JsonObject,
  rules: TokenRules,
): Result<ReadToken, GuardRefusal> => {
  const { iss, sub, client_id: clientId, jti, cnf } = claims
  const { tokenType } = rules.profile
  if (tokenType !== null && claims['tok_type'] !== tokenType) {
    return refuse('TYPE_MISMATCH', `This API takes tokens with tok_type ${tokenType}.`)
  }
  if (!isText(iss)) return malformed('iss')
  if (!isText(sub)) return malformed('sub')
  if (!isText(clientId)) return malformed('client_id')
  if (!isText(jti)) return malformed('jti')
  const audience = readAudience(claims['aud'])
  if (audience === null) return malformed('aud')
  const scopes = readScopes(claims['scope'])
  if (scopes === null) return malformed('scope')
  if (cnf !== undefined && !isConfirmation(cnf)) return malformed('cnf')
  const dates = readDates(claims)
  if (!dates.ok) return dates
  const subjectKind = claims['sub_type']
  if (subjectKind !== undefined && subjectKind !== 'client') {
    return refuse('SUBJECT_NOT_A_CLIENT', 'This API serves clients that act in their own name.')
  }
  const roles = readRoles(claims[rules.rolesClaim])
  const { exp: expiresAtSeconds, iat, nbf } = dates.value
  const token = { clientId, subject: sub, issuer: iss, audience, scopes, roles, expiresAtSeconds }
  return ok({
    token: { ...token, claims: compactObject(claims) as ValidatedToken['claims'] },
    issuedAtSeconds: iat,
    notBeforeSeconds: nbf,
    confirmation: cnf ?? null,
  })
}

/**
 * Whether a token is for this API and good now. Asked each time, remembered tokens included.
 * @param nowSeconds seconds since 1970
 */
export const judgeToken = (
  read: ReadToken,
  rules: TokenRules,
  nowSeconds: number,
): Result<ReadToken, GuardRefusal> => {
  const { token, issuedAtSeconds, notBeforeSeconds } = read
  if (token.issuer !== rules.issuer) {
    const expected = rules.issuer
    const detail = `Token is from ${token.issuer}, this API trusts ${expected}`
    return refuse('ISSUER_MISMATCH', detail, { expected, got: token.issuer })
  }
  if (!token.audience.some((each) => rules.audience.includes(each))) {
    const [expected, got] = [rules.audience.join(' or '), token.audience.join(', ')]
    const detail = `Token is for audience ${got}, this API is ${expected}`
    return refuse('AUDIENCE_MISMATCH', detail, { expected, got })
  }
  if (token.expiresAtSeconds + rules.skewSeconds <= nowSeconds) {
    const agoSeconds = Math.ceil(nowSeconds - token.expiresAtSeconds)
    return refuse('TOKEN_EXPIRED', `Token expired ${agoSeconds} s ago; ask for a new one.`)
  }
  const aheadSeconds = Math.max(issuedAtSeconds ?? 0, notBeforeSeconds ?? 0) - nowSeconds
  if (aheadSeconds > rules.skewSeconds) {
    const detail = `Token becomes valid in ${Math.ceil(aheadSeconds)} s; compare the clocks.`
    return refuse('TOKEN_NOT_YET_VALID', detail)
  }
  const lifetimeMax = rules.lifetimeSecondsMax
  if (lifetimeMax !== null && !(token.expiresAtSeconds - (issuedAtSeconds ?? 0) <= lifetimeMax)) {
    return refuse('LIFETIME_TOO_LONG', `This API takes tokens that live ${lifetimeMax} s at most.`)
  }
  return ok(read)
}

/** Header and claims together, before any key is looked for. */
export const checkToken = (
  jwt: CompactJwt,
  rules: TokenRules,
  nowSeconds: number,
): Result<ReadToken, GuardRefusal> => {
  const read = readClaims(jwt.claims, rules)
  return read.ok ? judgeToken(read.value, rules, nowSeconds) : read
}
