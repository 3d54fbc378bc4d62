import assert from 'node:assert/strict'
import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { test } from 'node:test'
import type { JsonObject } from '@mintmark/protocol/rfc8259-strict-json'
import { isSignedBy, readKeySet, selectKeys, type VerifyingKey } from './verifying-key.ts'

const jwkOf = (key: KeyObject): JsonObject => ({ ...key.export({ format: 'jwk' }) }) as JsonObject

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const ed = generateKeyPairSync('ed25519')
const rsaJwk = jwkOf(rsa.publicKey)
const ecJwk = jwkOf(ec.publicKey)
const edJwk = jwkOf(ed.publicKey)

const read = (...keys: readonly object[]): readonly VerifyingKey[] =>
  readKeySet({ keys: keys as unknown as readonly JsonObject[] }, false) ?? []

const algorithmsOf = (key: object): string => read(key)[0]?.algorithms.join(' ') ?? 'none'

const small = jwkOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey)
const p384 = jwkOf(generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).publicKey)
const secret = { kty: 'oct', k: 'AAAA', alg: 'HS256', kid: 'k' }

const keys: readonly [what: string, jwk: object, algorithms: string][] = [
  ['RSA', rsaJwk, 'RS256 PS256'],
  ['RSA for RS256', { ...rsaJwk, alg: 'RS256' }, 'RS256'],
  ['P-256', ecJwk, 'ES256'],
  ['Ed25519', edJwk, 'EdDSA Ed25519'],
  ['Ed25519 by its new name', { ...edJwk, alg: 'Ed25519' }, 'EdDSA Ed25519'],
  ['use sig', { ...ecJwk, use: 'sig', key_ops: ['verify'] }, 'ES256'],
  ['use enc', { ...ecJwk, use: 'enc' }, 'none'],
  ['key_ops without verify', { ...ecJwk, key_ops: ['encrypt', 'sign'] }, 'none'],
  ['key_ops a text', { ...ecJwk, key_ops: 'verify' }, 'none'],
  ['alg of another kind', { ...ecJwk, alg: 'RS256' }, 'none'],
  ['alg nobody knows', { ...rsaJwk, alg: 'RS1' }, 'none'],
  ['alg a number', { ...rsaJwk, alg: 1 }, 'none'],
  ['RSA of 1024 bits', small, 'none'],
  ['RSA with exponent 1', { ...rsaJwk, e: 'AQ' }, 'none'],
  ['RSA with an even exponent', { ...rsaJwk, e: 'AQAA' }, 'none'],
  ['P-384', p384, 'none'],
  ['a point off its curve', { ...ecJwk, x: ecJwk['y'], y: ecJwk['x'] }, 'none'],
  ['a private key', jwkOf(ec.privateKey), 'none'],
  ['a secret', secret, 'none'],
  ['AKP', { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AA' }, 'none'],
  ['nothing', {}, 'none'],
]

test('a key is taken for what it is, if it is good for checking', () => {
  for (const [what, jwk, expected] of keys) assert.equal(algorithmsOf(jwk), expected, what)
  assert.equal(read('x' as never, null as never, [] as never, ecJwk).length, 1)
  const oracle = { keys: [{ ...rsaJwk, key_ops: ['encrypt', 'sign'] }] }
  assert.equal(readKeySet(oracle as unknown as JsonObject, true)?.length, 1)
})

test('what is no key set is none', () => {
  const none: readonly object[] = [
    {},
    { keys: {} },
    { keys: 'x' },
    { keys: Array(501).fill(ecJwk) },
  ]
  for (const each of none) assert.equal(readKeySet(each as JsonObject, false), null)
})

const select = (set: readonly object[], wish: object): number =>
  selectKeys(read(...set), { algorithm: 'ES256', kid: null, thumbprint: null, ...wish }).length

test('a key is found by kid, algorithm and certificate', () => {
  const [a, b] = [
    { ...ecJwk, kid: 'a' },
    { ...rsaJwk, kid: 'b' },
  ]
  assert.equal(select([a, b], { kid: 'a' }), 1)
  assert.equal(select([a, b], { kid: 'b' }), 0, 'another algorithm')
  assert.equal(select([a, b], { kid: 'b', algorithm: 'PS256' }), 1)
  assert.equal(select([{ ...b, alg: 'RS256' }], { kid: 'b', algorithm: 'PS256' }), 0)
  assert.equal(select([a, b], { kid: 'c' }), 0)
  assert.equal(select([a, b], {}), 1, 'no kid, one candidate')
  assert.equal(select([a, { ...a, kid: 'c' }], {}), 0, 'no kid, two candidates')
  const [old, fresh] = ['old', 'new'].map((each) => ({ ...a, 'x5t#S256': each }))
  assert.equal(select([old ?? {}], { kid: 'a', thumbprint: 'new' }), 0, 'one kid for ever')
  assert.equal(select([old ?? {}, fresh ?? {}], { kid: 'a', thumbprint: 'new' }), 1)
  assert.equal(select([a], { kid: 'a', thumbprint: 'new' }), 1)
})

test('signatures hold in their own form and under their own algorithm', () => {
  const data = Buffer.from('a.b')
  const [rsaKey, ecKey, edKey] = read(rsaJwk, ecJwk, edJwk)
  assert.ok(rsaKey && ecKey && edKey)
  const der = sign('sha256', data, ec.privateKey)
  const joined = sign('sha256', data, { key: ec.privateKey, dsaEncoding: 'ieee-p1363' })
  const pss = sign('sha256', data, {
    key: rsa.privateKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: 32,
  })
  const pkcs = sign('sha256', data, rsa.privateKey)
  const cases: readonly [VerifyingKey, string, Uint8Array, boolean][] = [
    [ecKey, 'ES256', joined, true],
    [ecKey, 'ES256', der, false],
    [ecKey, 'ES256', new Uint8Array(64), false],
    [ecKey, 'ES256', new Uint8Array(0), false],
    [rsaKey, 'RS256', pkcs, true],
    [rsaKey, 'PS256', pkcs, false],
    [rsaKey, 'PS256', pss, true],
    [rsaKey, 'RS256', pss, false],
    [edKey, 'EdDSA', sign(null, data, ed.privateKey), true],
    [edKey, 'Ed25519', new Uint8Array(64), false],
    [rsaKey, 'none', new Uint8Array(0), false],
    [rsaKey, 'HS256', pkcs, false],
  ]
  for (const [key, algorithm, signature, expected] of cases) {
    assert.equal(isSignedBy(key, algorithm, 'a.b', signature), expected, algorithm)
    assert.equal(isSignedBy(key, algorithm, 'a.c', signature), false, algorithm)
  }
})
