import { equal, match } from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { scimReasonOf } from './kit/administration.ts'
import { assertOk } from './kit/answers.ts'
import { basicOf } from './kit/ask.ts'
import { cBasic } from './kit/fixtures.ts'
import { type Answer, formHeaders, send } from './kit/http.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const grant = 'grant_type=client_credentials'
const reason = 'BODY_CODING_UNSUPPORTED'

type Coding = string | readonly string[]

const post = async (path: string, coding: Coding, body: string | Uint8Array = grant) =>
  send({
    url: domain.url + path,
    headers: formHeaders({ ...basicOf(await cBasic(domain)), 'content-encoding': coding }),
    body,
  })

const expectRefused = (answer: Answer): void => {
  equal(answer.status, 415, answer.text)
  // RFC 9110 §12.5.3: which codings would have been read
  equal(answer.headers['accept-encoding'], 'identity')
}

const codings: readonly Coding[] = [
  'gzip',
  'x-gzip',
  'DEFLATE',
  'br',
  'identity, gzip',
  ['identity', 'gzip'],
  'unheard-of',
]
for (const coding of codings) {
  test(`HD-04 a form with Content-Encoding ${coding} is refused`, async () => {
    for (const path of ['/oauth2/v1/token', '/oauth2/v1/introspect', '/oauth2/v1/revoke']) {
      const answer = await post(path, coding)
      expectRefused(answer)
      equal(answer.json?.['error'], 'invalid_request')
      match(String(answer.json?.['error_description']), /Content-Encoding/)
    }
  })
}

test('HD-04 a form that is gzip is refused for that, not for its bytes', async () => {
  expectRefused(await post('/oauth2/v1/token', 'gzip', gzipSync(grant)))
})

test('HD-04 identity is no coding', async () => {
  for (const coding of ['identity', 'Identity', '', 'identity,', 'identity , identity']) {
    assertOk(await post('/oauth2/v1/token', coding))
  }
})

const json = (method: string, path: string, coding: string, body?: string | Uint8Array) =>
  send({
    url: domain.url + path,
    method,
    headers: {
      authorization: `Bearer ${domain.admin.token}`,
      'content-type': 'application/json',
      'content-encoding': coding,
    },
    ...(body === undefined ? {} : { body }),
  })

const schema = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'
const search = JSON.stringify({ schemas: [schema], count: 1 })

test('HD-04 coded JSON is refused, in the words of its door', async () => {
  for (const body of [search, gzipSync(search)]) {
    const scim = await json('POST', '/admin/v1/Apps/.search', 'gzip', body)
    expectRefused(scim)
    equal(scim.json?.['status'], '415', scim.text)
    equal(scimReasonOf(scim), reason)
    for (const path of ['/api/v1/preview', '/console/session']) {
      const problem = await json('POST', path, 'gzip', body)
      expectRefused(problem)
      equal(problem.json?.['reason'], reason)
    }
  }
  equal((await json('POST', '/admin/v1/Apps/.search', 'identity', search)).status, 200)
})

test('HD-04 a request without a body may say of none what it likes', async () => {
  equal((await json('GET', '/admin/v1/Apps?count=1', 'gzip')).status, 200)
})
