import {
  createHash,
  createPrivateKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { promisify } from 'node:util'
import type { SigningAlgorithm, TokenProfile } from '@mintmark/registry/application'
import type { SigningKey, SigningKeyState } from '@mintmark/registry/signing-key'
import type { MasterKey } from './master-key.ts'

/** A signing key that can sign: what the token path holds of it. */
export interface LoadedKey {
  readonly kid: string
  readonly algorithm: SigningAlgorithm
  readonly privateKey: KeyObject
  /** Base64url JOSE header of each profile, made once. */
  readonly headers: Readonly<Record<TokenProfile, string>>
}

/** Decision 7: this member order makes identity-domain tokens begin like the domain's own. */
const joseHeaders = (key: SigningKey): Readonly<Record<TokenProfile, string>> => ({
  'identity-domain': encode({
    'x5t#S256': key.x5tS256,
    x5t: key.x5t,
    kid: key.kid,
    alg: key.algorithm,
  }),
  rfc9068: encode({ alg: key.algorithm, typ: 'at+jwt', kid: key.kid }), // RFC 9068 §2.1
})

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const sealContext = (key: { readonly domain: string; readonly kid: string }): string =>
  `signing-key:${key.domain}:${key.kid}`

/** @throws Error when the private key was sealed under another master key */
export const loadSigningKey = (key: SigningKey, masterKey: MasterKey): LoadedKey => ({
  kid: key.kid,
  algorithm: key.algorithm,
  privateKey: createPrivateKey(masterKey.unseal(key.sealedPrivateKey, sealContext(key))),
  headers: joseHeaders(key),
})

/** A new key pair with its self-signed certificate, private half sealed. */
export const makeSigningKey = async (wish: {
  readonly domain: string
  readonly algorithm: SigningAlgorithm
  readonly state: SigningKeyState
  readonly nowMs: number
  readonly masterKey: MasterKey
}): Promise<SigningKey> => {
  const { domain, algorithm, nowMs } = wish
  const { privateKey, publicKey } = await makePair(algorithm)
  const kid = `${new Date(nowMs).toISOString().slice(0, 10)}-${randomBytes(4).toString('hex')}`
  // Loaded only when a key is made: reading certificates' library at every start would cost more
  // than the rest of the start.
  const { makeSigningCertificate } = await import('../certificates/make-signing-certificate.ts')
  const { certificateDer } = await makeSigningCertificate({
    privateKey,
    publicKey,
    algorithm,
    subject: `CN=${kid},CN=${domain}`,
    notBeforeMs: nowMs - 60_000,
    notAfterMs: nowMs + 3650 * 86_400_000,
  })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  return {
    domain,
    kid,
    algorithm,
    state: wish.state,
    sealedPrivateKey: wish.masterKey.seal(pem, sealContext({ domain, kid })),
    publicJwk: publicKey.export({ format: 'jwk' }) as Record<string, string>,
    certificate: Buffer.from(certificateDer).toString('base64'),
    x5t: createHash('sha1').update(certificateDer).digest('base64url'),
    x5tS256: createHash('sha256').update(certificateDer).digest('base64url'),
    createdAtMs: nowMs,
    stateSinceMs: nowMs,
  }
}

const makePair = (algorithm: SigningAlgorithm) =>
  algorithm === 'RS256'
    ? promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
    : promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
