/*
 * What the OpenID Foundation's suite asks of client credentials under the FAPI 2.0 Security
 * Profile, of a client that signs assertions and must be bound by DPoP; modules on resources are
 * beside.
 */
import { equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { assertE400, assertE401, assertOk } from './kit/answers.ts'
import { askWithAssertion, post } from './kit/ask.ts'
import { makeProof, tokenTarget } from './kit/dpop.ts'
import { rs, rsScopes } from './kit/fixtures.ts'
import { send } from './kit/http.ts'
import {
  type AssertionWish,
  assertionType,
  makeAssertion,
  makePair,
  nowSeconds,
  pairOf,
  type SigningPair,
} from './kit/jwt.ts'
import { useMintmark } from './kit/start-domain.ts'
import { tokenPath } from './kit/test-domain.ts'

const domain = await useMintmark()
await rs(domain)

const register = async (pair: SigningPair) => {
  const client = await domain.createClient({
    scopes: rsScopes,
    methods: ['private_key_jwt'],
    keys: [pair.publicJwk],
    assertionAlgorithm: pair.alg,
    dpopBoundTokens: true,
  })
  return { ...client, pair }
}

const first = await register(makePair('PS256'))
const second = await register(makePair('ES256'))
const holder = makePair('ES256')

const ask = (
  client = first,
  wish: AssertionWish = {},
  by: SigningPair = client.pair,
  more: Readonly<Record<string, string>> = {},
) => {
  const form = {
    grant_type: 'client_credentials',
    client_assertion_type: assertionType,
    client_assertion: makeAssertion(client, domain.issuer, by, wish),
    ...more,
  }
  return post(domain, tokenPath, form, { DPoP: makeProof(holder, tokenTarget(domain)) })
}

test('FA-01 the metadata names what the profile needs', async () => {
  const url = `${domain.issuer}/.well-known/oauth-authorization-server`
  const { json, status } = await send({ url, method: 'GET' })
  equal(status, 200)
  const list = (name: string) => json?.[name] as readonly string[]
  equal(json?.['issuer'], domain.issuer)
  ok(list('dpop_signing_alg_values_supported').includes('PS256'))
  ok(list('token_endpoint_auth_methods_supported').includes('private_key_jwt'))
  ok(list('token_endpoint_auth_signing_alg_values_supported').includes('PS256'))
  ok(list('grant_types_supported').includes('client_credentials'))
  equal(json?.['tls_client_certificate_bound_access_tokens'], true)
})

test('FA-02 two clients get tokens that are long, short-lived and bound', async () => {
  for (const client of [first, second]) {
    const answer = await ask(client)
    ok(assertOk(answer).length >= 128 / 6)
    equal(answer.json?.['token_type'], 'DPoP')
    match(String(answer.headers.date), / GMT$/)
  }
})

test("FA-07 one client's name with the other's key is refused", async () => {
  assertE401(await ask(second, {}, first.pair))
  assertE401(await ask(first, {}, first.pair, { client_id: second.clientId }))
})

test('FA-08 without a proof nothing is issued', async () => {
  const assertion = makeAssertion(first, domain.issuer, first.pair)
  assertE400(await askWithAssertion(domain, assertion), 'invalid_dpop_proof')
})

test('FA-09 an assertion by RS256 is refused', async () => {
  const weak = pairOf('RS256', first.pair.privateKey, { kid: first.pair.kid })
  assertE401(await ask(first, {}, weak))
})

test('FA-10 without an assertion nobody is known', async () => {
  const form = { grant_type: 'client_credentials', client_id: first.clientId }
  const DPoP = makeProof(holder, tokenTarget(domain))
  assertE401(await post(domain, tokenPath, form, { DPoP }))
})

test('FA-11 an assertion that ended five minutes ago is refused', async () => {
  const now = nowSeconds()
  assertE401(await ask(first, { claims: { iat: now - 360, exp: now - 300 } }))
})

test('FA-12 an assertion for another audience is refused', async () => {
  assertE401(await ask(first, { claims: { aud: 'https://other.example/' } }))
})

test('FA-13 an assertion without sub is refused', async () => {
  assertE401(await ask(first, { claims: { sub: undefined } }))
})
