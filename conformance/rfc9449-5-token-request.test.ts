import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { assertE400, assertE401, assertOk } from './kit/answers.ts'
import { askByAssertion, askSecurely, askToken, basicOf, post } from './kit/ask.ts'
import { nameOf } from './kit/certificate.ts'
import {
  askBound,
  askWithProof,
  bareJwk,
  makeProof,
  thumbprintOf,
  tokenTarget,
} from './kit/dpop.ts'
import {
  cAny,
  clientCertificate,
  makeClient,
  makeKeyClient,
  rs,
  rs2,
  rs2Audience,
} from './kit/fixtures.ts'
import { send } from './kit/http.ts'
import { decode, makePair } from './kit/jwt.ts'
import { useMintmark } from './kit/start-domain.ts'
import { introspectionPath, revocationPath, tokenPath } from './kit/test-domain.ts'

const domain = await useMintmark()
const client = await cAny(domain)
const pair = makePair('ES256')
const jkt = thumbprintOf(pair)

const cnfOf = (token: string): unknown => decode(token).claims['cnf']

test('DP-01 a proof binds the token to its key, in either profile', async () => {
  await rs2(domain)
  const modern = await makeClient(domain, { scopes: [`${rs2Audience}other:read`] }, rs2)
  for (const each of [client, modern]) {
    const answer = await askWithProof(domain, each, {}, pair)
    const token = assertOk(answer)
    equal(answer.json?.['token_type'], 'DPoP')
    deepEqual(cnfOf(token), { jkt })
  }
})

test('JW-25 whatever else is in jwk, and in which order, the thumbprint is the same', async () => {
  const { y, x, crv, kty } = bareJwk(pair)
  const jwk = { use: 'sig', y, x, kid: 'mine', crv, kty }
  deepEqual(cnfOf(assertOk(await askWithProof(domain, client, { header: { jwk } }, pair))), { jkt })
})

test('DP-21 a client that must be bound gets nothing without a proof', async () => {
  const bound = await makeClient(domain, { dpopBoundTokens: true })
  const answer = await askToken(domain, bound)
  assertE400(answer, 'invalid_dpop_proof')
  match(String(answer.json?.['error_description']), /Send a DPoP proof/)
  assertE400(await askToken(domain, bound, {}, { DPoP: '' }), 'invalid_dpop_proof')
  deepEqual(cnfOf(assertOk(await askWithProof(domain, bound, {}, pair))), { jkt })
})

test('DP-21 an API can be limited to tokens that are bound to a key', async () => {
  const audience = 'https://keyed.example/'
  await domain.createApi({ audience, scopes: ['x'], dpopBoundTokens: true })
  const any = await domain.createClient({ scopes: [`${audience}x`] })
  assertE400(await askToken(domain, any), 'invalid_dpop_proof')
  assertOk(await askWithProof(domain, any, {}, pair))
})

test('DP-22 the algorithms are published', async () => {
  const url = `${domain.url}/.well-known/oauth-authorization-server`
  const published = (await send({ url, method: 'GET' })).json ?? {}
  const names = published['dpop_signing_alg_values_supported'] as readonly string[]
  deepEqual(names, ['ES256', 'PS256', 'Ed25519', 'EdDSA'])
  ok(!names.some((name) => name === 'none' || name.startsWith('HS')))
})

test('DP-23 a proof binds whatever the client proves itself by', async () => {
  const signer = await makeKeyClient(domain, [makePair('ES256')])
  ok(assertOk(await askByAssertion(domain, signer)))
  const proof = makeProof(pair, tokenTarget(domain))
  const parameters = {
    grant_type: 'client_credentials',
    client_id: client.clientId,
    client_secret: client.secret,
  }
  const answer = await post(domain, tokenPath, parameters, { DPoP: proof })
  deepEqual(cnfOf(assertOk(answer)), { jkt })
})

test('DP-34 a certificate and a key bind both', async () => {
  const certificateSubject = { kind: 'subject_dn', value: 'CN=both' }
  const both = await makeClient(domain, { certificateSubject, certificateBoundTokens: true })
  const { shown, der } = clientCertificate(domain, { subject: nameOf(['CN', 'both']) })
  const url = domain.secureUrl + tokenPath
  const DPoP = makeProof(pair, { url, method: 'POST' })
  const headers = { ...basicOf(both), DPoP }
  const answer = await askSecurely(domain, {}, { shown, headers })
  const token = assertOk(answer)
  equal(answer.json?.['token_type'], 'DPoP')
  deepEqual(cnfOf(token), { 'x5t#S256': createHash('sha256').update(der).digest('base64url'), jkt })
  assertE400(await askWithProof(domain, both, {}, pair), 'invalid_request')
})

test('DP-35 a proof that nobody asked for binds', async () => {
  const answer = await askWithProof(domain, client, {}, pair)
  assertOk(answer)
  equal(answer.json?.['token_type'], 'DPoP')
  const plain = await askToken(domain, client)
  equal(plain.json?.['token_type'], 'Bearer')
  equal(cnfOf(assertOk(plain)), undefined)
})

test('DP-36 IN-17 a bound token is told as such, and no proof is asked from who asks', async () => {
  const token = assertOk(await askWithProof(domain, client, {}, pair))
  const api = await rs(domain)
  ok(api.client !== null)
  for (const more of [{}, { DPoP: 'nonsense' }]) {
    const headers = { ...basicOf(api.client), ...more }
    const told = await post(domain, introspectionPath, { token }, headers)
    equal(told.json?.['active'], true)
    equal(told.json?.['token_type'], 'DPoP')
    deepEqual(told.json?.['cnf'], { jkt })
  }
  const headers = { ...basicOf(client), DPoP: 'nonsense' }
  equal((await post(domain, revocationPath, { token }, headers)).status, 200)
  const told = await post(domain, introspectionPath, { token }, basicOf(api.client))
  deepEqual(told.json, { active: false })
})

test('DP-21 who is not proven is told nothing of the proof', async () => {
  const stranger = { clientId: client.clientId, secret: 'wrong' }
  assertE401(await askBound(domain, stranger, 'nonsense'))
})
