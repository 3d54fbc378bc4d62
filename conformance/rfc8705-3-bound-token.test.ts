import { deepEqual, equal } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { introspect } from './kit/afterlife.ts'
import { assertE400, assertOk } from './kit/answers.ts'
import { askByAssertion, askSecurely, askToken, basicOf } from './kit/ask.ts'
import { nameOf } from './kit/certificate.ts'
import { clientCertificate, makeClient, rs } from './kit/fixtures.ts'
import { send } from './kit/http.ts'
import { assertionType, decode, makeAssertion, makePair } from './kit/jwt.ts'
import { useMintmark } from './kit/start-domain.ts'
import type { Client } from './kit/test-domain.ts'

const domain = await useMintmark()
const { shown, der } = clientCertificate(domain, { subject: nameOf(['CN', 'bound']) })
const thumbprint = createHash('sha256').update(der).digest('base64url')
const cnf = { 'x5t#S256': thumbprint }
const bound = {
  certificateSubject: { kind: 'subject_dn', value: 'CN=bound' },
  certificateBoundTokens: true,
} as const

test('MT-15 the claim is the SHA-256 of the certificate', async () => {
  const client = await makeClient(domain, bound)
  const answer = await askSecurely(domain, { client_id: client.clientId }, { shown })
  deepEqual(decode(assertOk(answer)).claims['cnf'], cnf)
  equal(answer.json?.['token_type'], 'Bearer')
})

test('MT-16 introspection tells the same', async () => {
  const client = await makeClient(domain, bound)
  const token = assertOk(await askSecurely(domain, { client_id: client.clientId }, { shown }))
  const api = await rs(domain)
  const told = await introspect(domain, api.client as Client, token)
  deepEqual(told.json?.['cnf'], cnf)
})

test('MT-18 metadata says that tokens can be bound', async () => {
  const url = `${domain.url}/.well-known/oauth-authorization-server`
  const published = (await send({ url, method: 'GET' })).json
  equal(published?.['tls_client_certificate_bound_access_tokens'], true)
})

test('MT-19 without a certificate a bound client gets nothing', async () => {
  const client = await makeClient(domain, bound)
  assertE400(await askToken(domain, client), 'invalid_request')
  assertE400(await askSecurely(domain, {}, { headers: basicOf(client) }), 'invalid_request')
})

test('MT-20 what a client proves itself by does not matter', async () => {
  const client = await makeClient(domain, bound)
  const bySecret = await askSecurely(domain, {}, { shown, headers: basicOf(client) })
  deepEqual(decode(assertOk(bySecret)).claims['cnf'], cnf)
  const pair = makePair('ES256')
  const signer = { ...(await makeClient(domain, { ...bound, keys: [pair.publicJwk] })), pair }
  const form = {
    client_assertion_type: assertionType,
    client_assertion: makeAssertion(signer, domain.issuer, pair),
  }
  deepEqual(decode(assertOk(await askSecurely(domain, form, { shown }))).claims['cnf'], cnf)
  assertE400(await askByAssertion(domain, signer), 'invalid_request')
})

test('MT-19 a token for all APIs is bound as any of them demands, or not given', async () => {
  const tags = [{ key: 'sealed', value: 'yes' }]
  const wide = { scope: 'urn:opc:resource:consumer::all' }
  const account = await makeClient(domain, { trustScope: 'Account' })
  const tagged = await makeClient(domain, { trustScope: 'Tags', allowedTags: tags })
  const elsewhere = await makeClient(domain, {
    trustScope: 'Tags',
    allowedTags: [{ key: 'sealed', value: 'no' }],
  })
  for (const each of [account, tagged, elsewhere]) assertOk(await askToken(domain, each, wide))
  const audience = 'https://sealed.example/'
  await domain.createApi({ audience, scopes: ['go'], tags, certificateBoundTokens: true })
  for (const each of [account, tagged]) {
    assertE400(await askToken(domain, each, wide), 'invalid_request')
  }
  assertOk(await askToken(domain, elsewhere, wide))
  const holder = await makeClient(domain, {
    trustScope: 'Account',
    certificateSubject: bound.certificateSubject,
  })
  const answer = await askSecurely(domain, wide, { shown, headers: basicOf(holder) })
  deepEqual(decode(assertOk(answer)).claims['cnf'], cnf)
})
