/** The shapes of the servers that this client is for, as far as a token request meets them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClientError } from './client-error.ts'
import type { ClientOptions } from './client-options.ts'
import { createClient } from './create-client.ts'
import {
  type Handle,
  makeWorld,
  startTestServer,
  type TestServer,
  tokenReply,
} from './test-server.ts'

const audience = 'https://orders.example/'

/** An identity domain: one issuer for all domains, ports in its addresses, no RFC 8414. */
const identityDomain: Handle = ({ path }, { url }) => {
  if (path === '/.well-known/openid-configuration') {
    const body = {
      issuer: 'https://identity.oraclecloud.com/',
      token_endpoint: `${url}/oauth2/v1/token`,
      secure_token_endpoint: `${url.replace('localhost', '127.0.0.1')}/oauth2/v1/token`,
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    }
    return { body }
  }
  return path === '/oauth2/v1/token' ? tokenReply() : { status: 404, body: '<html>' }
}

const realm = '/realms/acme'

/** Keycloak: the issuer has a path, metadata below it; it configures audiences itself. */
const keycloak: Handle = ({ path }, { url }) => {
  const token = `${realm}/protocol/openid-connect/token`
  if (path === `${realm}/.well-known/openid-configuration`) {
    return { body: { issuer: url + realm, token_endpoint: url + token } }
  }
  const more = { 'not-before-policy': 0, refresh_expires_in: 0, expires_in: 300, scope: 'profile' }
  return path === token ? tokenReply(more) : { status: 404 }
}

/** Auth0: a slash at the end of the issuer, RFC 8414 metadata, `audience` as a parameter. */
const auth0: Handle = ({ path, form }, { url }) => {
  if (path === '/.well-known/oauth-authorization-server') {
    return { body: { issuer: `${url}/`, token_endpoint: `${url}/oauth/token` } }
  }
  if (path !== '/oauth/token') return { status: 404 }
  return form.get('audience') === audience
    ? tokenReply({ expires_in: 86400 })
    : { status: 403, body: { error: 'access_denied', error_description: 'No audience.' } }
}

/** Ours: RFC 8414, and the names of an identity domain. */
const mintmark: Handle = ({ path }, { url }) => {
  if (path === '/.well-known/oauth-authorization-server') {
    return { body: { issuer: url, token_endpoint: `${url}/oauth2/v1/token` } }
  }
  return path === '/oauth2/v1/token' ? tokenReply() : { status: 404 }
}

interface Row {
  readonly name: string
  readonly handle: Handle
  readonly options: (server: TestServer) => ClientOptions
  readonly form: Readonly<Record<string, string>>
}

const rows: readonly Row[] = [
  {
    name: 'Mintmark',
    handle: mintmark,
    options: ({ url }) => ({ issuer: url, audience, scope: 'read write' }),
    form: { scope: `${audience}read ${audience}write` },
  },
  {
    name: 'Mintmark without scopes',
    handle: mintmark,
    options: ({ url }) => ({ issuer: url, audience }),
    form: { resource: audience },
  },
  {
    name: 'Mintmark with a scope written in full, and one of the domain',
    handle: mintmark,
    options: ({ url }) => ({
      issuer: url,
      audience,
      scope: [`${audience}read`, 'urn:opc:resource:expiry=60'],
    }),
    form: { scope: `${audience}read urn:opc:resource:expiry=60` },
  },
  {
    name: 'an identity domain by its address',
    handle: identityDomain,
    options: ({ url }) => ({ issuer: url, audience, scope: 'read' }),
    form: { scope: `${audience}read` },
  },
  {
    name: 'an identity domain by address and issuer',
    handle: identityDomain,
    options: ({ url }) => ({
      domainUrl: url,
      issuer: 'https://identity.oraclecloud.com/',
      scope: 'urn:opc:idm:__myscopes__',
    }),
    form: { scope: 'urn:opc:idm:__myscopes__' },
  },
  {
    name: 'Keycloak',
    handle: keycloak,
    options: ({ url }) => ({ issuer: url + realm, scope: 'orders' }),
    form: { scope: 'orders' },
  },
  {
    name: 'Auth0',
    handle: auth0,
    options: ({ url }) => ({ issuer: url, audience, scope: 'read' }),
    form: { scope: 'read', audience },
  },
  {
    name: 'RFC 8707 where it is wanted',
    handle: keycloak,
    options: ({ url }) => ({ issuer: url + realm, audience, audienceStyle: 'resource' }),
    form: { resource: audience },
  },
  {
    name: 'a stated token endpoint, nothing asked before',
    handle: auth0,
    options: ({ url }) => ({ tokenEndpoint: `${url}/oauth/token`, audience }),
    form: { audience },
  },
]

for (const { name, handle, options, form } of rows) {
  test(`speaks to ${name}`, async (t) => {
    const server = await startTestServer(handle)
    t.after(server.close)
    const stated = { clientId: 'caller', clientSecret: 's', ...options(server) }
    assert.match((await createClient(stated, makeWorld()).token()).value, /^token-/)
    const last = server.seen.at(-1)
    assert.deepEqual(Object.fromEntries(last?.form ?? []), {
      grant_type: 'client_credentials',
      ...form,
    })
    if (stated.tokenEndpoint !== undefined) assert.equal(server.seen.length, 1)
  })
}

const isUnreadable = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ClientError, String(error))
  assert.equal(error.reason, 'answer_unreadable')
  assert.match(error.message, pattern)
  return true
}

test('metadata of another issuer elsewhere is refused before a secret is sent', async (t) => {
  const other = await startTestServer(() => tokenReply())
  t.after(other.close)
  const server = await startTestServer(() => ({
    body: { issuer: 'https://honest.example', token_endpoint: `${other.url}/token` },
  }))
  t.after(server.close)
  const options = { issuer: server.url, clientId: 'caller', clientSecret: 's' }
  const pattern = /of the issuer "https:\/\/honest\.example", not "http:.*state both: domainUrl/
  await assert.rejects(createClient(options, makeWorld()).token(), isUnreadable(pattern))
  assert.equal(other.seen.length, 0)
  const stated = { ...options, domainUrl: server.url, issuer: 'https://another.example' }
  await assert.rejects(
    createClient(stated, makeWorld()).token(),
    isUnreadable(/not "https:\/\/another/),
  )
  assert.equal(other.seen.length, 0)
})

test('a stated issuer must be the one that its metadata names', async (t) => {
  const server = await startTestServer(identityDomain)
  t.after(server.close)
  const who = { clientId: 'caller', clientSecret: 's' }
  const options = { ...who, domainUrl: server.url, issuer: 'https://identity.example/' }
  const pattern =
    /of the issuer "https:\/\/identity\.oraclecloud\.com\/", not "https:\/\/identity\.ex/
  await assert.rejects(createClient(options, makeWorld()).token(), isUnreadable(pattern))
  assert.equal(server.at('/oauth2/v1/token').length, 0)
})

test('a client of trusted issuers alone has no token of its own', async () => {
  const options = { trustedIssuers: ['https://i.example'], clientId: 'caller', clientSecret: 's' }
  await assert.rejects(createClient(options, makeWorld()).token(), /trustedIssuers.*set issuer/)
})

test('where there is no metadata the addresses that were tried are named', async (t) => {
  const server = await startTestServer(() => ({ status: 404 }))
  t.after(server.close)
  const options = { issuer: `${server.url}/a`, clientId: 'caller', clientSecret: 's' }
  const pattern =
    /oauth-authorization-server\/a \(404\) nor .*\/a\/\.well-known\/openid-configuration \(404\)/
  await assert.rejects(createClient(options, makeWorld()).token(), isUnreadable(pattern))
})

test('metadata that leads to plain http elsewhere is refused', async (t) => {
  const server = await startTestServer((_, { url }) => ({
    body: { issuer: url, token_endpoint: 'http://auth.example/token' },
  }))
  t.after(server.close)
  const options = { issuer: server.url, clientId: 'caller', clientSecret: 's' }
  await assert.rejects(
    createClient(options, makeWorld()).token(),
    /plain http: http:\/\/auth\.example/,
  )
})
