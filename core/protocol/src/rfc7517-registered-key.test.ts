import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { readRegisteredKeys } from './rfc7517-registered-key.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const koblitz = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
const ed = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
const rsaKey = rsa.publicKey.export({ format: 'jwk' })
const ecKey = p256.publicKey.export({ format: 'jwk' })

test('RFC 7517: public keys are taken, and only the members that count', () => {
  const keys = readRegisteredKeys({
    keys: [
      { ...rsaKey, kid: 'a', alg: 'PS256', use: 'sig', x5u: 'https://elsewhere.example/' },
      { ...ecKey, kid: 'b', key_ops: ['verify', 'sign'] },
      { ...ed, kid: 'c', alg: 'EdDSA' },
      ecKey,
    ],
  })
  assert.ok(keys.ok)
  assert.deepEqual(keys.value, [
    { ...rsaKey, kid: 'a', alg: 'PS256', use: 'sig' },
    { ...ecKey, kid: 'b', key_ops: ['verify'] },
    { ...ed, kid: 'c', alg: 'EdDSA' },
    ecKey,
  ])
})

const refused: readonly [string, unknown][] = [
  ['no list', 'x'],
  ['an empty set', { keys: [] }],
  ['too many', { keys: Array(21).fill(ecKey) }],
  ['a private EC key', [p256.privateKey.export({ format: 'jwk' })]],
  ['a private RSA key', [rsa.privateKey.export({ format: 'jwk' })]],
  ['a symmetric key', [{ kty: 'oct', k: 'c2VjcmV0' }]],
  ['a symmetric key in disguise', [{ ...ecKey, k: 'c2VjcmV0' }]],
  ['RSA of 1024 bits', [weak]],
  ['RSA padded with zeros', [{ ...weak, n: `${'A'.repeat(172)}${weak.n}` }]],
  ['the exponent 1', [{ ...rsaKey, e: 'AQ' }]],
  ['the exponent 2', [{ ...rsaKey, e: 'Ag' }]],
  ['the exponent 65536', [{ ...rsaKey, e: 'AQAA' }]],
  ['an Ed25519 point of order four', [{ ...ed, x: 'A'.repeat(43) }]],
  ['the same with its sign bit', [{ ...ed, x: `${'A'.repeat(41)}IA` }]],
  ['a curve that nobody asked for', [koblitz.publicKey.export({ format: 'jwk' })]],
  ['a curve named like a prototype', [{ kty: 'EC', crv: 'constructor', x: 'AA', y: 'AA' }]],
  ['a short coordinate', [{ ...ecKey, x: 'AAAA' }]],
  ['base64 instead of base64url', [{ ...ecKey, x: `${ecKey.x?.slice(0, -1)}+` }]],
  ['no y', [{ ...ecKey, y: undefined }]],
  ['alg of another kind', [{ ...ecKey, alg: 'RS256' }]],
  ['alg of another curve', [{ ...ecKey, alg: 'ES384' }]],
  ['alg none', [{ ...rsaKey, alg: 'none' }]],
  ['use enc', [{ ...ecKey, use: 'enc' }]],
  ['key_ops without verify', [{ ...ecKey, key_ops: ['encrypt'] }]],
  ['an empty kid', [{ ...ecKey, kid: '' }]],
  [
    'a kid twice',
    [
      { ...ecKey, kid: 'a' },
      { ...rsaKey, kid: 'a' },
    ],
  ],
  ['x5c in base64url', [{ ...ecKey, x5c: ['MII_-'] }]],
]

test('RFC 7591 §5: keys that must not be registered', () => {
  for (const [what, value] of refused) {
    const keys = readRegisteredKeys(value)
    assert.ok(!keys.ok, what)
    assert.equal(keys.failure.reason, 'KEY_REFUSED', what)
  }
})
