/*
 * Signing costs more than all the rest of a token, and its strength is not what is looked for here:
 * a signature is a checksum of the key and the text, and keys come from a small store.
 */
import crypto, { type KeyObject } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'

const { createPrivateKey, createPublicKey, generateKeyPairSync } = crypto

const names = new WeakMap<KeyObject, number>()

/** The same for both halves of a pair. */
const nameOf = (key: KeyObject): number => {
  const known = names.get(key)
  if (known !== undefined) return known
  const half = key.type === 'private' ? createPublicKey(key) : key
  const name = crc32(half.export({ type: 'spki', format: 'der' }))
  names.set(key, name)
  return name
}

const signatureLength = 64

type KeyLike = KeyObject | { readonly key: KeyObject }

const signatureOf = (data: Uint8Array, key: KeyLike): Buffer => {
  const signature = Buffer.alloc(signatureLength)
  signature.writeUInt32BE(crc32(data, nameOf('key' in key ? key.key : key)))
  return signature
}

const kept = new Map<string, KeyObject>()
const keptMax = 500

/** Reading a key again gives the same object, which is read-only anyway. */
const remember =
  <Input>(read: (input: Input) => KeyObject, textOf: (input: Input) => string | null) =>
  (input: Input): KeyObject => {
    const text = textOf(input)
    if (text === null) return read(input)
    const known = kept.get(text)
    if (known !== undefined) return known
    const key = read(input)
    if (kept.size < keptMax) kept.set(text, key)
    return key
  }

interface Pair {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

const stores = { ec: [] as Pair[], rsa: [] as Pair[] }
const storeSizes = { ec: 12, rsa: 3 }
let taken = 0

/** From a store that is filled once: which one comes depends only on how many came before. */
const takePair = (kind: 'ec' | 'rsa'): Pair => {
  const store = stores[kind]
  while (store.length < storeSizes[kind]) {
    store.push(
      kind === 'ec'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('rsa', { modulusLength: 2048 }),
    )
  }
  taken += 1
  return store[taken % store.length] as Pair
}

/** Before each world. */
export const resetKeys = (): void => {
  taken = 0
}

/** Once a process. */
export const installModelKeys = (): void => {
  const generateKeyPair = (kind: 'ec' | 'rsa'): Pair => takePair(kind)
  Object.defineProperty(generateKeyPair, promisify.custom, {
    value: async (kind: 'ec' | 'rsa') => takePair(kind),
  })
  Object.assign(crypto, {
    sign: (_algorithm: unknown, data: Uint8Array, key: KeyLike) => signatureOf(data, key),
    verify: (_algorithm: unknown, data: Uint8Array, key: KeyLike, signature: Uint8Array) =>
      signatureOf(data, key).equals(signature),
    createPrivateKey: remember(createPrivateKey, (input) =>
      typeof input === 'string' ? input : null,
    ),
    createPublicKey: remember(createPublicKey, (input) =>
      typeof input === 'object' && 'format' in input && input.format === 'jwk'
        ? JSON.stringify(input.key)
        : null,
    ),
    generateKeyPair,
  })
  syncBuiltinESMExports()
}
