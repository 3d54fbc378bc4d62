import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { assertE400, assertE401, assertErrorBody, brief } from './kit/answers.ts'
import { askToken, askTokenInBody, basicOf, post } from './kit/ask.ts'
import { cBasic, cNoCC, cPost, rs2Audience } from './kit/fixtures.ts'
import { type Answer, form, formHeaders, send } from './kit/http.ts'
import { ours, useDomain } from './kit/start-domain.ts'
import { introspectionPath, revocationPath, tokenPath } from './kit/test-domain.ts'

const domain = await useDomain()
const grant = { grant_type: 'client_credentials' }

/** One request for every kind of refusal a client can cause with a form. */
const refused = async (): Promise<Readonly<Record<string, Answer>>> => {
  const client = await cBasic(domain)
  return {
    'no grant type': await askToken(domain, client, []),
    'unknown grant type': await askToken(domain, client, { grant_type: 'foo' }),
    'grant type not allowed': await askToken(domain, await cNoCC(domain)),
    'unknown scope': await askToken(domain, client, { scope: 'no:such' }),
    'malformed scope': await askToken(domain, client, { scope: 'a"b' }),
    'unknown resource': await askToken(domain, client, { resource: rs2Audience }),
    'malformed resource': await askToken(domain, client, { resource: 'foo' }),
    'repeated parameter': await askToken(domain, client, [
      ['grant_type', 'client_credentials'],
      ['grant_type', 'client_credentials'],
    ]),
    'two methods': await askToken(domain, client, { client_secret: client.secret }),
    'assertion type missing': await post(domain, tokenPath, { ...grant, client_assertion: 'x' }),
    'wrong secret': await askToken(domain, { ...client, secret: 'wrong-secret' }),
    'wrong secret in the body': await askTokenInBody(domain, {
      ...(await cPost(domain)),
      secret: 'wrong-secret',
    }),
    'no credentials': await post(domain, tokenPath, grant),
    'assertion malformed': await post(domain, tokenPath, {
      ...grant,
      client_assertion: 'a.b.c',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    }),
  }
}

test('ER-01 an error is 400, and 401 only as invalid_client', async () => {
  for (const [name, answer] of Object.entries(await refused())) {
    const wanted = answer.json?.['error'] === 'invalid_client' ? 401 : 400
    equal(answer.status, wanted, `${name}: ${brief(answer)}`)
  }
})

test('ER-02 a refused Basic is challenged with Basic', async () => {
  assertE401(await askToken(domain, { ...(await cBasic(domain)), secret: 'wrong-secret' }))
})

test('ER-03 no 401 comes without a challenge', async () => {
  const answers = Object.values(await refused())
  for (const path of [introspectionPath, revocationPath]) {
    answers.push(await post(domain, path, { token: 'x' }))
    answers.push(await post(domain, path, { token: 'x' }, { authorization: 'Bearer x' }))
  }
  const challenged = answers.filter(({ status }) => status === 401)
  ok(challenged.length >= 6, `${challenged.length} answers with 401`)
  for (const answer of challenged) {
    match(answer.headers['www-authenticate'] ?? `${brief(answer)}: none`, /^[A-Za-z]+ [a-z]+="/)
  }
})

test('ER-04 whatever is sent, error texts keep to their alphabet', async () => {
  const client = await cBasic(domain)
  const nasty = 'a"b\\<script>é\r\nSet-Cookie: x=1\u0009'
  for (const answer of [
    await askToken(domain, client, { grant_type: nasty }),
    await askToken(domain, client, { scope: nasty }),
    await askToken(domain, client, { scope: `no:such ${nasty}` }),
    await askToken(domain, client, { resource: nasty }),
    await askToken(domain, client, { client_id: nasty }),
    await askToken(domain, client, [
      ['scope', nasty],
      ['scope', nasty],
    ]),
  ]) {
    ok(answer.status >= 400 && answer.status < 500, brief(answer))
    assertErrorBody(answer)
    equal(answer.headers['set-cookie'], undefined)
  }
})

test('ER-04 an error echoes no secret and no assertion', async () => {
  const client = await cBasic(domain)
  const marker = 'marker-secret-5b1f'
  for (const answer of [
    await askToken(domain, { ...client, secret: marker }),
    await askTokenInBody(domain, { clientId: client.clientId, secret: marker }),
    await askToken(domain, client, { client_secret: marker }),
    await post(domain, tokenPath, { ...grant, client_assertion: marker }),
    await askToken(domain, client, { ...grant, client_assertion_type: marker }),
  ]) {
    ok(answer.status >= 400, brief(answer))
    doesNotMatch(answer.text + answer.rawHeaders.join(), /marker-secret/)
  }
})

test('ER-05 every error is one uncached JSON object, whatever its status', async () => {
  const client = await cBasic(domain)
  const big = 'x'.repeat(2_000_000)
  const answers = {
    ...(await refused()),
    'method not allowed': await send({ url: domain.url + tokenPath, method: 'GET' }),
    'unknown path': await send({ url: `${domain.url}/oauth2/v1/none`, method: 'GET' }),
    'body too large': await askToken(domain, client, { foo: big }),
    'body of JSON': await send({
      url: domain.url + tokenPath,
      headers: { ...basicOf(client), 'content-type': 'application/json' },
      body: '{}',
    }),
  }
  for (const [name, answer] of Object.entries(answers)) {
    ok(answer.status >= 400 && answer.status < 500, `${name}: ${brief(answer)}`)
    assertErrorBody(answer)
  }
  equal(answers['body too large'].status, 413)
})

test('ER-06 what counts as an invalid request', async () => {
  const answers = await refused()
  for (const name of [
    'no grant type',
    'repeated parameter',
    'two methods',
    'assertion type missing',
  ]) {
    assertE400(answers[name] as Answer, 'invalid_request')
  }
  const malformed = await send({
    url: domain.url + tokenPath,
    headers: formHeaders(basicOf(await cBasic(domain))),
    body: 'grant_type=%zz',
  })
  assertE400(malformed, 'invalid_request')
})

for (const path of [
  '/oauth2/',
  '/oauth2/v1/tokens',
  '/oauth2/v1/token%00',
  '/oauth2/v1/../../etc',
]) {
  test(`ER-07 ${path} is no page of a framework`, async () => {
    for (const method of ['GET', 'POST']) {
      const answer = await send({
        url: domain.url + path,
        method,
        headers: formHeaders(),
        ...(method === 'POST' ? { body: form(grant) } : {}),
      })
      equal(answer.status, 404)
      match(answer.headers['content-type'] ?? '', /^application\/json/)
      equal(typeof answer.json?.['error'], 'string')
    }
  })
}

test('ER-08 before the client is proven there is one text; the log has the reason', async () => {
  const client = await cBasic(domain)
  const strangers = [
    await askToken(domain, { ...client, secret: 'wrong-secret' }),
    await askToken(domain, { clientId: 'nobody', secret: 'wrong-secret' }),
    await post(domain, tokenPath, grant),
    await askTokenInBody(domain, client),
    (await refused())['assertion malformed'] as Answer,
  ]
  const texts = new Set(strangers.map(({ json }) => json?.['error_description']))
  equal(texts.size, 1, [...texts].join(' | '))
})

test('ER-08 one id joins the answer, its headers and the log', async () => {
  const server = ours(domain)
  const answer = await askToken(domain, await cBasic(domain), { scope: 'no:such' })
  const ecid = String(answer.json?.['ecid'])
  match(ecid, /^[A-Za-z0-9]{16,}$/)
  const { headers } = answer
  const copies = [headers['x-request-id'], headers['opc-request-id'], headers['x-oracle-dms-ecid']]
  deepEqual(copies, [ecid, ecid, ecid])
  const deadline = Date.now() + 2000
  while (!server.log().includes(ecid) && Date.now() < deadline) await new Promise(setImmediate)
  match(server.log(), new RegExp(`${ecid}[^\\n]*SCOPE_UNKNOWN|SCOPE_UNKNOWN[^\\n]*${ecid}`))
})
