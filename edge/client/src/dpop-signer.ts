/** Proofs that this client holds the key its tokens are bound to (RFC 9449 §4). */
import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  KeyObject,
  randomUUID,
  sign,
} from 'node:crypto'
import type { CryptoKey, JWK } from 'jose'
import { ClientError } from './client-error.ts'
import type { ClientKey } from './client-key.ts'

/** What a proof is for. */
export interface ProofWish {
  readonly method: string
  readonly url: URL
  /** The token that it is shown with; null at the token endpoint. */
  readonly token: string | null
  /** Milliseconds since the epoch, by this machine's clock. */
  readonly nowMs: number
}

/** One key, for as long as its client lives. */
export interface DpopSigner {
  /** A proof for one request; never good for another. */
  proof(wish: ProofWish): string
  /** Remembers the nonce that an answer tells, for the next proof to its origin (§8, §9). */
  noteNonce(url: URL, nonce: string | null): void
  /** Dates proofs by the clock of servers, where this machine's is off. */
  correctClock(offsetMs: number): void
}

const originsMax = 100
const nonceText = /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/ // RFC 9449 §8.1

interface ProofAlgorithm {
  readonly alg: 'ES256' | 'PS256' | 'EdDSA'
  sign(data: Buffer, key: KeyObject): Buffer
}

const es256: ProofAlgorithm = {
  alg: 'ES256',
  sign: (data, key) => sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' }),
}
const ps256: ProofAlgorithm = {
  alg: 'PS256',
  sign: (data, key) => {
    const padding = constants.RSA_PKCS1_PSS_PADDING
    return sign('sha256', data, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST })
  },
}
const eddsa: ProofAlgorithm = { alg: 'EdDSA', sign: (data, key) => sign(null, data, key) }

const algorithmOf = (key: KeyObject): ProofAlgorithm | null => {
  if (key.type !== 'private') return null
  if (key.asymmetricKeyType === 'rsa') return ps256
  if (key.asymmetricKeyType === 'ed25519') return eddsa
  return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? es256 : null
}

const readKey = (key: ClientKey): KeyObject | null => {
  try {
    if (typeof key === 'string') return createPrivateKey(key)
    if ('kty' in key) {
      const jwk = key as JWK & Record<string, unknown>
      return createPrivateKey({ key: jwk as Record<string, string>, format: 'jwk' })
    }
    return KeyObject.from(key as CryptoKey as Parameters<typeof KeyObject.from>[0])
  } catch {
    // The parser's own words could quote the key.
    return null
  }
}

const makeKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const members = ['crv', 'e', 'kty', 'n', 'x', 'y']

/**
 * @param key a private key for P-256, Ed25519 or RSA; true: one is made that never leaves this
 * process
 * @throws ClientError `not_configured` for a key that cannot sign proofs
 */
export const makeDpopSigner = (key: true | ClientKey): DpopSigner => {
  const privateKey = key === true ? makeKey() : readKey(key)
  const algorithm = privateKey === null ? null : algorithmOf(privateKey)
  if (privateKey === null || algorithm === null) {
    throw new ClientError(
      'not_configured',
      'dpop takes true, or a private key for P-256, Ed25519 or RSA as PEM, JWK or CryptoKey.',
    )
  }
  const whole = createPublicKey(privateKey).export({ format: 'jwk' })
  const jwk = Object.fromEntries(Object.entries(whole).filter(([name]) => members.includes(name)))
  const header = encode({ typ: 'dpop+jwt', alg: algorithm.alg, jwk })
  const nonces = new Map<string, string>()
  let clockOffsetMs = 0
  return {
    proof: ({ method, url, token, nowMs }) => {
      const nonce = nonces.get(url.origin)
      const ath = token && createHash('sha256').update(token).digest('base64url')
      const claims = {
        jti: randomUUID(),
        htm: method,
        htu: url.origin + url.pathname,
        iat: Math.floor((nowMs + clockOffsetMs) / 1000),
        ...(ath === null ? {} : { ath }),
        ...(nonce === undefined ? {} : { nonce }),
      }
      const input = `${header}.${encode(claims)}`
      return `${input}.${algorithm.sign(Buffer.from(input), privateKey).toString('base64url')}`
    },
    noteNonce: ({ origin }, nonce) => {
      if (nonce === null || !nonceText.test(nonce)) return
      nonces.delete(origin)
      nonces.set(origin, nonce)
      const [oldest] = nonces.keys()
      if (nonces.size > originsMax && oldest !== undefined) nonces.delete(oldest)
    },
    correctClock: (offsetMs) => {
      clockOffsetMs = offsetMs
    },
  }
}
