import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { assertE400, assertE401, assertOk } from './kit/answers.ts'
import { askByAssertion, askSecurely, askToken, askTokenInBody, basicOf, post } from './kit/ask.ts'
import { nameOf } from './kit/certificate.ts'
import { cBasic, clientCertificate, cPkj, makeClient, rs2, rs2Audience } from './kit/fixtures.ts'
import { send } from './kit/http.ts'
import { decode } from './kit/jwt.ts'
import { logLineOf } from './kit/log-line.ts'
import { startOurs, useMintmark } from './kit/start-domain.ts'
import { tokenPath } from './kit/test-domain.ts'

const domain = await useMintmark()

const metadata = async () => {
  const url = `${domain.url}/.well-known/oauth-authorization-server`
  return (await send({ url, method: 'GET' })).json ?? {}
}

test('SB-01 the password grant is refused and not advertised', async () => {
  const parameters = { grant_type: 'password', username: 'someone', password: 'something' }
  assertE400(await askToken(domain, await cBasic(domain), parameters), 'unsupported_grant_type')
  const grants = (await metadata())['grant_types_supported'] as readonly string[]
  ok(!grants.includes('password'))
})

test('SB-02 there is no authorization endpoint', async () => {
  for (const method of ['GET', 'POST']) {
    const url = `${domain.url}/oauth2/v1/authorize?response_type=token&client_id=x`
    equal((await send({ url, method })).status, 404)
  }
  ok(!('authorization_endpoint' in (await metadata())))
})

const anyCertificate = () => clientCertificate(domain, { subject: nameOf(['CN', 'any']) }).shown

test('SB-03 a client can be limited to bound tokens', async () => {
  const { pair } = await cPkj(domain)
  const keys = [pair.publicJwk]
  const methods = ['private_key_jwt'] as const
  const bound = await makeClient(domain, { methods, keys, certificateBoundTokens: true })
  assertE400(await askByAssertion(domain, { ...bound, pair }), 'invalid_request')
})

test('SB-03 an API can be limited to bound tokens', async () => {
  const audience = 'https://bound.example/'
  await domain.createApi({ audience, scopes: ['x'], certificateBoundTokens: true })
  const client = await domain.createClient({ scopes: [`${audience}x`] })
  assertE400(await askToken(domain, client), 'invalid_request')
  const shown = anyCertificate()
  // The certificate is nobody's here: beside a secret it must be the client's own.
  assertE401(await askSecurely(domain, {}, { shown, headers: basicOf(client) }))
})

test('SB-04 a token is for one API and holds what was granted, not more', async () => {
  await rs2(domain)
  const client = await makeClient(domain, { scopes: [`${rs2Audience}other:read`] }, rs2)
  const { claims } = decode(assertOk(await askToken(domain, client)))
  equal(claims['aud'], rs2Audience)
  equal(claims['scope'], 'other:read')
})

test('SB-05 clients can do without shared secrets, and then none works', async () => {
  const methods = (await metadata())['token_endpoint_auth_methods_supported'] as readonly string[]
  ok(methods.includes('private_key_jwt'))
  ok(methods.includes('tls_client_auth'))
  const client = await cPkj(domain)
  assertOk(await askByAssertion(domain, client))
  equal(client.secret, '', 'it was given no secret')
  assertE401(await askToken(domain, { ...client, secret: 'any-secret' }))
  assertE401(await askTokenInBody(domain, { ...client, secret: 'any-secret' }))
})

test('SB-06 metadata is published at the well-known place', async () => {
  equal((await metadata())['issuer'], domain.issuer)
})

test('SB-07 a token says that its subject is a client', async () => {
  await rs2(domain)
  const profiles = [
    await cBasic(domain),
    await makeClient(domain, { scopes: [`${rs2Audience}other:read`] }, rs2),
  ]
  for (const client of profiles) {
    const { claims } = decode(assertOk(await askToken(domain, client)))
    equal(claims['sub'], client.clientId)
    equal(claims['client_id'], client.clientId)
    equal(claims['sub_type'], 'client')
  }
})

test('SB-07 nobody can ask for another subject', async () => {
  const more = { sub: 'someone', username: 'someone', requested_subject: 'someone' }
  const client = await cBasic(domain)
  const { claims } = decode(assertOk(await askToken(domain, client, more)))
  equal(claims['sub'], client.clientId)
})

const forged = {
  forwarded: 'for=203.0.113.9;host=evil.example;proto=https',
  'x-forwarded-for': '203.0.113.9',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-proto': 'https',
  host: 'evil.example',
}

test('SB-08 a forged host changes neither issuer nor documents', async () => {
  const client = await cBasic(domain)
  const { claims } = decode(assertOk(await askToken(domain, client, {}, forged)))
  equal(claims['iss'], domain.issuer)
  const url = `${domain.url}/.well-known/oauth-authorization-server`
  deepEqual((await send({ url, method: 'GET', headers: forged })).json, await metadata())
})

test('SB-08 a forged source address does not escape a lock-out', async () => {
  const other = await startOurs({ exempt: false })
  try {
    const client = await makeClient(other)
    const wrong = basicOf({ ...client, secret: 'wrong-secret' })
    const grant = { grant_type: 'client_credentials' }
    let status = 401
    for (let guesses = 0; guesses < 20 && status === 401; guesses += 1) {
      const source = {
        'x-forwarded-for': `203.0.113.${guesses}`,
        forwarded: `for=192.0.2.${guesses}`,
      }
      status = (await post(other, tokenPath, grant, { ...wrong, ...source })).status
    }
    equal(status, 429)
  } finally {
    await other.stop()
  }
})

test('SB-08 behind a trusted proxy a change is on record with who asked for it', async () => {
  const other = await startOurs({ environment: { MINTMARK_TRUSTED_PROXIES: '127.0.0.1/32' } })
  try {
    const headers = { authorization: `Bearer ${other.admin.token}` }
    const source = '203.0.113.9'
    const made = await send({
      url: `${other.url}/admin/v1/Groups`,
      headers: { ...headers, 'x-forwarded-for': source },
      body: JSON.stringify({
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
        displayName: 'Made from afar',
      }),
    })
    equal(made.status, 201, made.text)
    const url = `${other.url}/api/v1/audit?action=group.create`
    const { json } = await send({ url, method: 'GET', headers })
    const [event] = (json?.['events'] ?? []) as readonly { readonly source: string }[]
    equal(event?.source, source)
  } finally {
    await other.stop()
  }
})

test('SB-14 no log holds what was sent to prove something', async () => {
  const other = await startOurs({ environment: { MINTMARK_LOG_LEVEL: 'trace' } })
  try {
    const client = await makeClient(other)
    const key = await cPkj(other)
    const marker = 'marker-secret-77aa'
    const chosen = await makeClient(other, { secret: 'chosen by somebody' })
    await askToken(other, { clientId: chosen.secret, secret: chosen.clientId })
    await askTokenInBody(other, { ...chosen, clientId: chosen.secret })
    const token = assertOk(await askToken(other, client))
    const assertion = assertOk(await askByAssertion(other, key))
    for (const secret of [marker, client.secret]) {
      await askTokenInBody(other, { ...client, secret })
      await askToken(other, client, { client_secret: secret })
      await askToken(other, { ...client, clientId: secret })
      await post(other, `/oauth2/v1/introspect?token=${secret}`, { token: secret })
      await send({ url: `${other.url}/${secret}`, method: 'GET' })
      await send({
        url: `${other.url}/admin/v1/Apps`,
        method: 'GET',
        headers: { authorization: `Bearer ${secret}` },
      })
    }
    await post(other, '/oauth2/v1/revoke', { token }, basicOf(client))
    // lines come in order, and later than answers: with this one all are there
    await logLineOf(other, await askToken(other, { ...client, secret: 'wrong' }))
    const log = other.log()
    for (const secret of [
      client.secret,
      chosen.secret,
      token,
      assertion,
      token.split('.')[2] as string,
    ]) {
      ok(!log.includes(secret), 'a secret or a token is in the log')
    }
    ok(!log.includes(`client_secret=${marker}`) && !log.includes(`Bearer ${marker}`))
  } finally {
    await other.stop()
  }
})

test('SB-15 an assertion for another server is worth nothing here', async () => {
  const client = await cPkj(domain)
  const { issuer } = domain
  for (const aud of [
    'https://other.example',
    [issuer, 'https://other.example'],
    `${issuer}/`,
    `${issuer}${tokenPath}`,
    issuer.toUpperCase(),
    undefined,
  ]) {
    assertE401(await askByAssertion(domain, client, { claims: { aud } }))
  }
})

test('SB-16 answers cannot be read as something else and do not name a server', async () => {
  const client = await cBasic(domain)
  for (const { headers } of [
    await askToken(domain, client),
    await askToken(domain, client, { scope: 'no:such' }),
    await send({ url: `${domain.url}/nowhere`, method: 'GET' }),
    await send({ url: `${domain.url}/admin/v1/Apps`, method: 'GET' }),
    await send({ url: `${domain.url}/.well-known/jwks.json`, method: 'GET' }),
  ]) {
    equal(headers['x-content-type-options'], 'nosniff')
    equal(headers.server, undefined)
    equal(headers['x-powered-by'], undefined)
  }
})
