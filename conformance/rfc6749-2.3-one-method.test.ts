import { test } from 'node:test'
import { assertE400, assertOk } from './kit/answers.ts'
import { askToken, askTokenInBody, basicOf, post } from './kit/ask.ts'
import { cAny, cBasic, cPkj } from './kit/fixtures.ts'
import { basic, form } from './kit/http.ts'
import { assertionType, makeAssertion } from './kit/jwt.ts'
import { ask } from './kit/raw-socket.ts'
import { useDomain } from './kit/start-domain.ts'
import { tokenPath } from './kit/test-domain.ts'

const domain = await useDomain()
const grant = { grant_type: 'client_credentials' }

const assertionParameters = async () => {
  const client = await cPkj(domain)
  const assertion = makeAssertion(client, domain.issuer, client.pair)
  return { client_assertion_type: assertionType, client_assertion: assertion }
}

test('CA-12 Basic and a secret in the body are two methods', async () => {
  const client = await cAny(domain)
  const secret = { client_secret: client.secret }
  assertE400(await askToken(domain, client, secret), 'invalid_request')
  const both = { ...secret, client_id: client.clientId }
  assertE400(await askToken(domain, client, both), 'invalid_request')
})

test('CA-12 Basic and an assertion are two methods', async () => {
  const client = await cAny(domain)
  const answer = await askToken(domain, client, await assertionParameters())
  assertE400(answer, 'invalid_request')
})

test('CA-12 a secret in the body and an assertion are two methods', async () => {
  const client = await cAny(domain)
  const answer = await askTokenInBody(domain, client, await assertionParameters())
  assertE400(answer, 'invalid_request')
})

test('CA-12 all three are refused', async () => {
  const client = await cAny(domain)
  const parameters = { ...grant, client_id: client.clientId, client_secret: client.secret }
  const all = { ...parameters, ...(await assertionParameters()) }
  assertE400(await post(domain, tokenPath, all, basicOf(client)), 'invalid_request')
})

test('CA-13 Basic and the same client_id are one method', async () => {
  const client = await cBasic(domain)
  assertOk(await askToken(domain, client, { client_id: client.clientId }))
})

test('CA-14 Basic and another client_id are refused', async () => {
  const client = await cBasic(domain)
  const other = await cAny(domain)
  assertE400(await askToken(domain, client, { client_id: other.clientId }), 'invalid_request')
  assertE400(await askToken(domain, client, { client_id: 'nobody' }), 'invalid_request')
})

test('CA-15 two Authorization fields are refused, whichever is right', async () => {
  const { authorization } = basicOf(await cBasic(domain))
  const wrong = basic('nobody', 'wrong-secret')
  const body = form(grant)
  for (const [first, second] of [
    [authorization, wrong],
    [wrong, authorization],
    [authorization, authorization],
  ]) {
    const headers = [
      `Authorization: ${first}`,
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.length}`,
      `authorization: ${second}`,
    ]
    assertE400(await ask(domain.url, tokenPath, headers, body), 'invalid_request')
  }
})
