/** Public keys of an issuer (RFC 7517), checked before use, and the check of a signature. */
import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { JsonObject, JsonValue } from '@mintmark/protocol/rfc8259-strict-json'
import type { KeySelector } from './check-token.ts'

export interface VerifyingKey {
  readonly kid: string | null
  readonly thumbprint: string | null
  /** `alg` values this key may be used with: its own, else those of its kind. */
  readonly algorithms: readonly string[]
  readonly key: KeyObject
  /** From a certificate, which has no `kid`: whatever `kid` a token has, it may be this key's. */
  readonly anyKid?: true
}

/** More than an issuer has that rotates two keys every two days and keeps each for a year. */
export const keysMax = 500
const rsaBitsMin = 2048
const rsaBitsMax = 8192

const edwards = ['EdDSA', 'Ed25519'] // RFC 9864: two names of one algorithm

/** RFC 8725 §3.1, RFC 7518 §3: algorithms that fit a key, whatever its `alg` claims. */
export const algorithmsOf = (key: KeyObject): readonly string[] => {
  const details = key.asymmetricKeyDetails
  if (key.asymmetricKeyType === 'rsa') {
    const { modulusLength = 0, publicExponent = 0n } = details ?? {}
    const isStrong = modulusLength >= rsaBitsMin && modulusLength <= rsaBitsMax
    // RFC 8017 §3.1: under an even exponent nothing can be checked, under 1 everything.
    return isStrong && publicExponent > 2n && publicExponent % 2n === 1n ? ['RS256', 'PS256'] : []
  }
  if (key.asymmetricKeyType === 'ec' && details?.namedCurve === 'prime256v1') return ['ES256']
  return key.asymmetricKeyType === 'ed25519' ? edwards : []
}

const textOf = (value: JsonValue | undefined): string | null =>
  typeof value === 'string' ? value : null

/** RFC 7517 §4.2, §4.3: what the issuer says the key is for. */
const mayVerify = (jwk: JsonObject, ignoresKeyOperations: boolean): boolean => {
  if (jwk['use'] !== undefined && jwk['use'] !== 'sig') return false
  const operations = jwk['key_ops']
  if (operations === undefined || ignoresKeyOperations) return true
  return Array.isArray(operations) && operations.includes('verify')
}

const publicMembers = ['kty', 'n', 'e', 'crv', 'x', 'y'] as const

const readKey = (jwk: JsonObject, ignoresKeyOperations: boolean): VerifyingKey | null => {
  // A private key that lies open proves nothing any more; a symmetric one never did.
  if ('d' in jwk || 'k' in jwk || !mayVerify(jwk, ignoresKeyOperations)) return null
  const material = Object.fromEntries(
    publicMembers.flatMap((name) => (typeof jwk[name] === 'string' ? [[name, jwk[name]]] : [])),
  )
  try {
    const key = createPublicKey({ key: material, format: 'jwk' })
    const fitting = algorithmsOf(key)
    const stated = textOf(jwk['alg'])
    const isStated = jwk['alg'] === undefined || (stated !== null && fitting.includes(stated))
    if (!isStated || fitting.length === 0) return null
    const algorithms = stated === null ? fitting : edwards.includes(stated) ? edwards : [stated]
    const thumbprint = textOf(jwk['x5t#S256'])
    return { kid: textOf(jwk['kid']), thumbprint, algorithms, key }
  } catch {
    return null
  }
}

/**
 * The usable keys of a JWK Set; keys that cannot be used are left out (RFC 7517 §5).
 * @returns null when it is no key set, or one of more than 500 keys
 */
export const readKeySet = (
  json: JsonObject,
  ignoresKeyOperations: boolean,
): readonly VerifyingKey[] | null => {
  const keys = json['keys']
  if (!Array.isArray(keys) || keys.length > keysMax) return null
  const all: readonly JsonValue[] = keys
  return all.flatMap((each) => {
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return []
    const key = readKey(each as JsonObject, ignoresKeyOperations)
    return key === null ? [] : [key]
  })
}

/**
 * The keys a token may have been signed with: of its `kid`, its algorithm and, where both name one,
 * its certificate. Without a `kid` only a single candidate counts.
 */
export const selectKeys = (
  keys: readonly VerifyingKey[],
  { kid, algorithm, thumbprint }: KeySelector,
): readonly VerifyingKey[] => {
  const fitting = keys.filter(
    (key) =>
      key.algorithms.includes(algorithm) &&
      (kid === null || key.kid === kid || key.anyKid === true) &&
      (thumbprint === null || key.thumbprint === null || key.thumbprint === thumbprint),
  )
  const isNamed = kid !== null || fitting.every((key) => key.anyKid === true)
  return isNamed || fitting.length === 1 ? fitting : []
}

const coordinateBytes = 64

/** RFC 7515 §5.2 step 8. Synchronous: a hop to another thread costs more than the arithmetic. */
export const isSignedBy = (
  { key }: VerifyingKey,
  algorithm: string,
  signingInput: string,
  signature: Uint8Array,
): boolean => {
  const data = Buffer.from(signingInput, 'latin1')
  switch (algorithm) {
    case 'ES256':
      // RFC 7518 §3.4: R and S side by side, never DER.
      if (signature.length !== coordinateBytes) return false
      return verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature)
    case 'RS256':
      return verify('sha256', data, key, signature)
    case 'PS256': {
      const padding = constants.RSA_PKCS1_PSS_PADDING
      const saltLength = constants.RSA_PSS_SALTLEN_DIGEST
      return verify('sha256', data, { key, padding, saltLength }, signature)
    }
    case 'EdDSA':
    case 'Ed25519':
      return verify(null, data, key, signature)
    default:
      return false
  }
}
