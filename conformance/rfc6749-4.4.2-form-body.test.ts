import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { assertE400, assertOk } from './kit/answers.ts'
import { askToken, basicOf } from './kit/ask.ts'
import { cBasic } from './kit/fixtures.ts'
import { type Answer, form, formHeaders, send } from './kit/http.ts'
import { decode } from './kit/jwt.ts'
import { useDomain } from './kit/start-domain.ts'
import { tokenPath } from './kit/test-domain.ts'

const domain = await useDomain()
const grant = 'grant_type=client_credentials'

const postBytes = async (body: string | Uint8Array, contentType: string | null): Promise<Answer> =>
  send({
    url: domain.url + tokenPath,
    headers: {
      ...basicOf(await cBasic(domain)),
      ...(contentType === null ? {} : { 'content-type': contentType }),
    },
    body,
  })

const scopeOf = (token: string) => String(decode(token).claims['scope']).split(' ').toSorted()

const otherBodies: readonly (readonly [type: string, body: string])[] = [
  ['application/json', JSON.stringify({ grant_type: 'client_credentials' })],
  [
    'multipart/form-data; boundary=b',
    [
      '--b',
      'Content-Disposition: form-data; name="grant_type"',
      '',
      'client_credentials',
      '--b--',
      '',
    ].join('\r\n'),
  ],
  ['text/plain', grant],
  ['application/x-www-form-urlencodedx', grant],
]
for (const [type, body] of otherBodies) {
  test(`TE-04 a body of ${type.split(';')[0]} is refused`, async () => {
    assertE400(await postBytes(body, type), 'invalid_request')
  })
}

test('TE-04 a body that is no UTF-8, holds NUL or breaks an escape is refused', async () => {
  const bodies = [
    Buffer.concat([Buffer.from(`${grant}&x=`), Buffer.from([0xff])]),
    `${grant}&x=%ff`,
    `${grant}&x=%00`,
    `${grant}&x=%zz`,
    `${grant}&x=%c0%af`,
    `${grant}&x=%ed%a0%80`,
  ]
  for (const body of bodies) {
    const answer = await postBytes(body, 'application/x-www-form-urlencoded')
    assertE400(answer, 'invalid_request')
  }
})

for (const type of [
  'Application/X-WWW-Form-Urlencoded;charset=UTF-8',
  'application/x-www-form-urlencoded ; charset=utf-8',
]) {
  test(`TE-05 ${type} is a form`, async () => {
    assertOk(await postBytes(grant, type))
  })
}

test('TE-13 plus and %20 both separate scopes', async () => {
  const type = 'application/x-www-form-urlencoded'
  const plus = assertOk(await postBytes(`${grant}&scope=api:read+api:write`, type))
  const percent = assertOk(await postBytes(`${grant}&scope=api:read%20api:write`, type))
  equal(scopeOf(plus).join(), 'api:read,api:write')
  equal(scopeOf(percent).join(), 'api:read,api:write')
})

test('TE-14 names have their case', async () => {
  const client = await cBasic(domain)
  assertE400(
    await askToken(domain, client, [['Grant_Type', 'client_credentials']]),
    'invalid_request',
  )
})

test('TE-14 values have their case', async () => {
  const client = await cBasic(domain)
  const answer = await askToken(domain, client, { grant_type: 'CLIENT_CREDENTIALS' })
  assertE400(answer, 'unsupported_grant_type')
})

test('TE-15 a missing grant type is an invalid request', async () => {
  const client = await cBasic(domain)
  assertE400(await askToken(domain, client, []), 'invalid_request')
  assertE400(await askToken(domain, client, [['scope', 'api:read']]), 'invalid_request')
})

test('TE-16 a body without a media type is refused', async () => {
  assertE400(await postBytes(grant, null), 'invalid_request')
})

test('TE-04 two media types are none', async () => {
  const answer = await send({
    url: domain.url + tokenPath,
    headers: formHeaders({
      ...basicOf(await cBasic(domain)),
      'content-type': ['application/x-www-form-urlencoded', 'application/json'],
    }),
    body: form({ grant_type: 'client_credentials' }),
  })
  ok(answer.status === 400 || answer.status === 415, String(answer.status))
})
