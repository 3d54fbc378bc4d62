import { hash, verify } from 'node:crypto'
import type { TokenFacts } from '@mintmark/decisions/afterlife/token-facts'
import { millisecondsOfTokenId } from '@mintmark/protocol/revocation-feed'
import {
  mediaTypeEquals,
  readCompactJwt,
  readNumericDate,
} from '@mintmark/protocol/rfc7519-json-web-token'
import { compactObject, type JsonObject } from '@mintmark/protocol/rfc8259-strict-json'
import type { Catalog } from '@mintmark/registry/snapshot'
import { LRUCache } from 'lru-cache'
import type { KeyRing, VerifyingKey } from './key-ring.ts'

export const tokenCharsMax = 65_536

/** Reads a token back: its facts when one of our keys signed it as an access token, else null. */
export type ReadToken = (text: string, catalog: Catalog) => TokenFacts | null

interface ReadBefore {
  readonly kid: string
  readonly facts: TokenFacts
}

/**
 * @param keys the domain's keys
 * @param remembered how many tokens, and characters of tokens, are remembered as read and checked;
 * only what never changes is: that the key is still ours, and every state of the token, is judged
 * anew each time
 */
export const createTokenReader = (
  keys: KeyRing,
  { tokensMax, charsMax }: { readonly tokensMax: number; readonly charsMax: number },
): ReadToken => {
  const before = new LRUCache<string, ReadBefore>({ max: tokensMax, maxSize: charsMax })
  return (text, catalog) => {
    const digest = hash('sha256', text, 'base64url')
    const known = before.get(digest)
    if (known !== undefined && keys.verifying(catalog, known.kid) !== null) return known.facts
    const read = readAndVerify(text, (kid) => keys.verifying(catalog, kid))
    if (read !== null) before.set(digest, read, { size: text.length })
    return read?.facts ?? null
  }
}

const readAndVerify = (
  text: string,
  find: (kid: string) => VerifyingKey | null,
): ReadBefore | null => {
  const jwt = readCompactJwt(text, { lengthMax: tokenCharsMax })
  if (!jwt.ok) return null
  const { header, claims, signingInput, signature } = jwt.value
  const kid = header['kid']
  if (typeof kid !== 'string') return null
  const key = find(kid)
  if (key === null || header['alg'] !== key.algorithm) return null // RFC 8725 §3.1
  const profile = profileOf(header['typ'], claims)
  if (profile === null || !isSigned(key, signingInput, signature)) return null
  const facts = factsOf(claims, profile)
  return facts === null ? null : { kid, facts }
}

/** RFC 8725 §3.11: nothing else that our keys may sign passes for an access token. */
const profileOf = (
  typ: unknown,
  claims: Readonly<Record<string, unknown>>,
): TokenFacts['profile'] | null => {
  if (typ === undefined) return claims['tok_type'] === 'AT' ? 'identity-domain' : null
  return typeof typ === 'string' && mediaTypeEquals(typ, 'at+jwt') ? 'rfc9068' : null
}

const isSigned = (
  { key, algorithm }: VerifyingKey,
  signingInput: string,
  signature: Uint8Array,
): boolean => {
  const data = Buffer.from(signingInput, 'latin1')
  return algorithm === 'ES256'
    ? verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature)
    : verify('sha256', data, key, signature)
}

const factsOf = (claims: JsonObject, profile: TokenFacts['profile']): TokenFacts | null => {
  const { jti, client_id: clientId, aud } = claims
  const issuedAt = readNumericDate(claims['iat'])
  const expiresAt = readNumericDate(claims['exp'])
  if (typeof jti !== 'string' || typeof clientId !== 'string') return null
  if (typeof issuedAt !== 'number' || typeof expiresAt !== 'number') return null
  const audience = typeof aud === 'string' ? [aud] : Array.isArray(aud) ? aud : []
  return {
    jti,
    clientId,
    // a copy: `filter` makes room for 17, and thousands are remembered
    audience: [...audience.filter((each): each is string => typeof each === 'string')],
    issuedAtSeconds: issuedAt,
    issuedAtMs: issuedAt * 1000 + millisecondsOfTokenId(jti),
    expiresAtSeconds: expiresAt,
    claims: compactObject(claims),
    profile,
  }
}
