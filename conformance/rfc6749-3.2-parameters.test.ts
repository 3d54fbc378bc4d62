import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { assertE400, assertE401, assertOk } from './kit/answers.ts'
import { askToken, basicOf, post } from './kit/ask.ts'
import { cBasic, rs2Audience, rsAudience } from './kit/fixtures.ts'
import { form, formHeaders, send } from './kit/http.ts'
import { decode } from './kit/jwt.ts'
import { useDomain } from './kit/start-domain.ts'
import { tokenPath } from './kit/test-domain.ts'

const domain = await useDomain()
const grant = ['grant_type', 'client_credentials'] as const

/** The claims that do not change from one token to the next. */
const lasting = (token: string) => {
  const { iat: _, exp: __, jti: ___, ...rest } = decode(token).claims
  return rest
}

const emptyOnes = {
  'scope=': [['scope', '']],
  'client_secret=': [['client_secret', '']],
  'client_assertion=&client_assertion_type=': [
    ['client_assertion', ''],
    ['client_assertion_type', ''],
  ],
  'resource=': [['resource', '']],
  'client_id=': [['client_id', '']],
} as const
for (const [text, parameters] of Object.entries(emptyOnes)) {
  test(`TE-06 ${text} counts as omitted`, async () => {
    const client = await cBasic(domain)
    const without = await askToken(domain, client, [grant])
    const answer = await askToken(domain, client, [grant, ...parameters])
    deepEqual(lasting(assertOk(answer)), lasting(assertOk(without)))
    equal(answer.json?.['scope'], without.json?.['scope'])
  })
}

test('TE-06 grant_type= is a missing grant type', async () => {
  const client = await cBasic(domain)
  assertE400(await askToken(domain, client, [['grant_type', '']]), 'invalid_request')
})

test('TE-07 unknown parameters change nothing', async () => {
  const client = await cBasic(domain)
  const plain = lasting(assertOk(await askToken(domain, client, { scope: 'api:read' })))
  const more = { scope: 'api:read', foo: 'bar', __proto__x: '1', constructor: 'x', sub: 'someone' }
  deepEqual(lasting(assertOk(await askToken(domain, client, more))), plain)
})

test('TE-08 a repeated scope is refused', async () => {
  const client = await cBasic(domain)
  const scopes = [
    ['scope', 'api:read'],
    ['scope', 'api:write'],
  ] as const
  assertE400(await askToken(domain, client, [grant, ...scopes]), 'invalid_request')
})

for (const name of [
  'grant_type',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'assertion',
  'token',
  'subject_token',
]) {
  test(`TE-08 a repeated ${name} is refused, equal or not`, async () => {
    const client = await cBasic(domain)
    const value = name === 'client_id' ? client.clientId : 'client_credentials'
    const more = name === 'grant_type' ? [] : [grant]
    for (const second of [value, 'x']) {
      const twice = [[name, value] as const, [name, second] as const]
      assertE400(await askToken(domain, client, [...more, ...twice]), 'invalid_request')
    }
  })
}

test('TE-09 several resources are read as several', async () => {
  const client = await cBasic(domain)
  const both = [
    ['resource', rsAudience],
    ['resource', rs2Audience],
  ] as const
  assertE400(await askToken(domain, client, [grant, ...both]), 'invalid_target')
  const twice = [['resource', rsAudience] as const, ['resource', rsAudience] as const]
  assertOk(await askToken(domain, client, [grant, ...twice]))
})

test('TE-10 a repeated unknown parameter is ignored', async () => {
  const client = await cBasic(domain)
  assertOk(await askToken(domain, client, [grant, ['foo', '1'], ['foo', '2']]))
})

test('TE-12 a scope in the query feeds nothing', async () => {
  const client = await cBasic(domain)
  const ask = (query: string, body: string) =>
    send({
      url: `${domain.url}${tokenPath}?${query}`,
      headers: formHeaders(basicOf(client)),
      body,
    })
  const asked = form([grant, ['scope', 'api:read']])
  const token = assertOk(await ask('scope=api:write', asked))
  equal(decode(token).claims['scope'], 'api:read')
  assertE400(await ask('grant_type=client_credentials', ''), 'invalid_request')
})

test('TE-23 who asks is judged before what is asked', async () => {
  const client = { ...(await cBasic(domain)), secret: 'wrong-secret' }
  assertE401(await askToken(domain, client, { grant_type: 'foo' }))
  assertE401(await askToken(domain, client, { scope: 'no:such' }))
  assertE401(await askToken(domain, client, { resource: 'foo' }))
  assertE401(await post(domain, tokenPath, { grant_type: 'foo' }))
})
