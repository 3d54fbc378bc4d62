/** A message of the revocation feed, believed only as signed by the issuer; without a network. */
import { fail, ok, type Result } from '@mintmark/protocol/result'
import {
  type FeedEntry,
  revocationFeedAudience,
  revocationFeedType,
} from '@mintmark/protocol/revocation-feed'
import { mediaTypeEquals, readCompactJwt } from '@mintmark/protocol/rfc7519-json-web-token'
import type { JsonObject, JsonValue } from '@mintmark/protocol/rfc8259-strict-json'
import { isSignedBy, selectKeys, type VerifyingKey } from './verifying-key.ts'

/** What both kinds of message say. */
export interface RevocationMessage {
  readonly issuedAtSeconds: number
  readonly epoch: string
  readonly cursor: string
  readonly number: number
  /** Where it begins; for a page of the snapshot, what was asked for. */
  readonly after: string | null
  /** null: a message of the feed. */
  readonly snapshot: { readonly next: string | null } | null
  readonly entries: readonly FeedEntry[]
}

/** Why a message is not believed; in words for the operator. */
export type MessageFault =
  | { readonly kind: 'key-unknown'; readonly message: string }
  | { readonly kind: 'forged'; readonly message: string }

export interface MessageRules {
  readonly issuer: string
  readonly keys: readonly VerifyingKey[]
  /** Whether the issuer has withdrawn the key of this `kid`. */
  readonly isWithdrawn: (kid: string) => boolean
  readonly nowSeconds: number
  readonly skewSeconds: number
}

const messageCharsMax = 1_000_000
const algorithms: ReadonlySet<unknown> = new Set(['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519'])

const forged = (message: string) => fail<MessageFault>({ kind: 'forged', message })

const isText = (value: JsonValue | undefined): value is string =>
  typeof value === 'string' && value !== ''
const isCount = (value: JsonValue | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const readEntry = (value: JsonValue): FeedEntry | null => {
  if (!isObject(value)) return null
  const { kind, jti, client_id: clientId, kid, credential, audience } = value
  const { issued_before_ms: before, expires_at_ms: ends } = value
  if (!isCount(before) || !isCount(ends)) return null
  const times = { issued_before_ms: before, expires_at_ms: ends }
  if (kind === 'token' && isText(jti)) return { kind, jti, ...times }
  if (kind === 'key' && isText(kid)) return { kind, kid, ...times }
  // A client without a name was deleted before names were kept; no token can be told by it.
  if (typeof clientId === 'string') {
    const ofClient = { client_id: clientId, ...times }
    if (kind === 'client') return { kind, ...ofClient }
    if (kind === 'credential' && isText(credential)) return { kind, credential, ...ofClient }
    if (kind === 'grant' && isText(audience)) return { kind, audience, ...ofClient }
  }
  return kind === 'audience' && isText(audience) ? { kind, audience, ...times } : null
}

/** Entries that follow one another without a gap and end where the message says it ends. */
const areInOrder = (values: readonly JsonValue[], last: number): boolean =>
  values.every((value, index) => {
    const number = last - values.length + index + 1
    return isObject(value) && value['number'] === number && value['previous'] === number - 1
  })

const readEntries = (claims: JsonObject, isSnapshot: boolean): readonly FeedEntry[] | null => {
  const { entries: values, number } = claims
  if (!Array.isArray(values) || typeof number !== 'number') return null
  if (!isSnapshot && !areInOrder(values, number)) return null
  const entries: FeedEntry[] = []
  for (const value of values as readonly JsonValue[]) {
    const entry = readEntry(value)
    // A kind that is not understood could be about any token: better no message than half of one.
    if (entry === null) return null
    entries.push(entry)
  }
  return entries
}

const readClaims = (claims: JsonObject): RevocationMessage | null => {
  const { iat, epoch, cursor, number, snapshot } = claims
  if (typeof iat !== 'number' || !isText(epoch) || !isText(cursor) || !isCount(number)) return null
  const isSnapshot = snapshot !== undefined
  const place = isSnapshot ? snapshot : claims
  if (!isObject(place)) return null
  const { after, next } = place
  if (after !== null && !isText(after)) return null
  const entries = readEntries(claims, isSnapshot)
  if (entries === null) return null
  const isNext = next === null || isText(next)
  if (isSnapshot ? !isNext : after === null) return null
  const page = isSnapshot ? { next: isText(next) ? next : null } : null
  return { issuedAtSeconds: iat, epoch, cursor, number, after, snapshot: page, entries }
}

/** Reads a message and checks type, key, signature, issuer, audience and time, in this order. */
export const readRevocationMessage = (
  text: string,
  rules: MessageRules,
): Result<RevocationMessage, MessageFault> => {
  const jwt = readCompactJwt(text, { lengthMax: messageCharsMax })
  if (!jwt.ok) return forged(`a message is no signed JWT: ${jwt.failure}`)
  const { header, claims, signingInput, signature } = jwt.value
  const { typ, alg, kid } = header
  if (!mediaTypeEquals(typ, revocationFeedType)) return forged('a message is of another type')
  if (typeof alg !== 'string' || !algorithms.has(alg) || typeof kid !== 'string') {
    return forged('a message names no algorithm and key that could be its own')
  }
  // Whoever has stolen a key could go on saying that there is nothing new.
  if (rules.isWithdrawn(kid)) return forged('a message is signed by a key that was withdrawn')
  const keys = selectKeys(rules.keys, { kid, algorithm: alg, thumbprint: null })
  if (keys.length === 0) {
    return fail({ kind: 'key-unknown', message: 'a message is signed by a key that is unknown' })
  }
  if (!keys.some((key) => isSignedBy(key, alg, signingInput, signature))) {
    return forged('the signature of a message is wrong')
  }
  const { iss, aud } = claims
  if (iss !== rules.issuer) return forged('a message is from another issuer')
  if (aud !== revocationFeedAudience) return forged('a message is for another audience')
  const message = readClaims(claims)
  if (message === null) return forged('a message cannot be understood')
  const aheadSeconds = message.issuedAtSeconds - rules.nowSeconds
  if (aheadSeconds <= rules.skewSeconds) return ok(message)
  return forged(`a message is from ${Math.ceil(aheadSeconds)} s ahead; compare the clocks`)
}
