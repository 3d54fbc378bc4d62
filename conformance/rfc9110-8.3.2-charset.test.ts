import { equal, match } from 'node:assert/strict'
import { test } from 'node:test'
import { scimReasonOf } from './kit/administration.ts'
import { assertE400, assertOk } from './kit/answers.ts'
import { basicOf } from './kit/ask.ts'
import { cBasic, makeClient } from './kit/fixtures.ts'
import { type Answer, send } from './kit/http.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const grant = 'grant_type=client_credentials'
const form = 'application/x-www-form-urlencoded'
const reason = 'BODY_CHARSET_UNSUPPORTED'

const post = async (path: string, parameters: string, body: string | Uint8Array = grant) =>
  send({
    url: domain.url + path,
    headers: { ...basicOf(await cBasic(domain)), 'content-type': form + parameters },
    body,
  })

const others = [
  '; charset=utf-16',
  ';charset="UTF-16LE"',
  '; charset="utf\\-16"',
  '; Charset=windows-1252',
  ';boundary=x; charset=shift_jis',
  '; charset=utf-8; charset=utf-16',
  '; charset=utf-16; charset=utf-8',
  '; charset=',
  '; charset="utf-8',
]
for (const parameters of others) {
  test(`HD-03 a form with ${parameters} is refused`, async () => {
    for (const path of ['/oauth2/v1/token', '/oauth2/v1/introspect', '/oauth2/v1/revoke']) {
      const answer = await post(path, parameters)
      assertE400(answer, 'invalid_request')
      match(String(answer.json?.['error_description']), /charset[\s\S]*UTF-8/)
    }
  })
}

const read = [
  '',
  ';charset=UTF-8',
  '; charset=utf-8',
  '; charset=UTF-8',
  ' ; CHARSET="utf-8"',
  '; charset="u\\tf-8"',
  ';charset=utf8',
  '; charset=US-ASCII',
  ';',
  '; boundary="; charset=utf-16"',
  ';charset=utf-8;',
]
for (const parameters of read) {
  test(`HD-03 a form with ${JSON.stringify(parameters)} is read`, async () => {
    assertOk(await post('/oauth2/v1/token', parameters))
  })
}

test('HD-03 ISO-8859-1 is read where it says the same as UTF-8, and only there', async () => {
  // older and newer HTTP clients of Java name it unless they are told otherwise
  const latin = '; charset=ISO-8859-1'
  assertOk(await post('/oauth2/v1/token', latin, `${grant}&x=%20%7e%2B`))
  for (const x of ['%C3%A4', '%c3%a4', 'ä', '%E4']) {
    assertE400(await post('/oauth2/v1/token', latin, `${grant}&x=${x}`), 'invalid_request')
  }
  assertOk(await post('/oauth2/v1/token', '', `${grant}&x=%C3%A4`))
})

const json = (method: string, path: string, type: string | undefined, body?: string) =>
  send({
    url: domain.url + path,
    method,
    headers: {
      authorization: `Bearer ${domain.admin.token}`,
      ...(type === undefined ? {} : { 'content-type': type }),
    },
    ...(body === undefined ? {} : { body }),
  })

const schema = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'
const search = JSON.stringify({ schemas: [schema], count: 1 })
const preview = JSON.stringify({ client: 'nobody', scope: 'x' })

const expectProblem = (answer: Answer, expected: string): void => {
  equal(answer.status, 400, answer.text)
  match(answer.headers['content-type'] ?? '', /^application\/problem\+json/)
  equal(answer.json?.['reason'], expected)
}

test('HD-03 JSON in another charset is refused, in the words of its door', async () => {
  for (const charset of ['utf-16', '"utf-16le"', 'iso-8859-1']) {
    const type = `application/scim+json; charset=${charset}`
    const answer = await json('POST', '/admin/v1/Apps/.search', type, search)
    equal(answer.status, 400, answer.text)
    equal(answer.json?.['scimType'], 'invalidSyntax')
    equal(scimReasonOf(answer), reason)
    match(String(answer.json?.['detail']), /charset[\s\S]*UTF-8/)
    expectProblem(await json('POST', '/api/v1/preview', type, preview), reason)
    expectProblem(await json('POST', '/console/session', type, '{}'), reason)
  }
})

test('HD-03 nothing is changed by a body in another charset', async () => {
  const { id } = await makeClient(domain)
  const path = `/admin/v1/Apps/${id}`
  const patch = JSON.stringify({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', path: 'description', value: 'misread' }],
  })
  equal((await json('PATCH', path, 'application/json; charset=utf-16', patch)).status, 400)
  const { description } = await domain.admin.call('GET', `/Apps/${id}`)
  equal(description, undefined)
})

test('HD-03 JSON in UTF-8 is read, whatever it is called', async () => {
  const types = ['application/json', 'application/scim+json;charset=UTF-8', 'application/json;']
  for (const type of [...types, 'application/json; charset="utf-8"', 'text/plain', undefined]) {
    const answer = await json('POST', '/admin/v1/Apps/.search', type, search)
    equal(answer.status, 200, `${type}: ${answer.text}`)
  }
})

test('HD-03 a request without a body may say of none what it likes', async () => {
  const type = 'application/json; charset=utf-16'
  equal((await json('GET', '/admin/v1/Apps?count=1', type)).status, 200)
  equal((await json('GET', '/api/v1/health', type)).status, 200)
})

test('HD-03 a media type that is none is refused, and is no fault of the server', async () => {
  for (const type of ['json', '/', 'application/json, text/plain']) {
    const scim = await json('POST', '/admin/v1/Apps/.search', type, search)
    equal(scim.status, 400, scim.text)
    equal(scimReasonOf(scim), 'BODY_NOT_AN_OBJECT')
    for (const path of ['/api/v1/preview', '/console/session']) {
      expectProblem(await json('POST', path, type, preview), 'BODY_NOT_AN_OBJECT')
    }
  }
})
