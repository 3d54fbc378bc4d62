import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { keyWithoutKid } from '@mintmark/decisions/administration/narrowed-access'
import { type Refusal, refuse } from '@mintmark/protocol/refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import {
  type AssertionAlgorithm,
  clientAssertionAlgorithms,
} from '@mintmark/protocol/rfc7523-client-assertion'
import type { AssertionPolicy, PublicJwk } from '@mintmark/registry/application'
import type { ClientSnapshot } from '@mintmark/registry/snapshot'
import type { AssertionContext } from './assertion-context.ts'

/** A key an assertion may be checked with, and how it was found. */
export interface CandidateKey {
  readonly key: KeyObject
  readonly credential: string
  readonly policy: AssertionPolicy
}

/** The domain's certificates by alias or thumbprint first, then the client's own key set. */
export const findKeys = async (
  header: Readonly<Record<string, unknown>>,
  algorithm: AssertionAlgorithm,
  client: ClientSnapshot,
  context: AssertionContext,
): Promise<Result<readonly CandidateKey[], Refusal>> => {
  const named = header['kid']
  // RFC 7515 §4.1.4: a kid is a text; another value names no key, and is not the same as none.
  if (named !== undefined && typeof named !== 'string') return ok([])
  const kid = named ?? null
  const certificates = certificateKeys(header, kid, client, context.nowMs)
  if (certificates.length > 0) {
    return ok(certificates.filter(({ key }) => fitsAlgorithm(key, algorithm)))
  }
  const facet = client.application.client
  let keys = facet?.jwks ?? null
  if (facet?.jwksUri) {
    keys = await context.remoteKeys(facet.jwksUri, kid)
    if (keys === null) return refuse('ASSERTION_KEYS_UNREACHABLE')
  }
  return ok(keysOfSet(keys ?? [], kid, algorithm))
}

/** `kid` is a certificate's alias; `x5t` and `x5t#S256` its thumbprints (RFC 7515 §4.1.7–8). */
const certificateKeys = (
  header: Readonly<Record<string, unknown>>,
  kid: string | null,
  client: ClientSnapshot,
  nowMs: number,
): readonly CandidateKey[] => {
  const { x5t } = header
  const x5tS256 = header['x5t#S256']
  if (kid === null && x5t === undefined && x5tS256 === undefined) return []
  return client.certificates
    .filter(
      (each) =>
        (kid === null || each.alias === kid) &&
        (x5t === undefined || each.x5t === x5t) &&
        (x5tS256 === undefined || each.x5tS256 === x5tS256) &&
        each.notBeforeMs <= nowMs &&
        each.notAfterMs > nowMs,
    )
    .flatMap((each) => {
      const key = certificateKey(each.der)
      return key === null
        ? []
        : [{ key, credential: each.alias, policy: 'identity-domain' as const }]
    })
}

const keysOfSet = (
  keys: readonly PublicJwk[],
  kid: string | null,
  algorithm: AssertionAlgorithm,
): readonly CandidateKey[] => {
  const fitting = keys
    .filter(
      (jwk) =>
        (kid === null || jwk.kid === kid) && // RFC 7515 §4.1.4
        jwk.kty === algorithm.kty &&
        // RFC 8725 §3.1: a key that names its algorithm is for that one.
        (jwk.alg === undefined || clientAssertionAlgorithms.get(jwk.alg) === algorithm) &&
        (jwk.use === undefined || jwk.use === 'sig') && // RFC 7517 §4.2
        (jwk.key_ops === undefined || jwk.key_ops.includes('verify')), // §4.3
    )
    .flatMap((jwk) => {
      const key = jwkKey(jwk)
      const credential = jwk.kid ?? keyWithoutKid
      return key === null ? [] : [{ key, credential, policy: 'issuer-only' as const }]
    })
    .filter(({ key }) => fitsAlgorithm(key, algorithm))
  // Without a kid only one key may fit: trying many would let a stranger make us work.
  return kid === null && fitting.length > 1 ? [] : fitting.slice(0, 4)
}

const opensslCurves: Readonly<Record<string, string>> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
}

const detailsOfKey = new WeakMap<KeyObject, KeyObject['asymmetricKeyDetails']>()

/** Node reads them anew each time. */
const detailsOf = (key: KeyObject): KeyObject['asymmetricKeyDetails'] => {
  let details = detailsOfKey.get(key)
  if (details === undefined) {
    details = key.asymmetricKeyDetails
    detailsOfKey.set(key, details)
  }
  return details
}

/** RFC 7518 §3.3–3.5, RFC 8725 §3.5: the key's kind, curve and size fit the algorithm. */
export const fitsAlgorithm = (key: KeyObject, algorithm: AssertionAlgorithm): boolean => {
  const details = detailsOf(key)
  if (algorithm.kty === 'RSA') {
    const bits = details?.modulusLength ?? 0
    return key.asymmetricKeyType === 'rsa' && bits >= algorithm.modulusBitsMin
  }
  if (algorithm.kty === 'EC') {
    return key.asymmetricKeyType === 'ec' && details?.namedCurve === opensslCurves[algorithm.curve]
  }
  return key.asymmetricKeyType === 'ed25519'
}

const keyOfJwk = new WeakMap<PublicJwk, KeyObject | null>()

const jwkKey = (jwk: PublicJwk): KeyObject | null => {
  const known = keyOfJwk.get(jwk)
  if (known !== undefined) return known
  let key: KeyObject | null = null
  try {
    key = createPublicKey({ key: importable(jwk), format: 'jwk' })
  } catch {
    key = null // a point off its curve, or a member missing: no key of ours (RFC 8725 §3.4)
  }
  keyOfJwk.set(jwk, key)
  return key
}

/** Only the members that make the key; the others are for choosing it. */
const importable = ({ kty, n, e, crv, x, y }: PublicJwk): Record<string, string> =>
  Object.fromEntries(
    Object.entries({ kty, n, e, crv, x, y }).filter(
      (member): member is [string, string] => member[1] !== undefined,
    ),
  )

const keyOfCertificate = new Map<string, KeyObject | null>()
const certificateKeysMax = 10_000

const certificateKey = (der: string): KeyObject | null => {
  const known = keyOfCertificate.get(der)
  if (known !== undefined) return known
  let key: KeyObject | null = null
  try {
    key = new X509Certificate(Buffer.from(der, 'base64')).publicKey
  } catch {
    key = null
  }
  if (keyOfCertificate.size >= certificateKeysMax) keyOfCertificate.clear()
  keyOfCertificate.set(der, key)
  return key
}
