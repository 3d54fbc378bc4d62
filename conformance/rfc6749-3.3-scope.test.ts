import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { assertE400, assertOk } from './kit/answers.ts'
import { askToken } from './kit/ask.ts'
import { cBasic, makeClient, rs2, rsScopes } from './kit/fixtures.ts'
import { decode } from './kit/jwt.ts'
import { useDomain } from './kit/start-domain.ts'

const domain = await useDomain()

const grantedFor = async (scope: string): Promise<string> => {
  const token = assertOk(await askToken(domain, await cBasic(domain), { scope }))
  return String(decode(token).claims['scope']).split(' ').toSorted().join(' ')
}

const askScope = async (scope: string) => askToken(domain, await cBasic(domain), { scope })

for (const scope of ['a"b', 'a\\b', 'a\u0009b', 'é', 'a\nb', 'a\rb', '\u007f', 'api:read\u2003x']) {
  test(`CC-10 ${JSON.stringify(scope)} is no scope`, async () => {
    assertE400(await askScope(scope), 'invalid_scope')
    assertE400(await askScope(`api:read ${scope}`), 'invalid_scope')
  })
}

test('CC-10 a NUL in a scope is refused', async () => {
  assertE400(await askScope('a\u0000b'), 'invalid_scope', 'invalid_request')
})

for (const scope of [' api:read', 'api:read ', 'api:read  api:write', ' ']) {
  test(`CC-11 ${JSON.stringify(scope)} has a space too many`, async () => {
    assertE400(await askScope(scope), 'invalid_scope')
  })
}

test('CC-12 the order of scopes means nothing', async () => {
  equal(await grantedFor('api:read api:write'), 'api:read api:write')
  equal(await grantedFor('api:write api:read'), 'api:read api:write')
})

test('CC-12 a scope twice is a scope', async () => {
  equal(await grantedFor('api:read api:read'), 'api:read')
})

test('CC-13 scopes have their case', async () => {
  assertE400(await askScope('API:READ'), 'invalid_scope')
  assertE400(await askScope('api:read API:WRITE'), 'invalid_scope')
})

test('CC-14 an unknown scope is refused, not dropped', async () => {
  assertE400(await askScope('no:such'), 'invalid_scope')
  assertE400(await askScope('api:read no:such'), 'invalid_scope')
  assertE400(await askScope('api:rea'), 'invalid_scope')
  assertE400(await askScope('api:readx'), 'invalid_scope')
})

test('CC-15 a scope of the API that the client was not given', async () => {
  const reader = await makeClient(domain, { scopes: [rsScopes[0]] })
  assertE400(await askToken(domain, reader, { scope: 'api:write' }), 'invalid_scope')
  assertE400(await askToken(domain, reader, { scope: 'api:read api:write' }), 'invalid_scope')
  assertOk(await askToken(domain, reader, { scope: 'api:read' }))
})

test('CC-15 a scope of another API', async () => {
  await rs2(domain)
  assertE400(await askScope('other:read'), 'invalid_scope')
  assertE400(await askScope('api:read other:read'), 'invalid_scope')
})
