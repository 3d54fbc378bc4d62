import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Fetch } from './fetch-document.ts'
import { createGuard } from './guard.ts'
import type { GuardOptions } from './guard-options.ts'
import { readRequirement } from './requirement.ts'
import { testIssuer } from './testing.ts'
import { guard as webGuard } from './web.ts'

const anything = readRequirement(undefined)
const good: GuardOptions = { issuer: 'https://as.test', audience: 'https://api.test' }

const wrong: readonly [what: string, options: object, message: RegExp][] = [
  ['nothing', {}, /issuer is missing/],
  ['a misspelt option', { ...good, revocation: {} }, /there is no option 'revocation'/],
  ['no audience', { issuer: 'https://as.test' }, /audience is missing/],
  ['an empty audience', { ...good, audience: '' }, /audience is missing/],
  ['no audiences', { ...good, audience: [] }, /audience is missing/],
  ['an empty one among them', { ...good, audience: ['a', ''] }, /audience is missing/],
  ['no issuer', { ...good, issuer: '' }, /issuer is missing/],
  ['an issuer that is no URL', { ...good, issuer: 'as' }, /is no URL/],
  ['http', { ...good, issuer: 'http://as.test' }, /https only/],
  ['keys by http', { ...good, jwksUri: 'http://as.test/jwks' }, /jwksUri.*https only/],
  ['two profiles', { ...good, profile: 'both' }, /profile is/],
  ['a skew of an hour', { ...good, clockSkewSeconds: 3600 }, /from 0 to 60/],
  ['a skew that is none', { ...good, clockSkewSeconds: Number.NaN }, /from 0 to 60/],
  ['a resource that is no URL', { ...good, resource: 'urn:x' }, /resource must be/],
]

describe('making a guard', () => {
  it('needs issuer and audience, by type and when it runs', () => {
    for (const [what, options, message] of wrong) {
      assert.throws(() => createGuard(options as GuardOptions), message, what)
    }
    // @ts-expect-error: an audience is missing
    assert.throws(() => createGuard({ issuer: 'https://as.test' }), TypeError)
    // @ts-expect-error: an issuer is missing
    assert.throws(() => createGuard({ audience: 'https://api.test' }), TypeError)
    // @ts-expect-error: both are missing
    assert.throws(() => createGuard(), TypeError)
  })

  it('is possible on this machine, and by http where that was said', () => {
    for (const issuer of ['http://localhost:8480', 'http://127.0.0.1:1', 'http://[::1]:1']) {
      createGuard({ ...good, issuer })
    }
    createGuard({ ...good, issuer: 'http://as.internal', allowHttp: true })
  })

  it('refuses a demand that would demand nothing', () => {
    for (const wish of ['', [], { scope: '' }, { scopes: ['a'] }, { anyScope: [] }, ['a', '']]) {
      assert.throws(() => readRequirement(wish as never), TypeError, JSON.stringify(wish))
    }
    assert.deepEqual(readRequirement('a b').scopes, ['a', 'b'])
    assert.deepEqual(readRequirement({ scope: ['a'], role: 'App User' }), {
      scopes: ['a'],
      anyScope: [],
      roles: ['App User'],
      anyRole: [],
    })
  })
})

const wide = 'urn:opc:resource:consumer'

const claimsTable: readonly [claims: object, wish: unknown, expected: string][] = [
  [{ scope: 'a b' }, ['a', 'b'], 'ok'],
  [{ scope: 'a' }, ['a', 'b'], 'SCOPE_MISSING'],
  [{ scope: 'ab' }, 'a', 'SCOPE_MISSING'],
  [{ scope: 'A' }, 'a', 'SCOPE_MISSING'],
  [{ scope: 'b' }, { anyScope: ['a', 'b'] }, 'ok'],
  [{ scope: 'c' }, { anyScope: ['a', 'b'] }, 'SCOPE_MISSING'],
  [{ scope: `${wide}:paas::read` }, `${wide}:paas:x::read`, 'ok'],
  [{ scope: `${wide}::all` }, `${wide}::read`, 'SCOPE_MISSING'],
  [{ roles: ['R'] }, { role: 'R' }, 'ok'],
  [{ roles: [{ value: 'R', display: 'x' }] }, { role: 'R' }, 'ok'],
  [{ roles: 'R' }, { role: 'R' }, 'ROLE_MISSING'],
  [{ roles: { value: 'R' } }, { role: 'R' }, 'ROLE_MISSING'],
  [{ scope: 'R' }, { role: 'R' }, 'ROLE_MISSING'],
  [{ roles: ['a'] }, 'a', 'SCOPE_MISSING'],
  [{ roles: ['R', 'S'] }, { role: ['R', 'S'] }, 'ok'],
  [{ roles: ['S'] }, { anyRole: ['R', 'S'] }, 'ok'],
  [{ roles: ['T'] }, { anyRole: ['R', 'S'] }, 'ROLE_MISSING'],
  [{ scope: 'a', roles: ['S'] }, { scope: 'a', role: 'R' }, 'ROLE_MISSING'],
]

describe('what a route demands', () => {
  it('is in the token, letter by letter', async () => {
    const issuer = await testIssuer()
    const guard = createGuard(issuer.guardOptions)
    for (const [claims, wish, expected] of claimsTable) {
      const read = await guard.checkToken(
        issuer.token({ ...claims }),
        readRequirement(wish as never),
      )
      assert.equal(read.ok ? 'ok' : read.failure.reason, expected, JSON.stringify([claims, wish]))
    }
  })

  it('roles come from the claim of the profile, or the one that was said', async () => {
    const issuer = await testIssuer({ profile: 'identity-domain' })
    const token = issuer.token({ clientAppRoles: ['R'], groups: ['G'] })
    const need = readRequirement({ role: 'R' })
    assert.ok((await createGuard(issuer.guardOptions).checkToken(token, need)).ok)
    const grouped = createGuard({ ...issuer.guardOptions, rolesClaim: 'groups' })
    assert.ok(!(await grouped.checkToken(token, need)).ok)
    assert.ok((await grouped.checkToken(token, readRequirement({ role: 'G' }))).ok)
  })
})

describe('an Oracle domain as issuer', () => {
  const host = 'https://idcs-x.identity.oracle.test'
  const name = 'https://identity.oracle.test/'

  /** Issuer unlike its host, keys behind a token, key_ops without verify, one kid for ever. */
  const openDomain = async (wish: { issuer?: string; jwksOrigin?: string } = {}) => {
    const own = await testIssuer({
      issuer: name,
      audience: 'https://api.test',
      profile: 'identity-domain',
    })
    const published = await own.guardOptions.fetch(`${new URL(name).origin}/jwks`, {})
    const { keys } = (await published.json()) as { keys: Record<string, unknown>[] }
    const { use: _, ...key } = keys[0] ?? {}
    const asked: (readonly [string, string | null])[] = []
    const fetch: Fetch = async (url, init) => {
      const authorization = new Headers(init.headers).get('authorization')
      asked.push([url, authorization])
      if (url === `${host}/.well-known/openid-configuration`) {
        const jwks_uri = `${wish.jwksOrigin ?? `${host}:443`}/admin/v1/SigningCert/jwk`
        return Response.json({ issuer: wish.issuer ?? name, jwks_uri })
      }
      if (authorization !== 'Bearer key-set') return Response.json({}, { status: 401 })
      return Response.json({ keys: [{ ...key, key_ops: ['encrypt', 'sign'] }] })
    }
    const options: GuardOptions = {
      issuer: name,
      audience: 'https://api.test',
      profile: 'identity-domain',
      discoveryUrl: `${host}/.well-known/openid-configuration`,
      keySetToken: () => 'key-set',
      fetch,
    }
    return { own, options, asked }
  }

  it('is followed with its address and a token for its keys', async () => {
    const { own, options, asked } = await openDomain()
    const guard = createGuard(options)
    await guard.ready()
    assert.ok((await guard.checkToken(own.token(), anything)).ok)
    assert.equal(asked.length, 2)
    assert.equal(asked[0]?.[1], null, 'the document is public: no token is sent for it')
  })

  it('is not followed when the document is of another issuer', async () => {
    const { own, options } = await openDomain({ issuer: 'https://identity.oracle.test' })
    const guard = createGuard(options)
    await assert.rejects(guard.ready(), /letter by letter/)
    assert.ok(!(await guard.checkToken(own.token(), anything)).ok)
  })

  it('the token for the keys goes to no other origin', async () => {
    const { options, asked } = await openDomain({ jwksOrigin: 'https://evil.test' })
    await assert.rejects(createGuard(options).ready(), /another origin/)
    assert.ok(asked.every(([url]) => url.startsWith(host)))
  })

  it('its key_ops are not enough in the other profile', async () => {
    const { options } = await openDomain()
    await assert.rejects(createGuard({ ...options, profile: 'rfc9068' }).ready(), /no key/)
  })
})

describe('a token that belongs to a key', () => {
  it('is taken from whoever proves the key, and from nobody else', async () => {
    const issuer = await testIssuer()
    const cnf = { jkt: 'key-1' }
    const seen: unknown[] = []
    const auth = webGuard({
      ...issuer.guardOptions,
      proveSender: async (confirmation, request) => {
        const [proof = ''] = request.fields('dpop')
        seen.push(confirmation['jkt'])
        if (proof === 'broken') throw new Error('a bug')
        return proof === 'proof-1'
      },
    })
    const handler = auth.requires(undefined, () => new Response('in'))
    const ask = async (token: string, dpop: string): Promise<number> => {
      const headers = { authorization: `Bearer ${token}`, dpop }
      return (await handler(new Request('https://api.test/', { headers }))).status
    }
    const token = issuer.token({ cnf })
    assert.equal(await ask(token, 'proof-1'), 200)
    assert.equal(await ask(token, 'proof-2'), 401, 'remembered, and proven anew all the same')
    assert.equal(await ask(token, 'broken'), 401)
    assert.equal(await ask(issuer.token(), 'proof-2'), 200, 'not bound')
    assert.deepEqual(seen, ['key-1', 'key-1', 'key-1'])
    assert.ok(!(await auth.core.checkToken(token, anything)).ok, 'no request, no proof')
  })
})

describe('finding the issuer', () => {
  it('asks where RFC 8414 says, then where OpenID says', async () => {
    const asked: string[] = []
    const fetch: Fetch = async (url) => {
      asked.push(url)
      return new Response('', { status: 404 })
    }
    await assert.rejects(createGuard({ ...good, issuer: 'https://as.test/t/1', fetch }).ready())
    assert.deepEqual(asked, [
      'https://as.test/.well-known/oauth-authorization-server/t/1',
      'https://as.test/t/1/.well-known/openid-configuration',
    ])
  })

  it('keys whose address is known need no finding', async () => {
    const issuer = await testIssuer()
    const guard = createGuard({ ...issuer.guardOptions, jwksUri: `${issuer.issuer}/jwks` })
    assert.ok((await guard.checkToken(issuer.token(), anything)).ok)
    assert.deepEqual(issuer.calls, ['/jwks'])
  })
})

describe('the metadata of an API', () => {
  const wellKnown = '/.well-known/oauth-protected-resource'

  it('lies at its own path and at the plain one, whatever the request looks like', () => {
    const guard = createGuard({ ...good, audience: ['urn:orders', 'https://api.test/v1'] })
    assert.deepEqual(guard.metadataPaths, [`${wellKnown}/v1`, wellKnown])
    const found = [wellKnown, `${wellKnown}/v1`, `${wellKnown}?a=b`, `https://x.test${wellKnown}`]
    for (const url of found) assert.equal(guard.answerMetadata('GET', url)?.status, 200, url)
    const others = [
      '',
      '/',
      '//',
      '///',
      '*',
      'http://[',
      `/x${wellKnown}`,
      `//x${wellKnown}`,
      'a:b',
    ]
    for (const url of others) assert.equal(guard.answerMetadata('GET', url), null, url)
    assert.equal(guard.answerMetadata('POST', wellKnown), null)
  })

  it('is not there for an API without a URL', async () => {
    const issuer = await testIssuer({ audience: 'urn:orders' })
    const auth = webGuard(issuer.guardOptions)
    assert.deepEqual(auth.core.metadataPaths, [])
    assert.equal(auth.core.answerMetadata('GET', wellKnown), null)
    const handler = auth.requires('a', () => new Response('in'))
    const answer = await handler(new Request('https://api.test/'))
    assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="api"')
  })
})

describe('what an operator is told', () => {
  it('the reason and the id that the caller got, and no token', async () => {
    const issuer = await testIssuer()
    const events: unknown[] = []
    const auth = webGuard({
      ...issuer.guardOptions,
      onEvent: (event) => {
        events.push(event)
        throw new Error('a broken log')
      },
    })
    const token = issuer.token()
    const handler = auth.requires('orders.read', () => new Response('in'))
    const headers = { authorization: `Bearer ${token}`, 'x-request-id': 'req-1' }
    const answer = await handler(new Request('https://api.test/orders', { headers }))
    assert.equal(answer.status, 403)
    assert.deepEqual(await answer.json(), {
      type: 'urn:mintmark:problem:scope-missing',
      title: 'The token lacks a scope',
      status: 403,
      detail: 'Token has no scope orders.read',
      reason: 'SCOPE_MISSING',
      scope: 'orders.read',
      request_id: 'req-1',
    })
    const detail = 'Token has no scope orders.read'
    assert.deepEqual(events, [
      { kind: 'refused', reason: 'SCOPE_MISSING', detail, requestId: 'req-1' },
    ])
    assert.ok(!JSON.stringify(events).includes(token.slice(0, 20)))
  })
})
