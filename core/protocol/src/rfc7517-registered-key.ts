/** Public keys that a client registers (RFC 7517, RFC 7518 §6): what may be in one. */
import { type AdministrationRefusal, refuseChange } from './administration-refusal.ts'
import { ok, type Result } from './result.ts'

/** A checked public JWK: these members and no others. */
export interface RegisteredKey {
  readonly kty: string
  readonly kid?: string
  readonly alg?: string
  readonly use?: string
  readonly key_ops?: readonly string[]
  readonly n?: string
  readonly e?: string
  readonly crv?: string
  readonly x?: string
  readonly y?: string
  readonly x5c?: readonly string[]
}

export const registeredKeysMax = 20
const rsaBitsMin = 2048
const rsaBitsMax = 4096
const x5cMax = 10
const x5cCharsMax = 16_384

/** RFC 7518 §6.2.2, §6.3.2 and §6.4.1: members that only a private or symmetric key has. */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

/** RFC 7518 §6.2.1.1, RFC 8037 §2: curves, the bytes of a coordinate, the algorithms. */
const curves: Readonly<Record<string, { kty: string; bytes: number; algorithms: string[] }>> = {
  'P-256': { kty: 'EC', bytes: 32, algorithms: ['ES256'] },
  'P-384': { kty: 'EC', bytes: 48, algorithms: ['ES384'] },
  'P-521': { kty: 'EC', bytes: 66, algorithms: ['ES512'] },
  Ed25519: { kty: 'OKP', bytes: 32, algorithms: ['EdDSA', 'Ed25519'] },
}
const rsaAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']

type Json = Readonly<Record<string, unknown>>

const refused = (at: string, what: string) => refuseChange('KEY_REFUSED', `${at}: ${what}`, { at })

/** Bytes of a base64url text, or -1 when it is none (RFC 7515 §2: no padding). */
const base64urlBytes = (value: unknown): number => {
  if (typeof value !== 'string' || !/^[A-Za-z0-9_-]+$/.test(value)) return -1
  return value.length % 4 === 1 ? -1 : Math.floor((value.length * 3) / 4)
}

const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (each) =>
    each.charCodeAt(0),
  )

/** The bits of an unsigned big-endian number in base64url, leading zeros not counted. */
const bitsOf = (text: string): number => {
  const bytes = bytesOf(text)
  const first = bytes.findIndex((each) => each !== 0)
  if (first < 0) return 0
  return (bytes.length - first) * 8 - (Math.clz32(bytes[first] as number) - 24)
}

const readRsa = (key: Json, at: string): Result<RegisteredKey, AdministrationRefusal> => {
  const { n, e } = key
  if (base64urlBytes(n) < 1 || base64urlBytes(e) < 1) {
    return refused(at, 'an RSA key needs n and e in base64url.')
  }
  const bits = bitsOf(n as string)
  if (bits < rsaBitsMin || bits > rsaBitsMax) {
    return refused(at, `an RSA key has ${rsaBitsMin} to ${rsaBitsMax} bits, this one ${bits}.`)
  }
  // RFC 8017 §3.1: odd and at least 3. Under an even one nothing can be checked, under 1
  // everything.
  const exponentBits = bitsOf(e as string)
  const isOdd = ((bytesOf(e as string).at(-1) ?? 0) & 1) === 1
  if (!isOdd || exponentBits < 2 || exponentBits > 32) {
    return refused(at, 'the RSA exponent is unusual.')
  }
  return ok({ kty: 'RSA', n: n as string, e: e as string })
}

/**
 * RFC 8725 §3.4: points of Ed25519 under which a signature holds for several messages; without the
 * sign bit, little-endian, the encodings that are not reduced included.
 */
const lowOrderPoints: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])

const isLowOrder = (x: string): boolean => {
  const bytes = bytesOf(x)
  const last = bytes.length - 1
  bytes[last] = (bytes[last] as number) & 0x7f
  return lowOrderPoints.has(
    Array.from(bytes, (each) => each.toString(16).padStart(2, '0')).join(''),
  )
}

const readCurve = (key: Json, at: string): Result<RegisteredKey, AdministrationRefusal> => {
  const { kty, crv, x, y } = key
  const curve = typeof crv === 'string' && Object.hasOwn(curves, crv) ? curves[crv] : undefined
  if (curve === undefined || curve.kty !== kty) {
    return refused(at, `crv must be one of ${Object.keys(curves).join(', ')}, and fit its kty.`)
  }
  if (base64urlBytes(x) !== curve.bytes || (kty === 'EC' && base64urlBytes(y) !== curve.bytes)) {
    return refused(at, `a coordinate of ${String(crv)} has exactly ${curve.bytes} bytes.`)
  }
  if (crv === 'Ed25519' && isLowOrder(x as string)) {
    return refused(at, 'x is a point under which many signatures hold.')
  }
  const point = { kty: curve.kty, crv: crv as string, x: x as string }
  return ok(kty === 'EC' ? { ...point, y: y as string } : point)
}

const algorithmsOf = (key: RegisteredKey): readonly string[] =>
  key.crv === undefined ? rsaAlgorithms : (curves[key.crv]?.algorithms ?? [])

/** RFC 7517 §4.2–4.5 and §4.7: the members that say what a key is for. */
const readPurpose = (
  key: Json,
  material: RegisteredKey,
  at: string,
): Result<RegisteredKey, AdministrationRefusal> => {
  const { kid, alg, use, key_ops: operations, x5c } = key
  if (kid !== undefined && (typeof kid !== 'string' || kid === '' || kid.length > 255)) {
    return refused(at, 'kid must be a text of 1 to 255 characters.')
  }
  if (alg !== undefined && !algorithmsOf(material).includes(alg as string)) {
    return refused(at, `alg must be one of ${algorithmsOf(material).join(', ')} for such a key.`)
  }
  if (use !== undefined && use !== 'sig') return refused(at, 'use must be "sig".')
  const verifies = Array.isArray(operations) && operations.includes('verify')
  if (operations !== undefined && !verifies) return refused(at, 'key_ops must hold "verify".')
  if (x5c !== undefined && !isCertificateChain(x5c)) {
    return refused(at, 'x5c must be a list of certificates in base64 (not base64url).')
  }
  return ok({
    ...material,
    ...(kid === undefined ? {} : { kid }),
    ...(alg === undefined ? {} : { alg: alg as string }),
    ...(use === undefined ? {} : { use }),
    ...(operations === undefined ? {} : { key_ops: ['verify'] }),
    ...(x5c === undefined ? {} : { x5c: x5c as string[] }),
  })
}

const isCertificateChain = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.length <= x5cMax &&
  value.every(
    (each) =>
      typeof each === 'string' && each.length <= x5cCharsMax && /^[A-Za-z0-9+/]+={0,2}$/.test(each),
  )

const readKey = (value: unknown, at: string): Result<RegisteredKey, AdministrationRefusal> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refused(at, 'a key is a JSON object.')
  }
  const key = value as Json
  const secret = privateMembers.find((name) => Object.hasOwn(key, name))
  if (secret !== undefined) {
    return refuseChange('KEY_REFUSED', `${at}: "${secret}" is part of a private key.`, {
      fix: 'Register the public key only, and make a new pair: this one has now been sent.',
      at,
    })
  }
  const { kty } = key
  if (kty !== 'RSA' && kty !== 'EC' && kty !== 'OKP') {
    return refused(at, 'kty must be RSA, EC or OKP; a symmetric key is no public key.')
  }
  const material = kty === 'RSA' ? readRsa(key, at) : readCurve(key, at)
  return material.ok ? readPurpose(key, material.value, at) : material
}

/**
 * Reads the keys of a client: public, of a known kind, strong enough, told apart by `kid`. Whether
 * a point is on its curve, and whether `x5c` carries the same key, needs cryptography and is asked
 * elsewhere.
 * @param value `keys` of a JWK Set, or a JWK Set
 * @returns KEY_REFUSED naming the key and the fault
 */
export const readRegisteredKeys = (
  value: unknown,
): Result<readonly RegisteredKey[], AdministrationRefusal> => {
  const isSet = typeof value === 'object' && value !== null && !Array.isArray(value)
  const keys = isSet ? (value as Json)['keys'] : value
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > registeredKeysMax) {
    return refused('jwks', `it must be {"keys": [...]} with 1 to ${registeredKeysMax} keys.`)
  }
  const read: RegisteredKey[] = []
  for (const [index, each] of keys.entries()) {
    const at = `jwks.keys[${index}]`
    const key = readKey(each, at)
    if (!key.ok) return key
    const { kid } = key.value
    if (kid !== undefined && read.some((other) => other.kid === kid)) {
      return refused(at, `two keys have the kid '${kid}'.`)
    }
    read.push(key.value)
  }
  return ok(read)
}
