import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { describe, it } from 'node:test'
import { createVerifier } from 'fast-jwt'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import jsonwebtoken from 'jsonwebtoken'
import * as oauth4webapi from 'oauth4webapi'
import * as openidClient from 'openid-client'
import { Agent, fetch } from 'undici'
import {
  cSelf,
  cSjwt,
  cTls,
  makeClient,
  makeKeyClient,
  rs,
  rs2,
  rsAudience,
} from './kit/fixtures.ts'
import { type Shown, send } from './kit/http.ts'
import { decode, makePair, type SigningPair } from './kit/jwt.ts'
import { useMintmark } from './kit/start-domain.ts'
import type { AuthenticationMethod, Client } from './kit/test-domain.ts'

const domain = await useMintmark()
await rs(domain)
await rs2(domain)

/** `fetch` that believes the door's authority and shows a certificate. */
const fetchWith = (shown?: Shown) => {
  const dispatcher = new Agent({ connect: { ca: domain.authority, ...shown } })
  return (url: string, options: object): Promise<Response> =>
    fetch(url, { ...options, dispatcher }) as unknown as Promise<Response>
}

const webKeyOf = async ({ alg, privateKey }: SigningPair) => {
  const ecdsa = { name: 'ECDSA', namedCurve: 'P-256' }
  const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const algorithms: Record<string, typeof ecdsa | typeof rsa | { name: string }> = {
    ES256: ecdsa,
    RS256: rsa,
    PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
    Ed25519: { name: 'Ed25519' },
  }
  return privateKey.toCryptoKey(algorithms[alg] ?? ecdsa, false, ['sign'])
}

/** A client as a library is told about it. */
interface Told {
  readonly client: Client
  readonly oauth4webapi: oauth4webapi.ClientAuth
  readonly openidClient: openidClient.ClientAuth
  readonly shown?: Shown
}

const bySecret = async (method: 'client_secret_basic' | 'client_secret_post'): Promise<Told> => {
  const client = await makeClient(domain, { methods: [method], operations: ['introspect'] })
  const { secret } = client
  return method === 'client_secret_basic'
    ? {
        client,
        oauth4webapi: oauth4webapi.ClientSecretBasic(secret),
        openidClient: openidClient.ClientSecretBasic(secret),
      }
    : {
        client,
        oauth4webapi: oauth4webapi.ClientSecretPost(secret),
        openidClient: openidClient.ClientSecretPost(secret),
      }
}

const byKey = async (alg: string): Promise<Told> => {
  const pair = makePair(alg)
  const client = await makeKeyClient(domain, [pair])
  const key = { key: await webKeyOf(pair), kid: pair.kid }
  return {
    client,
    oauth4webapi: oauth4webapi.PrivateKeyJwt(key),
    openidClient: openidClient.PrivateKeyJwt(key),
  }
}

const byCertificate = (client: Client & { readonly shown: Shown }): Told => ({
  client,
  oauth4webapi: oauth4webapi.TlsClientAuth(),
  openidClient: openidClient.TlsClientAuth(),
  shown: client.shown,
})

const clients: readonly (readonly [AuthenticationMethod, string, () => Promise<Told>])[] = [
  ['client_secret_basic', '', () => bySecret('client_secret_basic')],
  ['client_secret_post', '', () => bySecret('client_secret_post')],
  [
    'client_secret_jwt',
    '',
    async () => {
      const client = await cSjwt(domain)
      return {
        client,
        oauth4webapi: oauth4webapi.ClientSecretJwt(client.secret),
        openidClient: openidClient.ClientSecretJwt(client.secret),
      }
    },
  ],
  ['private_key_jwt', 'ES256', () => byKey('ES256')],
  ['private_key_jwt', 'RS256', () => byKey('RS256')],
  ['private_key_jwt', 'PS256', () => byKey('PS256')],
  ['private_key_jwt', 'Ed25519', () => byKey('Ed25519')],
  ['tls_client_auth', '', async () => byCertificate(await cTls(domain, 'subject_dn'))],
  ['self_signed_tls_client_auth', '', async () => byCertificate(await cSelf(domain))],
]

const scope = `${rsAudience}api:read`

describe('oauth4webapi finds the server and accepts its answers', () => {
  for (const [method, algorithm, tell] of clients) {
    it(`${method} ${algorithm}`, async () => {
      const told = await tell()
      const options = {
        [oauth4webapi.allowInsecureRequests]: true,
        [oauth4webapi.customFetch]: fetchWith(told.shown),
      }
      const issuer = new URL(domain.issuer)
      const found = await oauth4webapi.discoveryRequest(issuer, { ...options, algorithm: 'oauth2' })
      const server = await oauth4webapi.processDiscoveryResponse(issuer, found)
      assert.ok(server.token_endpoint_auth_methods_supported?.includes(method))
      const client: oauth4webapi.Client = {
        client_id: told.client.clientId,
        ...(told.shown && { use_mtls_endpoint_aliases: true }),
      }
      const auth = told.oauth4webapi
      const parameters = new URLSearchParams({ scope })
      const asked = await oauth4webapi.clientCredentialsGrantRequest(
        server,
        client,
        auth,
        parameters,
        options,
      )
      const answer = await oauth4webapi.processClientCredentialsResponse(server, client, asked)
      assert.equal(answer.token_type, 'bearer')
      assert.equal(answer.expires_in, 3600)
      const token = answer.access_token
      assert.equal(decode(token).claims['sub'], told.client.clientId)
      const about = await oauth4webapi.introspectionRequest(server, client, auth, token, options)
      const introspection = await oauth4webapi.processIntrospectionResponse(server, client, about)
      const mayAsk = method === 'client_secret_basic' || method === 'client_secret_post'
      assert.equal(introspection.active, mayAsk)
      const ended = await oauth4webapi.revocationRequest(server, client, auth, token, options)
      await oauth4webapi.processRevocationResponse(ended)
    })
  }

  it('and the errors are errors of OAuth', async () => {
    const { client } = await bySecret('client_secret_basic')
    const options = { [oauth4webapi.allowInsecureRequests]: true }
    const issuer = new URL(domain.issuer)
    const found = await oauth4webapi.discoveryRequest(issuer, options)
    const server = await oauth4webapi.processDiscoveryResponse(issuer, found)
    const asked = { client_id: client.clientId }
    const wrong = oauth4webapi.ClientSecretBasic('wrong')
    const refused = await oauth4webapi.clientCredentialsGrantRequest(
      server,
      asked,
      wrong,
      {},
      options,
    )
    await assert.rejects(
      () => oauth4webapi.processClientCredentialsResponse(server, asked, refused),
      (error) =>
        error instanceof oauth4webapi.WWWAuthenticateChallengeError && error.status === 401,
    )
    const right = oauth4webapi.ClientSecretBasic(client.secret)
    const strange = await oauth4webapi.clientCredentialsGrantRequest(
      server,
      asked,
      right,
      { scope: 'unknown' },
      options,
    )
    await assert.rejects(
      () => oauth4webapi.processClientCredentialsResponse(server, asked, strange),
      (error) => error instanceof oauth4webapi.ResponseBodyError && error.error === 'invalid_scope',
    )
  })

  it('and what RFC 9068 demands of a token', async () => {
    const client = await domain.createClient({ scopes: ['https://rs2.example/other:read'] })
    const options = { [oauth4webapi.allowInsecureRequests]: true }
    const issuer = new URL(domain.issuer)
    const found = await oauth4webapi.discoveryRequest(issuer, { ...options, algorithm: 'oauth2' })
    const server = await oauth4webapi.processDiscoveryResponse(issuer, found)
    const asked = { client_id: client.clientId }
    const auth = oauth4webapi.ClientSecretPost(client.secret)
    const response = await oauth4webapi.clientCredentialsGrantRequest(
      server,
      asked,
      auth,
      {},
      options,
    )
    const answer = await oauth4webapi.processClientCredentialsResponse(server, asked, response)
    const authorization = `Bearer ${answer.access_token}`
    const request = new Request('https://rs2.example/orders', { headers: { authorization } })
    const audience = 'https://rs2.example/'
    const claims = await oauth4webapi.validateJwtAccessToken(server, request, audience, options)
    assert.equal(claims.client_id, client.clientId)
    assert.equal(claims.scope, 'other:read')
  })
})

describe('openid-client finds the server and accepts its answers', () => {
  for (const [method, algorithm, tell] of clients) {
    for (const document of ['oauth2', 'oidc'] as const) {
      it(`${method} ${algorithm} by way of ${document}`, async () => {
        const told = await tell()
        const metadata = told.shown ? { use_mtls_endpoint_aliases: true } : {}
        const configuration = await openidClient.discovery(
          new URL(domain.issuer),
          told.client.clientId,
          metadata,
          told.openidClient,
          {
            algorithm: document,
            execute: [openidClient.allowInsecureRequests],
            [openidClient.customFetch]: fetchWith(told.shown),
          },
        )
        const answer = await openidClient.clientCredentialsGrant(configuration, { scope })
        // what is left of it: a second may have begun since
        assert.ok(Number(answer.expiresIn()) > 3590, String(answer.expiresIn()))
        const token = answer.access_token
        assert.equal(decode(token).claims['client_id'], told.client.clientId)
        const { active } = await openidClient.tokenIntrospection(configuration, token)
        assert.equal(typeof active, 'boolean')
        await openidClient.tokenRevocation(configuration, token)
        const after = await openidClient.tokenIntrospection(configuration, token)
        assert.equal(after.active, false)
      })
    }
  }
})

const profiles = [
  { name: 'identity-domain', audience: rsAudience, scope: 'api:read', algorithm: 'RS256' },
  { name: 'rfc9068', audience: 'https://rs2.example/', scope: 'other:read', algorithm: 'ES256' },
] as const

type PublishedKey = Readonly<Record<string, string>>

describe('libraries verify the tokens of both profiles', () => {
  const keysAt = async (): Promise<readonly PublishedKey[]> => {
    const answer = await send({ url: `${domain.url}/.well-known/jwks.json`, method: 'GET' })
    return answer.json?.['keys'] as PublishedKey[]
  }
  const tokenOf = async (profile: (typeof profiles)[number]): Promise<string> => {
    const client = await domain.createClient({ scopes: [profile.audience + profile.scope] })
    const asked = await send({
      url: `${domain.url}/oauth2/v1/token`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: client.clientId,
        client_secret: client.secret,
      }).toString(),
    })
    return String(asked.json?.['access_token'])
  }
  const keyOf = async (token: string) => {
    const { kid } = decode(token).header
    const jwk = (await keysAt()).find((key) => key['kid'] === kid)
    assert.ok(jwk !== undefined)
    return createPublicKey({ key: jwk, format: 'jwk' })
  }
  /** The same token with one bit of its claims turned. */
  const changed = (token: string): string => {
    const [header = '', claims = '', signature = ''] = token.split('.')
    const text = Buffer.from(claims, 'base64url').toString().replace('client', 'Client')
    return `${header}.${Buffer.from(text).toString('base64url')}.${signature}`
  }

  for (const profile of profiles) {
    const { name, audience, algorithm } = profile
    it(`jose: ${name}`, async () => {
      const token = await tokenOf(profile)
      const keys = createRemoteJWKSet(new URL(`${domain.url}/.well-known/jwks.json`))
      const expected = {
        issuer: domain.issuer,
        audience,
        algorithms: [algorithm],
        ...(name === 'rfc9068' && { typ: 'at+jwt' }),
      }
      const { payload } = await jwtVerify(token, keys, expected)
      assert.equal(payload['scope'], profile.scope)
      await assert.rejects(() => jwtVerify(changed(token), keys, expected))
      await assert.rejects(() =>
        jwtVerify(token, keys, { ...expected, audience: 'https://other/' }),
      )
    })

    it(`jsonwebtoken: ${name}`, async () => {
      const token = await tokenOf(profile)
      const key = await keyOf(token)
      const expected = { issuer: domain.issuer, audience, algorithms: [algorithm] }
      const claims = jsonwebtoken.verify(token, key, expected) as Record<string, unknown>
      assert.equal(claims['scope'], profile.scope)
      assert.throws(() => jsonwebtoken.verify(changed(token), key, expected))
      assert.throws(() =>
        jsonwebtoken.verify(token, key, { ...expected, issuer: 'https://other/' }),
      )
    })

    it(`fast-jwt: ${name}`, async () => {
      const token = await tokenOf(profile)
      const pem = (await keyOf(token)).export({ type: 'spki', format: 'pem' }) as string
      const expected = {
        key: pem,
        algorithms: [algorithm],
        allowedIss: domain.issuer,
        allowedAud: audience,
      }
      const claims = createVerifier(expected)(token) as Record<string, unknown>
      assert.equal(claims['scope'], profile.scope)
      assert.throws(() => createVerifier(expected)(changed(token)))
      assert.throws(() => createVerifier({ ...expected, allowedAud: 'https://other/' })(token))
    })
  }
})
