/**
 * JWTs written by hand, so that wrong ones can be written too: what a library would refuse to make
 * is what a server must be shown.
 */
import {
  constants,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto'

/** A key pair of a client, and the public half as it is registered. */
export interface SigningPair {
  readonly alg: string
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicJwk: Readonly<Record<string, unknown>>
}

const curveOf: Readonly<Record<string, string>> = {
  ES256: 'P-256',
  ES384: 'P-384',
  ES512: 'P-521',
}

const generate = (alg: string, modulusLength: number): KeyObject => {
  const namedCurve = curveOf[alg]
  if (namedCurve !== undefined) return generateKeyPairSync('ec', { namedCurve }).privateKey
  if (alg.startsWith('Ed')) return generateKeyPairSync('ed25519').privateKey
  return generateKeyPairSync('rsa', { modulusLength }).privateKey
}

/** A private key as a pair; `members` are added to the public JWK, undefined ones left out. */
export const pairOf = (
  alg: string,
  privateKey: KeyObject,
  members: Readonly<Record<string, unknown>> = {},
): SigningPair => {
  const kid =
    typeof members['kid'] === 'string' ? members['kid'] : `${alg}-${randomUUID().slice(0, 8)}`
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' })
  const all = Object.entries({ ...jwk, kid, alg, use: 'sig', ...members })
  const publicJwk = Object.fromEntries(all.filter(([, value]) => value !== undefined))
  return { alg, kid, privateKey, publicJwk }
}

/** A new key pair for one algorithm. */
export const makePair = (
  alg: string,
  members: Readonly<Record<string, unknown>> = {},
  modulusLength = 2048,
): SigningPair => pairOf(alg, generate(alg, modulusLength), members)

/** A private key from a JWK; for vectors and for keys that cannot be generated. */
export const privateKeyOf = (jwk: Readonly<Record<string, string>>): KeyObject =>
  createPrivateKey({ key: { ...jwk }, format: 'jwk' })

export const encode = (part: unknown): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')

/** The parts of a compact JWT as objects; signatures are not looked at. */
export const decode = (token: string) => {
  const [header = '', claims = ''] = token.split('.')
  const read = (part: string): Readonly<Record<string, unknown>> =>
    JSON.parse(Buffer.from(part, 'base64url').toString())
  return { header: read(header), claims: read(claims) }
}

/** Signs bytes as an algorithm of RFC 7518 says, whatever the key was registered for. */
export const signBytes = (alg: string, key: KeyObject, data: string): Buffer => {
  const bytes = Buffer.from(data)
  const digest = `sha${alg.slice(2)}`
  if (alg.startsWith('Ed')) return sign(null, bytes, key)
  if (alg.startsWith('ES')) return sign(digest, bytes, { key, dsaEncoding: 'ieee-p1363' })
  if (!alg.startsWith('PS')) return sign(digest, bytes, key)
  const padding = constants.RSA_PKCS1_PSS_PADDING
  return sign(digest, bytes, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST })
}

/** RFC 7518 §3.2: a MAC with a shared secret. */
export const macBytes = (alg: string, secret: string, data: string): Buffer =>
  createHmac(`sha${alg.slice(2)}`, secret)
    .update(data)
    .digest()

/** Joins header, payload and what signs them; texts are taken as they are, objects as JSON. */
export const compact = (
  header: unknown,
  payload: unknown,
  signature: (signingInput: string) => Buffer,
): string => {
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${signature(input).toString('base64url')}`
}

export const nowSeconds = (): number => Math.floor(Date.now() / 1000)

/** What an assertion says differently; a member of undefined is left out. */
export interface AssertionWish {
  readonly header?: Readonly<Record<string, unknown>>
  readonly claims?: Readonly<Record<string, unknown>>
}

const present = (members: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

/** The claims of RFC 7523 §3 for one client at one server, with `more` over them. */
export const assertionClaims = (
  clientId: string,
  audience: string,
  more: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> => {
  const now = nowSeconds()
  const base = { iss: clientId, sub: clientId, aud: audience, iat: now, exp: now + 60 }
  return present({ ...base, jti: randomUUID(), ...more })
}

/** A client assertion (RFC 7523 §2.2), right in every respect but those that `wish` changes. */
export const makeAssertion = (
  client: { readonly clientId: string },
  audience: string,
  pair: Pick<SigningPair, 'alg' | 'kid' | 'privateKey'>,
  wish: AssertionWish = {},
): string => {
  const typ = 'client-authentication+jwt'
  const header = present({ alg: pair.alg, kid: pair.kid, typ, ...wish.header })
  const claims = assertionClaims(client.clientId, audience, wish.claims)
  return compact(header, claims, (input) => signBytes(pair.alg, pair.privateKey, input))
}

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
