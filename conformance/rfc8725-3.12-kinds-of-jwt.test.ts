import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { introspect, revoke } from './kit/afterlife.ts'
import { assertE401, assertInactive, assertOk } from './kit/answers.ts'
import { askByAssertion, askToken, askWithAssertion } from './kit/ask.ts'
import { cBasic, cPkj, makeClient, rs, rs2, rs2Audience } from './kit/fixtures.ts'
import { send } from './kit/http.ts'
import { compact, makeAssertion, nowSeconds, signBytes } from './kit/jwt.ts'
import { useMintmark } from './kit/start-domain.ts'
import type { Client } from './kit/test-domain.ts'

const domain = await useMintmark()
const client = await cPkj(domain)
const { pair } = client
const now = nowSeconds()

/** A JWT of some kind, signed by the client's own key: everything but its kind is right. */
const ofKind = (typ: string | undefined, claims: object): string =>
  compact({ alg: pair.alg, kid: pair.kid, typ }, claims, (input) =>
    signBytes(pair.alg, pair.privateKey, input),
  )

const base = {
  iss: client.clientId,
  sub: client.clientId,
  aud: domain.issuer,
  exp: now + 60,
  iat: now,
}

/** Kinds of JWT that a client may have signed for other purposes. */
const foreign: Readonly<Record<string, string>> = {
  'an access token (RFC 9068)': ofKind('at+jwt', { ...base, client_id: client.clientId, jti: 'a' }),
  'a DPoP proof': ofKind('dpop+jwt', { ...base, htm: 'POST', htu: domain.url, jti: 'b' }),
  'an introspection answer': ofKind('token-introspection+jwt', { ...base, jti: 'c' }),
  'a security event': ofKind('secevent+jwt', { ...base, events: {}, jti: 'd' }),
  'a logout token': ofKind('logout+jwt', { ...base, jti: 'e' }),
  'an identity assertion grant': ofKind('oauth-id-jag+jwt', { ...base, jti: 'f' }),
  'a workload identity token': ofKind('wit+jwt', { ...base, jti: 'g' }),
}

/** Tokens of both profiles, as this server issues them. */
const issued = async (): Promise<readonly string[]> => {
  await rs2(domain)
  const other = await makeClient(domain, { scopes: [`${rs2Audience}other:read`] }, rs2)
  return [
    assertOk(await askToken(domain, await cBasic(domain))),
    assertOk(await askToken(domain, other)),
  ]
}

const callAdministration = (bearer: string) =>
  send({
    url: `${domain.url}/admin/v1/Apps`,
    method: 'GET',
    headers: { authorization: `Bearer ${bearer}` },
  })

for (const [kind, jwt] of Object.entries(foreign)) {
  test(`JW-19 ${kind} is no client assertion`, async () => {
    assertE401(await askWithAssertion(domain, jwt))
  })
}

test('JW-19 an access token of ours is no client assertion', async () => {
  for (const token of await issued()) assertE401(await askWithAssertion(domain, token))
})

test('JW-19 nothing but our access tokens is active in introspection', async () => {
  const caller = (await rs(domain)).client as Client
  const [token = ''] = await issued()
  equal((await introspect(domain, caller, token)).json?.['active'], true)
  const assertion = makeAssertion(client, domain.issuer, pair)
  for (const jwt of [assertion, ...Object.values(foreign)]) {
    assertInactive(await introspect(domain, caller, jwt))
  }
})

test('JW-19 nothing but our access tokens can be revoked, and trying harms nothing', async () => {
  const [token = ''] = await issued()
  for (const jwt of Object.values(foreign)) {
    equal((await revoke(domain, await cBasic(domain), jwt)).status, 200)
  }
  const caller = (await rs(domain)).client as Client
  equal((await introspect(domain, caller, token)).json?.['active'], true)
})

test('JW-19 only a token for the domain opens its administration', async () => {
  const assertion = makeAssertion(client, domain.issuer, pair)
  for (const bearer of [assertion, ...(await issued()), ...Object.values(foreign)]) {
    const answer = await callAdministration(bearer)
    equal(answer.status, 401)
    ok(answer.headers['www-authenticate']?.startsWith('Bearer '))
  }
})

test('JW-19 an assertion still is one', async () => {
  assertOk(await askByAssertion(domain, client))
})
