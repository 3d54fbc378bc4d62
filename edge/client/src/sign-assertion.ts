import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto'
import { type CryptoKey, type JWK, type JWTHeaderParameters, SignJWT } from 'jose'
import { ClientError } from './client-error.ts'
import type { ClientKey } from './client-key.ts'

/** Long enough for a slow connection and a clock a little off, and of no use later. */
const lifetimeSeconds = 60

export interface AssertionWish {
  readonly clientId: string
  readonly audience: string
  readonly key: ClientKey
  readonly kid: string | null
  readonly alg: string | null
  readonly x5t: string | null
  /** Milliseconds since the epoch, by the clock of the server as far as it is known. */
  readonly nowMs: number
}

const algorithmOfCurve: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'Ed25519',
}

const algorithmOfObject = (key: KeyObject): string | undefined => {
  if (key.asymmetricKeyType === 'rsa') return 'RS256'
  if (key.asymmetricKeyType === 'ed25519') return 'Ed25519'
  return algorithmOfCurve[key.asymmetricKeyDetails?.namedCurve ?? '']
}

const algorithmOfWebKey = (key: JWK): string | undefined =>
  key.alg ?? (key.kty === 'RSA' ? 'RS256' : algorithmOfCurve[key.crv ?? ''])

const algorithmOfCryptoKey = ({ algorithm }: CryptoKey): string | undefined => {
  const { name, hash, namedCurve } = algorithm as {
    readonly name: string
    readonly hash?: { readonly name: string }
    readonly namedCurve?: string
  }
  const bits = hash?.name.slice(4)
  if (name === 'RSASSA-PKCS1-v1_5') return `RS${bits}`
  if (name === 'RSA-PSS') return `PS${bits}`
  return algorithmOfCurve[namedCurve ?? name]
}

interface Signer {
  readonly key: KeyObject | JWK | CryptoKey
  readonly alg: string | undefined
  readonly kid: string | undefined
}

/** PKCS #8, PKCS #1 and SEC 1: whatever Node reads as a private key in PEM. */
const readPem = (pem: string): KeyObject => {
  try {
    return createPrivateKey(pem)
  } catch {
    // The parser's own words could quote the key.
    throw new ClientError(
      'credential_unreadable',
      'The private key is no PEM that can be read: an unencrypted key between BEGIN and END lines.',
    )
  }
}

const signerOf = (key: ClientKey): Signer => {
  if (typeof key === 'string') {
    const object = readPem(key)
    return { key: object, alg: algorithmOfObject(object), kid: undefined }
  }
  if ('kty' in key) return { key, alg: algorithmOfWebKey(key), kid: key.kid }
  const native = key as CryptoKey
  return { key: native, alg: algorithmOfCryptoKey(native), kid: undefined }
}

/**
 * A client assertion (RFC 7523 §3) for one request: its `jti` is new each time.
 * @throws ClientError `credential_unreadable` when the key cannot be read or does not fit `alg`
 */
export const signAssertion = async (wish: AssertionWish): Promise<string> => {
  const { clientId, audience, x5t, nowMs } = wish
  const signer = signerOf(wish.key)
  const alg = wish.alg ?? signer.alg
  const kid = wish.kid ?? signer.kid
  if (alg === undefined) {
    throw new ClientError('not_configured', 'The key does not say its algorithm: state alg.')
  }
  const header: JWTHeaderParameters = {
    alg,
    typ: 'JWT',
    ...(kid === undefined ? {} : { kid }),
    ...(x5t === null ? {} : { x5t }),
  }
  const now = Math.floor(nowMs / 1000)
  try {
    return await new SignJWT({})
      .setProtectedHeader(header)
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(audience)
      .setIssuedAt(now)
      .setExpirationTime(now + lifetimeSeconds)
      .setJti(randomUUID())
      .sign(signer.key)
  } catch {
    throw new ClientError('credential_unreadable', `The private key cannot sign with ${alg}.`)
  }
}
