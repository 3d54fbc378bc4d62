/**
 * DPoP proofs (RFC 9449 §4): JWTs by which a sender shows, with each request, that it holds the key
 * a token is bound to. Reading and judging only: the signature and whether a proof was used before
 * are found out elsewhere, the same way at the token endpoint and at a resource server.
 */
import { fail, ok, type Result } from './result.ts'
import { mediaTypeEquals, readCompactJwt, readNumericDate } from './rfc7519-json-web-token.ts'
import type { JsonObject, JsonValue } from './rfc8259-strict-json.ts'

/** Accepted `alg`, asymmetric all of them (§11.6): those that FAPI 2.0 §5.4.1 allows. */
export const dpopAlgorithms = ['ES256', 'PS256', 'Ed25519', 'EdDSA'] as const
export type DpopAlgorithm = (typeof dpopAlgorithms)[number]

export const dpopProofCharsMax = 8192
/** How far the clock of a sender may differ, in seconds: a proof is good for twice as long. */
export const dpopProofSeconds = 60
const urlCharsMax = 4096
const idCharsMax = 1024
const nonceCharsMax = 256

export type DpopFaultReason =
  | 'DPOP_REPEATED'
  | 'DPOP_MALFORMED'
  | 'DPOP_TYP_REFUSED'
  | 'DPOP_ALGORITHM_REFUSED'
  | 'DPOP_KEY_REFUSED'
  | 'DPOP_METHOD_MISMATCH'
  | 'DPOP_URL_MISMATCH'
  | 'DPOP_TIME_REFUSED'
  | 'DPOP_NONCE_REFUSED'
  | 'DPOP_TOKEN_MISMATCH'

/** Why a proof is none; the sentence is for whoever sent it. */
export interface DpopFault {
  readonly reason: DpopFaultReason
  readonly detail: string
}

const fault = (reason: DpopFaultReason, detail: string) => fail<DpopFault>({ reason, detail })

/** The members that make a public key, and no other, in the order of RFC 7638 §3.2. */
export type DpopKey = Readonly<Record<string, string>>

/** A proof as read: well formed, and nothing in it believed yet. */
export interface DpopProof {
  readonly algorithm: DpopAlgorithm
  readonly key: DpopKey
  readonly id: string
  readonly method: string
  /** `htu` in one spelling, without query and fragment. */
  readonly url: string
  readonly issuedAtSeconds: number
  readonly notBeforeSeconds: number | null
  readonly expiresAtSeconds: number | null
  readonly nonce: string | null
  /** `ath`: the digest of the access token that the proof is shown with. */
  readonly tokenDigest: string | null
  readonly signingInput: string
  readonly signature: Uint8Array
}

/** RFC 7518 §6, RFC 8037 §2: what a key of an algorithm has, by RFC 7638 §3.2 in this order. */
const keyShapes: Readonly<Record<DpopAlgorithm, { crv?: string; kty: string; members: string[] }>> =
  {
    ES256: { kty: 'EC', crv: 'P-256', members: ['crv', 'kty', 'x', 'y'] },
    PS256: { kty: 'RSA', members: ['e', 'kty', 'n'] },
    Ed25519: { kty: 'OKP', crv: 'Ed25519', members: ['crv', 'kty', 'x'] },
    EdDSA: { kty: 'OKP', crv: 'Ed25519', members: ['crv', 'kty', 'x'] },
  }

/** RFC 7518 §6.2.2, §6.3.2, §6.4.1: members that only a private or symmetric key has. */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']
const memberText = /^[\w-]+$/

const readKey = (jwk: JsonValue | undefined, algorithm: DpopAlgorithm): DpopKey | null => {
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) return null
  const members = jwk as JsonObject
  if (privateMembers.some((name) => name in members)) return null // §4.3 (7)
  const shape = keyShapes[algorithm]
  if (members['kty'] !== shape.kty) return null
  if (shape.crv !== undefined && members['crv'] !== shape.crv) return null
  const key: Record<string, string> = {}
  for (const name of shape.members) {
    const value = members[name]
    if (typeof value !== 'string' || !memberText.test(value)) return null
    key[name] = value
  }
  return key
}

/**
 * RFC 7638 §3: the text whose SHA-256, in base64url, is the thumbprint of the key: `cnf.jkt`.
 * Whatever else stood in the JWK, and in which order, changes nothing.
 */
export const thumbprintInput = (key: DpopKey): string => JSON.stringify(key)

const unreserved = /[\w.~-]/

/** RFC 3986 §6.2.2: letters that need no percent-encoding lose it, other encodings get capitals. */
const normalizePath = (path: string): string =>
  path.replaceAll(/%([0-9a-f]{2})/gi, (encoded, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16))
    return unreserved.test(character) ? character : encoded.toUpperCase()
  })

/**
 * §4.3: the address of a request as `htu` has it, in the one spelling of RFC 3986 §6.2.2 and
 * §6.2.3: without query and fragment, host in small letters, no port that goes without saying.
 * @returns null for what is no http or https URL, or holds a user name
 */
export const normalizeDpopUrl = (text: string): string | null => {
  if (text.length > urlCharsMax || !URL.canParse(text)) return null
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null
  if (url.username !== '' || url.password !== '') return null
  return url.origin + normalizePath(url.pathname)
}

const isText = (value: JsonValue | undefined, charsMax: number): value is string =>
  typeof value === 'string' && value !== '' && value.length <= charsMax

const optionalText = (value: JsonValue | undefined, charsMax: number): string | null | undefined =>
  value === undefined ? null : isText(value, charsMax) ? value : undefined

const isAlgorithm = (alg: JsonValue | undefined): alg is DpopAlgorithm =>
  (dpopAlgorithms as readonly JsonValue[]).includes(alg as JsonValue)

/** The one field that may be there (§4.3 (1)). A comma is in no proof: two fields were joined. */
const onlyField = (fields: readonly string[]): Result<string, DpopFault> => {
  const [field = ''] = fields
  if (fields.length > 1 || field.includes(',')) {
    return fault('DPOP_REPEATED', 'Send exactly one DPoP field.')
  }
  return ok(field.trim())
}

/**
 * §4.2, §4.3 (1) to (7) without the signature: reads a proof from the `DPoP` fields of a request.
 * @param fields each as sent, or joined by commas
 */
export const readDpopProof = (fields: readonly string[]): Result<DpopProof, DpopFault> => {
  const field = onlyField(fields)
  if (!field.ok) return field
  const read = readCompactJwt(field.value, { lengthMax: dpopProofCharsMax })
  if (!read.ok) return fault('DPOP_MALFORMED', `The proof is no signed JWT: ${read.failure}.`)
  const { header, claims, signingInput, signature } = read.value
  if (!mediaTypeEquals(header['typ'], 'dpop+jwt')) {
    return fault('DPOP_TYP_REFUSED', 'The typ of the proof is not dpop+jwt.')
  }
  const { alg } = header
  if (!isAlgorithm(alg)) {
    const accepted = dpopAlgorithms.join(', ')
    return fault('DPOP_ALGORITHM_REFUSED', `Proofs are signed by one of ${accepted}.`)
  }
  const key = readKey(header['jwk'], alg)
  if (key === null) {
    const detail = 'jwk is not the public key, and nothing more, that alg needs.'
    return fault('DPOP_KEY_REFUSED', detail)
  }
  return readProofClaims(claims, { algorithm: alg, key, signingInput, signature })
}

const readProofClaims = (
  claims: JsonObject,
  head: Pick<DpopProof, 'algorithm' | 'key' | 'signingInput' | 'signature'>,
): Result<DpopProof, DpopFault> => {
  const { jti, htm, htu } = claims
  const malformed = (name: string) =>
    fault('DPOP_MALFORMED', `The claim ${name} of the proof is missing or not what it must be.`)
  if (!isText(jti, idCharsMax)) return malformed('jti')
  if (!isText(htm, 64)) return malformed('htm')
  const url = typeof htu === 'string' ? normalizeDpopUrl(htu) : null
  if (url === null) return malformed('htu')
  const iat = readNumericDate(claims['iat'])
  const nbf = readNumericDate(claims['nbf'])
  const exp = readNumericDate(claims['exp'])
  if (typeof iat !== 'number') return malformed('iat')
  if (nbf === 'malformed') return malformed('nbf')
  if (exp === 'malformed') return malformed('exp')
  const nonce = optionalText(claims['nonce'], nonceCharsMax)
  if (nonce === undefined) return malformed('nonce')
  const tokenDigest = optionalText(claims['ath'], nonceCharsMax)
  if (tokenDigest === undefined) return malformed('ath')
  return ok({
    ...head,
    id: jti,
    method: htm,
    url,
    issuedAtSeconds: iat,
    notBeforeSeconds: nbf,
    expiresAtSeconds: exp,
    nonce,
    tokenDigest,
  })
}

/** The request that a proof is for. */
export interface DpopRequest {
  readonly method: string
  /** What `htu` may be: each made by `normalizeDpopUrl`. */
  readonly urls: readonly string[]
  /** Base64url SHA-256 of the access token shown with it; null: there is none yet. */
  readonly tokenDigest: string | null
  /** Nonces that are good now; null: none is asked for, and one that is sent is not looked at. */
  readonly nonces: readonly string[] | null
  readonly nowSeconds: number
}

/**
 * §4.3 (8) to (12): whether a proof whose signature holds is for this request, and of now. The
 * nonce is judged last: only a proof that is right otherwise is told to come back with another.
 */
export const judgeDpopProof = (proof: DpopProof, request: DpopRequest): Result<true, DpopFault> => {
  if (proof.method !== request.method) {
    return fault('DPOP_METHOD_MISMATCH', `htm is not ${request.method}.`)
  }
  if (!request.urls.includes(proof.url)) {
    return fault('DPOP_URL_MISMATCH', `htu is not ${request.urls.join(' or ')}.`)
  }
  if (!isOfNow(proof, request.nowSeconds)) {
    const detail = `A proof is good for ${dpopProofSeconds} seconds from iat: set your clock.`
    return fault('DPOP_TIME_REFUSED', detail)
  }
  if (request.tokenDigest !== null && proof.tokenDigest !== request.tokenDigest) {
    return fault('DPOP_TOKEN_MISMATCH', 'ath is not the digest of this access token.')
  }
  if (request.nonces !== null && !request.nonces.includes(proof.nonce ?? '')) {
    return fault('DPOP_NONCE_REFUSED', 'Use the nonce of the DPoP-Nonce field in the proof.')
  }
  return ok(true)
}

const isOfNow = (proof: DpopProof, nowSeconds: number): boolean =>
  Math.abs(nowSeconds - proof.issuedAtSeconds) <= dpopProofSeconds &&
  (proof.notBeforeSeconds ?? 0) <= nowSeconds + dpopProofSeconds &&
  (proof.expiresAtSeconds ?? Number.POSITIVE_INFINITY) > nowSeconds

/** From when on a proof is too old to be taken again, and so need not be remembered. */
export const dpopProofEndsAtSeconds = (proof: DpopProof): number =>
  Math.ceil(proof.issuedAtSeconds) + dpopProofSeconds + 1

/** §11.1: what must not come twice; the same id for another address is another proof. */
export const dpopReplayKey = (proof: DpopProof): string =>
  JSON.stringify([thumbprintInput(proof.key), proof.url, proof.id])
