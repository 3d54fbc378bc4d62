import { deepEqual, equal, match } from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { assertE400, assertOk } from './kit/answers.ts'
import { askToken, basicOf } from './kit/ask.ts'
import { withinASecond } from './kit/clock.ts'
import {
  askBound,
  askWithProof,
  bareJwk,
  makeProof,
  type ProofWish,
  tokenTarget,
} from './kit/dpop.ts'
import { cAny } from './kit/fixtures.ts'
import { compact, makePair, nowSeconds, pairOf, signBytes } from './kit/jwt.ts'
import { sendRaw } from './kit/raw-socket.ts'
import { useMintmark } from './kit/start-domain.ts'
import { tokenPath } from './kit/test-domain.ts'

const domain = await useMintmark()
const client = await cAny(domain)
const pair = makePair('ES256')
const target = tokenTarget(domain)
const ask = (wish: ProofWish) => askWithProof(domain, client, wish, pair)
const assertRefused = (answer: Awaited<ReturnType<typeof ask>>) =>
  assertE400(answer, 'invalid_dpop_proof')

test('DP-02 at most one DPoP field', async () => {
  const proof = () => makeProof(pair, target)
  const body = 'grant_type=client_credentials'
  const send = (fields: readonly string[]) =>
    sendRaw(
      domain.url,
      `POST ${tokenPath} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
        `Authorization: ${basicOf(client).authorization}\r\n` +
        'Content-Type: application/x-www-form-urlencoded\r\n' +
        `${fields.map((field) => `DPoP: ${field}\r\n`).join('')}` +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    )
  match(await send([proof()]), /^HTTP\/1\.1 200 /)
  for (const fields of [[proof(), proof()], [proof(), ''], ['', proof()], [`${proof()}, x`]]) {
    const answer = await send(fields)
    match(answer, /^HTTP\/1\.1 400 /)
    match(answer, /"invalid_dpop_proof"/)
  }
})

test('DP-03 the name of the field has no case', async () => {
  for (const name of ['DPOP', 'dpop', 'dPoP']) {
    const answer = await askToken(domain, client, {}, { [name]: makeProof(pair, target) })
    assertOk(answer)
    equal(answer.json?.['token_type'], 'DPoP')
  }
})

test('DP-04 a proof is one signed JWT', async () => {
  const proof = makeProof(pair, target)
  const [header, claims, signature] = proof.split('.')
  const flattened = JSON.stringify({ protected: header, payload: claims, signature })
  for (const text of ['a.b.c', ' ', `${proof}.x.y`, flattened, `${proof}.`, proof.slice(1)]) {
    assertRefused(await askBound(domain, client, text))
  }
})

test('DP-05 every member is needed', async () => {
  for (const name of ['typ', 'alg', 'jwk']) {
    assertRefused(await ask({ header: { [name]: undefined } }))
  }
  for (const name of ['jti', 'htm', 'htu', 'iat']) {
    assertRefused(await ask({ claims: { [name]: undefined } }))
  }
})

test('DP-06 the type is dpop+jwt, compared as a media type', async () => {
  for (const typ of ['JWT', 'dpop+jwt+x', 'at+jwt', '', 1]) {
    assertRefused(await ask({ header: { typ } }))
  }
  for (const typ of ['dpop+jwt', 'DPoP+JWT', 'application/dpop+jwt']) {
    assertOk(await ask({ header: { typ } }))
  }
})

test('DP-07 asymmetric algorithms of the published list', async () => {
  for (const alg of ['ES256', 'PS256', 'Ed25519', 'EdDSA']) {
    assertOk(await askWithProof(domain, client, {}, makePair(alg)))
  }
  for (const alg of ['RS256', 'ES384', 'PS512']) {
    assertRefused(await askWithProof(domain, client, {}, makePair(alg)))
  }
  for (const alg of ['none', 'HS256', 'ES256K', 'es256', '', null, 7]) {
    assertRefused(await ask({ header: { alg } }))
  }
})

test('DP-08 the signature holds under jwk', async () => {
  const other = makePair('ES256')
  assertRefused(await ask({ header: { jwk: bareJwk(other) } }))
  const proof = makeProof(pair, target)
  const signature = proof.slice(proof.lastIndexOf('.') + 1)
  const zeros = Buffer.alloc(64).toString('base64url')
  assertRefused(await askBound(domain, client, proof.replace(signature, zeros)))
  const flipped = (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1)
  assertRefused(await askBound(domain, client, proof.replace(signature, flipped)))
})

test('DP-09 jwk is a public key', async () => {
  const whole = { ...pair.privateKey.export({ format: 'jwk' }) }
  assertRefused(await ask({ header: { jwk: whole } }))
  assertRefused(await ask({ header: { jwk: { ...bareJwk(pair), d: '' } } }))
  assertRefused(await ask({ header: { jwk: { kty: 'oct', k: 'AAAA' } } }))
  for (const jwk of [null, 'x', [], {}, 7]) assertRefused(await ask({ header: { jwk } }))
})

test('DP-10 htm is the method', async () => {
  for (const htm of ['GET', 'post', 'POST ', '', 7]) assertRefused(await ask({ claims: { htm } }))
})

test('DP-11 htu is the address, without query and fragment', async () => {
  const { url } = target
  for (const htu of [`${domain.url}/oauth2/v1/introspect`, 'https://other.example/', tokenPath]) {
    assertRefused(await ask({ claims: { htu } }))
  }
  for (const more of ['?a=b', '#c', '?a=b#c']) assertOk(await ask({ claims: { htu: url + more } }))
})

test('DP-12 addresses are compared in one spelling', async () => {
  const { protocol, host } = new URL(target.url)
  const shouted = `${protocol.toUpperCase()}//${host.toUpperCase()}`
  assertOk(await ask({ claims: { htu: shouted + tokenPath } }))
  assertOk(await ask({ claims: { htu: domain.url + tokenPath.replace('v1', '%76%31') } }))
  assertRefused(await ask({ claims: { htu: domain.url + tokenPath.toUpperCase() } }))
})

test('DP-13 a proof is of now', async () => {
  const off = (seconds: number) => ask({ claims: { iat: nowSeconds() + seconds } })
  for (const seconds of [-10, 10]) assertOk(await off(seconds))
  for (const seconds of [-3600, 3600, 62, -62]) {
    assertRefused(await withinASecond(() => off(seconds)))
  }
  const wrong = ['', String(nowSeconds()), null, -1]
  for (const iat of wrong) assertRefused(await ask({ claims: { iat } }))
})

test('DP-14 nbf and exp are borne and heeded', async () => {
  const now = nowSeconds()
  assertOk(await ask({ claims: { nbf: now, exp: now + 300 } }))
  assertRefused(await ask({ claims: { exp: now - 5 } }))
  assertRefused(await ask({ claims: { nbf: now + 300 } }))
})

test('DP-16 a long jti costs nothing', async () => {
  assertRefused(await ask({ claims: { jti: 'x'.repeat(5000) } }))
  assertOk(await ask({ claims: { jti: 'x'.repeat(1000) } }))
})

test('DP-32 what is not known is passed over', async () => {
  const claims = { sub: 'x', more: { a: [1] }, ath: 'of no token' }
  assertOk(await ask({ header: { kid: 'x', x5c: ['y'], jku: 'https://k.example' }, claims }))
  assertRefused(await ask({ header: { crit: ['exp'] } }))
})

test('DP-33 keys that are weak or none', async () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  assertRefused(await askWithProof(domain, client, {}, pairOf('PS256', weak)))
  const off = { ...bareJwk(pair), y: Buffer.alloc(32, 1).toString('base64url') }
  assertRefused(await ask({ header: { jwk: off } }))
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: p384.export({ format: 'jwk' }) }
  const proof = compact(header, { jti: 'x' }, (data) => signBytes('ES256', p384, data))
  assertRefused(await askBound(domain, client, proof))
})

test('DP-05 a refusal says what is wrong, and nothing of it is a token', async () => {
  const answer = await ask({ claims: { htm: 'GET' } })
  assertRefused(answer)
  match(String(answer.json?.['error_description']), /another method.*htm is not POST/)
  deepEqual(answer.headers['dpop-nonce'], undefined)
})
