import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { describe, it } from 'node:test'
import { introspect, issue } from './kit/afterlife.ts'
import { assertE400, assertInactive, assertOk } from './kit/answers.ts'
import { askToken } from './kit/ask.ts'
import { cBasic, makeClient, rs, rs2 } from './kit/fixtures.ts'
import { send } from './kit/http.ts'
import { decode, makeAssertion, makePair, nowSeconds } from './kit/jwt.ts'
import { useMintmark } from './kit/start-domain.ts'
import type { Client } from './kit/test-domain.ts'

const domain = await useMintmark()
await rs(domain)
const rs2Api = await rs2(domain)
const read = 'https://rs2.example/other:read'
const write = 'https://rs2.example/other:write'
/** A client of RS2, whose tokens have the profile of RFC 9068. */
const client = await domain.createClient({ scopes: [read, write] })

type PublishedKey = Readonly<Record<string, string>>

const publishedKeys = async (): Promise<readonly PublishedKey[]> => {
  const answer = await send({ url: `${domain.url}/.well-known/jwks.json`, method: 'GET' })
  return answer.json?.['keys'] as PublishedKey[]
}

/** The signature, checked with the published key that the header names. */
const assertSigned = async (token: string): Promise<void> => {
  const [header = '', claims = '', signature = ''] = token.split('.')
  const { kid, alg } = decode(token).header
  const jwk = (await publishedKeys()).find((key) => key['kid'] === kid)
  assert.ok(jwk !== undefined, `no key ${kid} is published`)
  assert.equal(jwk['alg'], alg)
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  const encoding = { key, dsaEncoding: 'ieee-p1363' } as const
  const signed = Buffer.from(`${header}.${claims}`)
  assert.ok(verify('sha256', signed, encoding, Buffer.from(signature, 'base64url')))
}

describe('access tokens of the profile of RFC 9068', () => {
  it('AT-01 signed, with its own typ', async () => {
    const token = await issue(domain, client)
    const { kid, ...header } = decode(token).header
    assert.deepEqual(header, { alg: 'ES256', typ: 'at+jwt' })
    assert.equal(typeof kid, 'string')
    await assertSigned(token)
  })

  it('AT-01 the other profile has no typ and begins as an identity domain begins', async () => {
    const token = await issue(domain, await cBasic(domain))
    assert.match(token, /^eyJ4NXQj/)
    const { header } = decode(token)
    assert.deepEqual(Object.keys(header), ['x5t#S256', 'x5t', 'kid', 'alg'])
    assert.equal(header['alg'], 'RS256')
    await assertSigned(token)
  })

  it('AT-02 RS256 can be had', async () => {
    const audience = 'https://rs256.example/'
    await domain.createApi({ audience, scopes: ['use'], profile: 'rfc9068', algorithm: 'RS256' })
    const token = await issue(domain, await domain.createClient({ scopes: [`${audience}use`] }))
    const { alg, typ } = decode(token).header
    assert.deepEqual([alg, typ], ['RS256', 'at+jwt'])
    await assertSigned(token)
  })

  it('AT-03 the seven required claims', async () => {
    const before = nowSeconds()
    const { claims } = decode(await issue(domain, client))
    for (const name of ['iss', 'sub', 'aud', 'client_id', 'jti']) {
      assert.equal(typeof claims[name], 'string', name)
      assert.notEqual(claims[name], '')
    }
    assert.equal(claims['iss'], domain.issuer)
    const [iat, exp] = [Number(claims['iat']), Number(claims['exp'])]
    assert.ok(iat >= before && iat <= nowSeconds())
    assert.ok(exp > iat)
  })

  it('AT-03 no two tokens have one jti', async () => {
    const tokens = await Promise.all(Array.from({ length: 50 }, () => issue(domain, client)))
    assert.equal(new Set(tokens.map((token) => decode(token).claims['jti'])).size, tokens.length)
  })

  it('AT-04 sub is the client', async () => {
    const { claims } = decode(await issue(domain, client))
    assert.equal(claims['sub'], client.clientId)
    assert.equal(claims['client_id'], client.clientId)
  })

  it('AT-05 scope says what was granted', async () => {
    const scopeOf = async (scope?: string) =>
      decode(await issue(domain, client, scope === undefined ? {} : { scope })).claims['scope']
    assert.equal(await scopeOf(read), 'other:read')
    assert.equal(await scopeOf(`${write} ${read}`), 'other:write other:read')
    assert.equal(await scopeOf(), 'other:read other:write')
  })

  it('AT-06 app roles in their SCIM shape', async () => {
    const role = await domain.admin.createRole(rs2Api, 'Reader', ['other:read'])
    const holder = await domain.createClient({ scopes: [read] })
    assert.ok(!('roles' in decode(await issue(domain, holder)).claims))
    await domain.admin.grantRole(rs2Api.id, role, holder)
    const { roles } = decode(await issue(domain, holder)).claims
    assert.deepEqual(roles, ['Reader'])
    assert.ok(!('roles' in decode(await issue(domain, client)).claims))
  })

  it('AT-07 aud is always there', async () => {
    assert.equal(decode(await issue(domain, client)).claims['aud'], 'https://rs2.example/')
    const audience = 'https://two.example/'
    const secondaryAudiences = ['https://also.example/']
    await domain.createApi({ audience, secondaryAudiences, scopes: ['use'], profile: 'rfc9068' })
    const two = await domain.createClient({ scopes: [`${audience}use`] })
    const { aud } = decode(await issue(domain, two)).claims
    assert.deepEqual(aud, [audience, ...secondaryAudiences])
    const wide = await domain.createClient({
      trustScope: 'Account',
      scopes: ['urn:opc:resource:consumer::all'],
    })
    const all = await issue(domain, wide, { scope: 'urn:opc:resource:consumer::all' })
    assert.equal(decode(all).claims['aud'], 'urn:opc:resource:scope:account')
  })

  it('AT-08 scopes of two APIs do not mix', async () => {
    const both = await makeClient(domain, { scopes: ['https://rs.example/api:read', read] })
    const answer = await askToken(domain, both, { scope: `https://rs.example/api:read ${read}` })
    assertE400(answer, 'invalid_scope')
    assertOk(await askToken(domain, both, { scope: read }))
  })

  it('AT-09 no scope that could mean two things', async () => {
    const [one, other] = ['https://twin-a.example/', 'https://twin-b.example/']
    for (const audience of [one, other]) await domain.createApi({ audience, scopes: ['same'] })
    const both = await domain.createClient({ scopes: [`${one}same`, `${other}same`] })
    assertE400(await askToken(domain, both, { scope: 'same' }), 'invalid_target', 'invalid_scope')
    const named = assertOk(await askToken(domain, both, { scope: 'same', resource: other }))
    assert.equal(decode(named).claims['aud'], other)
  })

  it('AT-13 nobody can choose the sub of another', async () => {
    const mine = await domain.createClient({ clientId: 'my-own-name', scopes: [read] })
    assert.equal(mine.clientId, 'my-own-name')
    const taken = [mine.clientId, client.clientId, 'IDCSApp', 'conformance-administrator']
    for (const clientId of taken) {
      await assert.rejects(() => domain.createClient({ clientId, scopes: [read] }), /: 40[09] /)
    }
    for (const clientId of ['a b', 'a:b', 'a\nb', 'ä', '']) {
      await assert.rejects(() => domain.createClient({ clientId, scopes: [read] }), /: 40[09] /)
    }
  })

  it('AT-14 no two APIs share an audience', async () => {
    const scopes = ['use']
    const audience = 'https://own.example/'
    const secondaryAudiences = ['https://own-too.example/']
    await domain.createApi({ audience, secondaryAudiences, scopes })
    const attempts = [
      { audience, scopes },
      { audience: secondaryAudiences[0] as string, scopes },
      { audience: 'https://new.example/', secondaryAudiences: [audience], scopes },
      { audience: 'https://new.example/', secondaryAudiences, scopes },
    ]
    for (const wish of attempts) await assert.rejects(() => domain.createApi(wish), /: 40[09] /)
  })

  it('AT-15 nothing about people', async () => {
    const { claims } = decode(await issue(domain, client))
    const names = ['aud', 'client_id', 'exp', 'iat', 'iss', 'jti', 'scope', 'sub', 'sub_type']
    assert.deepEqual(Object.keys(claims).toSorted(), names)
    const domainToken = decode(await issue(domain, await cBasic(domain))).claims
    for (const name of Object.keys(domainToken))
      assert.doesNotMatch(name, /^(?:user_|email|phone|sid)/)
  })

  it('AT-16 times are whole seconds', async () => {
    const now = nowSeconds()
    for (const asker of [client, await cBasic(domain)]) {
      const { claims } = decode(await issue(domain, asker))
      for (const name of ['iat', 'exp']) {
        assert.ok(Number.isInteger(claims[name]), `${name} is ${JSON.stringify(claims[name])}`)
        assert.ok(Math.abs(Number(claims[name]) - now) < 10_000, `${name} is no seconds`)
      }
    }
  })

  it('AT-17 nothing else we sign is an access token', async () => {
    const token = await issue(domain, client)
    const api = rs2Api.client as Client
    const headers = { accept: 'application/token-introspection+jwt' }
    const answer = await introspect(domain, api, token, {}, headers)
    // RFC 9701 §5: signed with the same keys, and told apart by its type
    assert.match(answer.headers['content-type'] ?? '', /^application\/token-introspection\+jwt/)
    assert.equal(decode(answer.text).header['typ'], 'token-introspection+jwt')
    assertInactive(await introspect(domain, api, answer.text))
    const openid = await askToken(domain, client, { scope: 'openid' })
    assert.ok(!('id_token' in (openid.json ?? {})))
    assertE400(openid, 'invalid_scope')
    // what a client signs in our name is no token either
    const pair = makePair('ES256')
    const { kid } = decode(token).header
    const header = { typ: 'at+jwt', kid: String(kid) }
    const forged = makeAssertion(client, 'https://rs2.example/', pair, { header })
    assertInactive(await introspect(domain, api, forged))
  })
})
