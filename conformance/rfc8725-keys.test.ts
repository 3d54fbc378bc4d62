import { equal, rejects } from 'node:assert/strict'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { assertE401, assertOk } from './kit/answers.ts'
import { askByAssertion, askWithAssertion } from './kit/ask.ts'
import { cPkj, makeClient, makeKeyClient } from './kit/fixtures.ts'
import {
  assertionClaims,
  compact,
  macBytes,
  makeAssertion,
  makePair,
  pairOf,
  type SigningPair,
  signBytes,
} from './kit/jwt.ts'
import { useKeyServer } from './kit/key-server.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark({ environment: { MINTMARK_KEY_SETS_PRIVATE: 'true' } })
const elsewhere = await useKeyServer()

let sets = 0
/** A client whose keys are fetched: what registration would refuse arrives here anyway. */
const clientBehindUri = async (keys: readonly object[]) => {
  sets += 1
  const path = `/keys-${sets}.json`
  elsewhere.serve(path, { keys })
  const methods = ['private_key_jwt'] as const
  return makeClient(domain, { methods, jwksUri: elsewhere.url + path })
}

const register = (key: object) =>
  makeClient(domain, {
    methods: ['private_key_jwt'],
    keys: [key as Readonly<Record<string, unknown>>],
  })

/** Refused when it is registered, and refused when it is fetched. */
const assertNoKey = async (jwk: object, pair: SigningPair): Promise<void> => {
  await rejects(register(jwk), / 400 /)
  const good = makePair('ES256', { kid: 'good' })
  const client = await clientBehindUri([jwk, good.publicJwk])
  assertE401(await askByAssertion(domain, { ...client, pair }))
  // Its neighbours are not worse for it.
  assertOk(await askByAssertion(domain, { ...client, pair: good }))
}

test('JW-02 a key for one algorithm is not used for another', async () => {
  const pair = makePair('PS256')
  const client = await makeKeyClient(domain, [pair])
  assertOk(await askByAssertion(domain, client))
  assertE401(await askByAssertion(domain, client, {}, { ...pair, alg: 'RS256' }))
})

test('JW-10 a key for encryption checks nothing', async () => {
  const pair = makePair('ES256', { use: 'enc' })
  await assertNoKey(pair.publicJwk, pair)
})

test('JW-10 a key that may only sign checks nothing', async () => {
  const pair = makePair('ES256', { use: undefined, key_ops: ['sign'] })
  await assertNoKey(pair.publicJwk, pair)
})

for (const modulusLength of [1024, 512]) {
  test(`JW-11 RSA of ${modulusLength} bits is refused`, async () => {
    const pair = makePair('RS256', {}, modulusLength)
    await assertNoKey(pair.publicJwk, pair)
  })
}

test('JW-12 a secret shorter than its hash is no key', async () => {
  const client = await makeClient(domain, { methods: ['client_secret_jwt'] })
  const assertion = (alg: string) =>
    compact({ alg }, assertionClaims(client.clientId, domain.issuer), (input) =>
      macBytes(alg, client.secret, input),
    )
  assertOk(await askWithAssertion(domain, assertion('HS256')))
  equal(client.secret.length < 64, true, 'a minted secret is shorter than 64 bytes')
  assertE401(await askWithAssertion(domain, assertion('HS512')))
})

test('JW-12 a short secret cannot be chosen for HMAC', async () => {
  const wish = { methods: ['client_secret_jwt'], secret: 'only-16-letters-' } as const
  const client = await makeClient(domain, wish).catch(() => null)
  if (client === null) return
  const assertion = compact(
    { alg: 'HS256' },
    assertionClaims(client.clientId, domain.issuer),
    (input) => macBytes('HS256', wish.secret, input),
  )
  assertE401(await askWithAssertion(domain, assertion))
})

const askSigned = async (pair: SigningPair, alg: string, sign: (input: string) => Buffer) => {
  const client = await clientBehindUri([{ ...pair.publicJwk, alg: undefined }])
  const claims = assertionClaims(client.clientId, domain.issuer)
  return askWithAssertion(domain, compact({ alg, kid: pair.kid }, claims, sign))
}

test('JW-13 an ECDSA signature in DER is refused', async () => {
  const { sign } = await import('node:crypto')
  const pair = makePair('ES256')
  const answer = await askSigned(pair, 'ES256', (input) =>
    sign('sha256', Buffer.from(input), pair.privateKey),
  )
  assertE401(answer)
})

test('JW-13 a signature of zeros, of another length, or empty is refused', async () => {
  const pair = makePair('ES256')
  for (const bytes of [Buffer.alloc(64), Buffer.alloc(63), Buffer.alloc(96), Buffer.alloc(0)]) {
    assertE401(await askSigned(pair, 'ES256', () => bytes))
  }
  const longer = (input: string) =>
    Buffer.concat([signBytes('ES256', pair.privateKey, input), Buffer.alloc(1)])
  assertE401(await askSigned(pair, 'ES256', longer))
})

for (const [alg, curve] of [
  ['ES256', 'ES384'],
  ['ES384', 'ES256'],
  ['ES512', 'ES256'],
] as const) {
  test(`JW-13 ${alg} with a key of the curve of ${curve} is refused`, async () => {
    const pair = makePair(curve)
    const answer = await askSigned(pair, alg, (input) => signBytes(alg, pair.privateKey, input))
    assertE401(answer)
    assertOk(await askSigned(pair, curve, (input) => signBytes(curve, pair.privateKey, input)))
  })
}

test('JW-14 a point that is not on its curve is no key', async () => {
  const pair = makePair('ES256')
  const other = makePair('ES256')
  await assertNoKey({ ...pair.publicJwk, y: other.publicJwk['y'] }, pair)
})

for (const [what, bytes] of [
  ['the identity', '0100000000000000000000000000000000000000000000000000000000000000'],
  ['of order two', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
  ['of order four', '0000000000000000000000000000000000000000000000000000000000000000'],
  ['of order eight', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
] as const) {
  test(`JW-14 an Ed25519 point ${what} is no key`, async () => {
    const pair = makePair('Ed25519')
    const x = Buffer.from(bytes, 'hex').toString('base64url')
    await assertNoKey({ ...pair.publicJwk, x }, pair)
  })
}

for (const exponent of [1, 2, 65536]) {
  test(`JW-14 an RSA exponent of ${exponent} is no key`, async () => {
    const pair = makePair('RS256')
    const hex = exponent.toString(16)
    const e = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url')
    await assertNoKey({ ...pair.publicJwk, e }, pair)
  })
}

test('JW-15 a key of another client does not sign for this one', async () => {
  const mine = await makeKeyClient(domain, [makePair('ES256', { kid: 'same' })])
  const other = await makeKeyClient(domain, [makePair('ES256', { kid: 'same' })])
  assertOk(await askByAssertion(domain, mine))
  assertE401(await askByAssertion(domain, mine, {}, other.pair))
  const mixed = { claims: { iss: other.clientId } }
  assertE401(await askByAssertion(domain, mine, mixed, other.pair))
  assertE401(await askByAssertion(domain, mine, mixed))
})

test('JW-16 the audience is looked at', async () => {
  const client = await cPkj(domain)
  for (const aud of ['https://other.example', undefined, [], {}, null, 1]) {
    assertE401(await askByAssertion(domain, client, { claims: { aud } }))
  }
})

const kids: readonly unknown[] = [
  '../../../../etc/passwd',
  "' OR '1'='1",
  '*)(uid=*))(|(uid=*',
  '%00',
  '__proto__',
  'constructor',
  '\u0000',
  'x'.repeat(10_000),
  1,
  null,
  ['ES256'],
  {},
]
test('JW-17 a kid is for looking up and nothing more', async () => {
  const client = await cPkj(domain)
  for (const kid of kids) assertE401(await askByAssertion(domain, client, { header: { kid } }))
  assertOk(await askByAssertion(domain, client))
})

test('JW-18 no key and no address is taken from a header', async () => {
  const client = await cPkj(domain)
  const stranger = makePair('ES256')
  elsewhere.serve('/evil.json', { keys: [stranger.publicJwk] })
  elsewhere.serve('/evil.pem', {})
  const calls = elsewhere.calls.length
  const jku = `${elsewhere.url}/evil.json`
  for (const header of [
    { jku },
    { x5u: `${elsewhere.url}/evil.pem` },
    { jwk: stranger.publicJwk },
    { jwk: stranger.publicJwk, kid: undefined },
    { x5c: ['AAAA'] },
    { kid: jku },
  ]) {
    assertE401(await askByAssertion(domain, client, { header }, stranger))
  }
  equal(elsewhere.calls.length, calls)
  assertOk(await askByAssertion(domain, client, { header: { jku, jwk: stranger.publicJwk } }))
  equal(elsewhere.calls.length, calls)
})

for (const alg of ['Ed25519', 'EdDSA']) {
  test(`JW-23 ${alg} is accepted from an Ed25519 key`, async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const client = await makeKeyClient(domain, [pairOf(alg, privateKey)])
    assertOk(await askByAssertion(domain, client))
    const unnamed = pairOf(alg, privateKey, { alg: undefined })
    assertOk(await askByAssertion(domain, await makeKeyClient(domain, [unnamed])))
  })
}

test('JW-27 a kind of key that nobody here knows is refused cleanly', async () => {
  const jwk = { kty: 'AKP', alg: 'ML-DSA-44', kid: 'pq', pub: 'x'.repeat(1750) }
  const pair = { ...makePair('ES256'), alg: 'ML-DSA-44', kid: 'pq' }
  await rejects(register(jwk), / 400 /)
  const good = makePair('ES256', { kid: 'good' })
  const client = await clientBehindUri([jwk, good.publicJwk])
  const key = createPrivateKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const claims = assertionClaims(client.clientId, domain.issuer)
  const assertion = compact({ alg: 'ML-DSA-44', kid: 'pq' }, claims, (input) =>
    signBytes('ES256', key, input),
  )
  assertE401(await askWithAssertion(domain, assertion))
  assertOk(await askWithAssertion(domain, makeAssertion(client, domain.issuer, good)))
})
