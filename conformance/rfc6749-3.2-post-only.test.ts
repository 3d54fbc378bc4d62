import { doesNotMatch, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { assertE405, assertOk } from './kit/answers.ts'
import { askToken, basicOf } from './kit/ask.ts'
import { cBasic } from './kit/fixtures.ts'
import { form, formHeaders, send } from './kit/http.ts'
import { rawRequest, sendRaw } from './kit/raw-socket.ts'
import { useDomain } from './kit/start-domain.ts'
import { tokenPath } from './kit/test-domain.ts'

const domain = await useDomain()
const grant = { grant_type: 'client_credentials' }

test('TE-01 GET with right credentials gets no token', async () => {
  const client = await cBasic(domain)
  const answer = await send({
    url: `${domain.url}${tokenPath}?${form(grant)}`,
    method: 'GET',
    headers: basicOf(client),
  })
  assertE405(answer, 'POST')
})

for (const method of ['PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']) {
  test(`TE-02 ${method} is refused and told what is allowed`, async () => {
    const client = await cBasic(domain)
    const answer = await send({
      url: domain.url + tokenPath,
      method,
      headers: formHeaders(basicOf(client)),
      ...(method === 'HEAD' ? {} : { body: form(grant) }),
    })
    equal(answer.status, 405)
    equal(answer.headers.allow, 'POST')
    doesNotMatch(answer.text, /access_token/)
  })
}

test('TE-02 TRACE is refused and echoes nothing', async () => {
  const headers = ['X-Marker: trace-marker-7', 'Content-Length: 0']
  const text = await sendRaw(domain.url, rawRequest(domain.url, tokenPath, headers, '', 'TRACE'))
  ok(/^HTTP\/1\.1 4\d\d /.test(text), text.slice(0, 40))
  doesNotMatch(text, /trace-marker-7/)
  ok(text.startsWith('HTTP/1.1 405 '), text.slice(0, 40))
})

test('TE-20 the endpoint has one address: a slash more is no token, no redirect', async () => {
  const client = await cBasic(domain)
  const answer = await send({
    url: `${domain.url}${tokenPath}/`,
    headers: formHeaders(basicOf(client)),
    body: form(grant),
  })
  equal(answer.status, 404)
  equal(answer.headers.location, undefined)
  assertOk(await askToken(domain, client))
})
