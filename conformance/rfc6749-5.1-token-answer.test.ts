import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { introspect } from './kit/afterlife.ts'
import { assertE400, assertNotStored, assertOk } from './kit/answers.ts'
import { askToken, post } from './kit/ask.ts'
import { cBasic, makeClient, rs, rs2, rs2Audience } from './kit/fixtures.ts'
import { decode } from './kit/jwt.ts'
import { ours, useDomain } from './kit/start-domain.ts'
import { type Client, tokenPath } from './kit/test-domain.ts'

const domain = await useDomain()

test('CC-01 the shortest request is answered with a token', async () => {
  assertOk(await askToken(domain, await cBasic(domain), [['grant_type', 'client_credentials']]))
})

test('CC-02 tokens and errors are stored by nobody', async () => {
  const client = await cBasic(domain)
  assertNotStored(await askToken(domain, client))
  assertNotStored(await askToken(domain, client, { scope: 'no:such' }))
  assertNotStored(await askToken(domain, { ...client, secret: 'wrong-secret' }))
  assertNotStored(await post(domain, tokenPath, {}))
})

test('CC-03 the answer is one flat object, numbers are numbers, no name comes twice', async () => {
  const { text, json } = await askToken(domain, await cBasic(domain))
  equal(typeof json?.['expires_in'], 'number')
  for (const value of Object.values(json ?? {})) notEqual(typeof value, 'object')
  const names = [...text.matchAll(/"([a-z_]+)":/g)].map((found) => found[1])
  equal(new Set(names).size, names.length)
  equal(names.length, Object.keys(json ?? {}).length)
})

test('CC-04 the token type is Bearer', async () => {
  const { json } = await askToken(domain, await cBasic(domain))
  equal(json?.['token_type'], 'Bearer')
})

test('CC-05 expires_in is how long the token lives', async () => {
  const answer = await askToken(domain, await cBasic(domain))
  const { exp, iat } = decode(assertOk(answer)).claims
  equal((exp as number) - (iat as number), answer.json?.['expires_in'])
})

test('CC-05 introspection tells the same end of life', async () => {
  const token = assertOk(await askToken(ours(domain), await cBasic(domain)))
  const { client } = await rs(domain)
  const told = await introspect(domain, client as Client, token)
  equal(told.json?.['exp'], decode(token).claims['exp'])
})

test('CC-05 a lifetime that the API sets is the lifetime of its tokens', async () => {
  const audience = 'https://short.example/'
  await domain.createApi({ audience, scopes: ['x'], lifetimeSeconds: 120 })
  const client = await domain.createClient({ scopes: [`${audience}x`] })
  const answer = await askToken(domain, client, { resource: audience })
  assertOk(answer)
  equal(answer.json?.['expires_in'], 120)
})

test('CC-06 there is never a refresh token', async () => {
  const client = await cBasic(domain)
  assertOk(await askToken(domain, client))
  const asked = await askToken(domain, client, { scope: 'api:read offline_access' })
  ok(!('refresh_token' in (asked.json ?? {})))
})

test('CC-07 openid gives no ID token', async () => {
  const answer = await askToken(domain, await cBasic(domain), { scope: 'openid' })
  ok(!('id_token' in (answer.json ?? {})))
  assertE400(answer, 'invalid_scope')
})

test('CC-08 the scope is answered when none was asked, and is what the token has', async () => {
  const answer = await askToken(domain, await cBasic(domain))
  const token = assertOk(answer)
  equal(answer.json?.['scope'], decode(token).claims['scope'])
})

test('CC-08 what is granted as asked needs no scope; if there is one, it is true', async () => {
  const answer = await askToken(domain, await cBasic(domain), { scope: 'api:read' })
  const token = assertOk(answer)
  equal(decode(token).claims['scope'], 'api:read')
  ok([undefined, 'api:read'].includes(answer.json?.['scope'] as string | undefined))
})

test('CC-09 left out, the scope is all that was granted, every time', async () => {
  const client = await cBasic(domain)
  for (let round = 0; round < 2; round += 1) {
    const { claims } = decode(assertOk(await askToken(domain, client)))
    deepEqual(String(claims['scope']).split(' ').toSorted(), ['api:read', 'api:write'])
  }
})

test('CC-09 left out by a client of several APIs: its default, or no guess', async () => {
  const server = ours(domain)
  const api = await rs(server)
  await rs2(server)
  const scopes = [`${api.audience}api:read`, `${rs2Audience}other:read`]
  const several = await server.createClient({ scopes })
  assertE400(await askToken(server, several), 'invalid_target')
  const withDefault = await server.createClient({ scopes, defaultApi: api.id })
  const { claims } = decode(assertOk(await askToken(server, withDefault)))
  equal(claims['scope'], 'api:read')
  equal(claims['aud'], api.audience)
})

test('CC-09 left out by a client that holds nothing: invalid_scope', async () => {
  const client = await ours(domain).createClient({})
  assertE400(await askToken(domain, client), 'invalid_scope')
})

test('CC-19 a token fits the header it is sent in', async () => {
  match(assertOk(await askToken(domain, await cBasic(domain))), /^[A-Za-z0-9._~+/-]+=*$/)
})

test('CC-20 the token with every role of the domain fits into 8 kB of headers', async () => {
  const { admin } = ours(domain)
  const client = await makeClient(domain)
  const listed = await admin.call(
    'GET',
    '/AppRoles?filter=app.value%20eq%20%22IDCSAppId%22&count=100',
  )
  const roles = listed['Resources'] as readonly { readonly id: string }[]
  ok(roles.length > 10, `${roles.length} roles`)
  for (const { id } of roles) await admin.grantRole('IDCSAppId', id, client)
  const answer = await askToken(domain, client, { scope: 'urn:opc:idm:__myscopes__' })
  const token = assertOk(answer)
  ok(token.length < 8000, `${token.length} characters`)
})

test('CC-22 two equal requests at once get two tokens, both good', async () => {
  const client = await cBasic(domain)
  const answers = await Promise.all([askToken(domain, client), askToken(domain, client)])
  const [first = '', second = ''] = answers.map(assertOk)
  notEqual(first, second)
  notEqual(decode(first).claims['jti'], decode(second).claims['jti'])
  const caller = (await rs(ours(domain))).client as Client
  for (const token of [first, second]) {
    equal((await introspect(domain, caller, token)).json?.['active'], true)
  }
})
