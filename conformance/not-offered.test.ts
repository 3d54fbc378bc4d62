import { doesNotMatch, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { assertE400, assertE401, assertErrorBody, assertOk } from './kit/answers.ts'
import { askToken, post } from './kit/ask.ts'
import { cBasic } from './kit/fixtures.ts'
import { send } from './kit/http.ts'
import { decode } from './kit/jwt.ts'
import { useKeyServer } from './kit/key-server.ts'
import { useMintmark } from './kit/start-domain.ts'
import { tokenPath } from './kit/test-domain.ts'

const domain = await useMintmark()
const elsewhere = await useKeyServer()

/** All that the server says about itself, in one text. */
const documents = async (): Promise<string> => {
  const texts: string[] = []
  for (const name of ['oauth-authorization-server', 'openid-configuration', 'idcs-configuration']) {
    texts.push((await send({ url: `${domain.url}/.well-known/${name}`, method: 'GET' })).text)
  }
  return texts.join('\n')
}

const grants: readonly (readonly [name: string, grant: string])[] = [
  ['NO-01 the authorization code grant', 'authorization_code'],
  ['NO-02 the implicit grant', 'implicit'],
  ['NO-03 the password grant', 'password'],
  ['NO-04 the JWT bearer grant', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
  ['NO-05 token exchange', 'urn:ietf:params:oauth:grant-type:token-exchange'],
]
for (const [name, grant] of grants) {
  test(`${name} is refused and not advertised`, async () => {
    const parameters = {
      grant_type: grant,
      code: 'x',
      username: 'x',
      password: 'x',
      assertion: 'a.b.c',
      subject_token: 'x',
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    }
    assertE400(await askToken(domain, await cBasic(domain), parameters), 'unsupported_grant_type')
    ok(!(await documents()).includes(`"${grant}"`))
  })
}

test('NO-06 authorization_details is an unknown parameter', async () => {
  const details = JSON.stringify([{ type: 'payment' }])
  const answer = await askToken(domain, await cBasic(domain), { authorization_details: details })
  const { claims } = decode(assertOk(answer))
  ok(!('authorization_details' in claims) && !('authorization_details' in (answer.json ?? {})))
  doesNotMatch(await documents(), /authorization_details/)
})

test('NO-07 clients cannot register themselves', async () => {
  const body = JSON.stringify({ grant_types: ['client_credentials'] })
  const headers = { 'content-type': 'application/json' }
  for (const path of ['/oauth2/v1/register', '/register', '/connect/register']) {
    const answer = await send({ url: domain.url + path, headers, body })
    equal(answer.status, 404)
    assertErrorBody(answer)
  }
  doesNotMatch(await documents(), /registration_endpoint/)
})

const grant = { grant_type: 'client_credentials' }

test('NO-08 a SPIFFE identity is no client authentication', async () => {
  const answer = await post(domain, tokenPath, {
    ...grant,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-spiffe',
    client_assertion: 'a.b.c',
  })
  assertE400(answer, 'invalid_request')
  doesNotMatch(await documents(), /spiffe/)
})

test('NO-09 an attestation is no client authentication', async () => {
  const { clientId } = await cBasic(domain)
  const headers = { 'oauth-client-attestation': 'a.b.c', 'oauth-client-attestation-pop': 'a.b.c' }
  assertE401(await post(domain, tokenPath, { ...grant, client_id: clientId }, headers))
  doesNotMatch(await documents(), /attest|challenge_endpoint/)
})

test('NO-10 a client id that is an address is unknown, and nobody calls there', async () => {
  const clientId = `${elsewhere.url}/client.json`
  elsewhere.serve('/client.json', { client_id: clientId, token_endpoint_auth_method: 'none' })
  assertE401(await post(domain, tokenPath, { ...grant, client_id: clientId }))
  assertE401(await askToken(domain, { clientId, secret: 'any-secret' }))
  equal(elsewhere.calls.length, 0)
  doesNotMatch(await documents(), /client_id_metadata_document/)
})

test('NO-11 identity chaining is refused', async () => {
  const parameters = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    requested_token_type: 'urn:ietf:params:oauth:token-type:id-jag',
    audience: 'https://other.example',
    subject_token: 'x',
    subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
  }
  assertE400(await askToken(domain, await cBasic(domain), parameters), 'unsupported_grant_type')
  doesNotMatch(await documents(), /identity_chaining|id-jag/)
})

test('NO-12 transaction tokens are refused', async () => {
  const parameters = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    requested_token_type: 'urn:ietf:params:oauth:token-type:txn_token',
    audience: 'example',
    scope: 'api:read',
    subject_token: 'x',
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  }
  assertE400(await askToken(domain, await cBasic(domain), parameters), 'unsupported_grant_type')
  doesNotMatch(await documents(), /txn_token|wit\+jwt/)
})

test('NO-13 there is one domain: paths of others lead nowhere', async () => {
  for (const path of [
    '/.well-known/oauth-authorization-server/other',
    '/other/.well-known/openid-configuration',
    '/other/oauth2/v1/token',
  ]) {
    const answer = await send({ url: domain.url + path, method: 'GET' })
    equal(answer.status, 404)
    assertErrorBody(answer)
  }
})
