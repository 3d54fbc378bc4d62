import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ClientError } from './client-error.ts'
import type { ClientEvent } from './client-event.ts'
import type { ClientOptions } from './client-options.ts'
import { type Client, createClient } from './create-client.ts'
import {
  type Handle,
  makeWorld,
  type Reply,
  startIssuer,
  startTestServer,
  type TestServer,
  tokenPath,
  tokenReply,
} from './test-server.ts'

interface Scene {
  readonly issuer: TestServer
  readonly api: TestServer
  readonly client: Client
  readonly events: readonly ClientEvent[]
  /** What the API was sent as `Authorization`, in order. */
  sent(): readonly (string | undefined)[]
}

interface Cleaning {
  after(run: () => Promise<void>): void
}

const stage = async (t: Cleaning, onApi: Handle, more: ClientOptions = {}): Promise<Scene> => {
  const issuer = await startIssuer()
  const api = await startTestServer(onApi)
  t.after(issuer.close)
  t.after(api.close)
  const events: ClientEvent[] = []
  const client = createClient(
    {
      issuer: issuer.url,
      clientId: 'caller',
      clientSecret: 's',
      audience: `${api.url}/orders`,
      onEvent: (event) => events.push(event),
      ...more,
    },
    makeWorld(),
  )
  const sent = () => api.seen.map(({ headers }) => headers.authorization)
  return { issuer, api, client, events, sent }
}

const unauthorized = (challenge: string): Reply => ({
  status: 401,
  headers: { 'www-authenticate': challenge },
})

test('requests to the API carry the token, and everything that the caller said', async (t) => {
  const { api, client, issuer } = await stage(t, () => ({ status: 201, body: { ok: true } }))
  const headers = { 'x-own': '1', 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body: '{"a":1}' }
  const response = await client.fetch(new URL(`${api.url}/orders?x=1`), init)
  assert.equal(response.status, 201)
  assert.deepEqual(await response.json(), { ok: true })
  const [seen] = api.seen
  assert.deepEqual([seen?.method, seen?.path, seen?.body], ['POST', '/orders?x=1', '{"a":1}'])
  assert.equal(seen?.headers['x-own'], '1')
  assert.match(String(seen?.headers.authorization), /^Bearer token-/)
  await client.fetch(new Request(`${api.url}/orders`, { method: 'PUT', body: 'text' }))
  assert.deepEqual([api.seen[1]?.method, api.seen[1]?.body], ['PUT', 'text'])
  assert.equal(issuer.at(tokenPath).length, 1)
})

test('another origin gets the request without a token', async (t) => {
  const { client, events } = await stage(t, () => ({}))
  const other = await startTestServer(() => ({ body: 'hello' }))
  t.after(other.close)
  assert.equal(await (await client.fetch(`${other.url}/x`)).text(), 'hello')
  assert.equal(other.seen[0]?.headers.authorization, undefined)
  assert.ok(events.some(({ type }) => type === 'token_withheld'))
})

for (const status of [301, 302, 303, 307, 308]) {
  test(`a ${status} to another origin loses the token, the cookie and nothing else`, async (t) => {
    const other = await startTestServer(() => ({ body: 'there' }))
    t.after(other.close)
    const { client, api } = await stage(t, () => ({
      status,
      headers: { location: `${other.url}/there` },
    }))
    const headers = { cookie: 'a=b', 'x-own': '1', 'content-type': 'text/plain' }
    const init = { method: 'POST', headers, body: 'payload' }
    const response = await client.fetch(`${api.url}/here`, init)
    assert.equal(await response.text(), 'there')
    assert.equal(response.redirected, true)
    const [seen] = other.seen
    assert.equal(seen?.headers.authorization, undefined)
    assert.equal(seen?.headers.cookie, undefined)
    assert.equal(seen?.headers['x-own'], '1')
    const keeps = status === 307 || status === 308
    assert.deepEqual([seen?.method, seen?.body], keeps ? ['POST', 'payload'] : ['GET', ''])
    assert.equal(seen?.headers['content-type'], keeps ? 'text/plain' : undefined)
  })
}

test('a redirect within the API keeps the token; one out and back has it at home', async (t) => {
  let home = ''
  const other = await startTestServer(() => ({ status: 307, headers: { location: `${home}/c` } }))
  t.after(other.close)
  const { client, sent, api } = await stage(t, ({ path }) => {
    if (path === '/a') return { status: 307, headers: { location: '/b' } }
    if (path === '/b') return { status: 307, headers: { location: `${other.url}/x` } }
    return { body: 'end' }
  })
  home = api.url
  assert.equal(await (await client.fetch(`${api.url}/a`)).text(), 'end')
  assert.equal(sent().length, 3)
  assert.ok(sent().every((each) => each?.startsWith('Bearer ')))
  assert.equal(other.seen[0]?.headers.authorization, undefined)
})

test('redirects end: at ten, at a stream, where the caller wants none', async (t) => {
  const { client, api } = await stage(t, () => ({ status: 307, headers: { location: '/again' } }))
  const hasReason = (reason: string) => (error: unknown) =>
    error instanceof ClientError && error.reason === reason
  await assert.rejects(client.fetch(`${api.url}/a`), hasReason('too_many_redirects'))
  assert.equal(api.seen.length, 11)
  const body = new Blob(['streamed']).stream()
  const init = { method: 'POST', body, duplex: 'half' } as RequestInit
  await assert.rejects(client.fetch(`${api.url}/a`, init), hasReason('body_not_replayable'))
  assert.equal((await client.fetch(`${api.url}/a`, { redirect: 'manual' })).status, 307)
  await assert.rejects(client.fetch(`${api.url}/a`, { redirect: 'error' }), TypeError)
})

test('a refused token is replaced once, for all who were refused', async (t) => {
  let good = ''
  const { client, api, issuer } = await stage(t, ({ headers, body }) => {
    if (good === '') good = String(headers.authorization)
    const isGood = headers.authorization !== good
    return isGood ? { body: `got ${body}` } : unauthorized('Bearer error="invalid_token"')
  })
  const calls = Array.from({ length: 20 }, () =>
    client.fetch(`${api.url}/x`, { method: 'POST', body: 'text' }),
  )
  for (const response of await Promise.all(calls)) {
    assert.equal(await response.text(), 'got text')
  }
  assert.equal(issuer.at(tokenPath).length, 2)
})

test('an API that refuses every token is asked twice, and the issuer is left alone', async (t) => {
  const { client, api, issuer } = await stage(t, () => unauthorized('Bearer error="invalid_token"'))
  for (let calls = 0; calls < 10; calls += 1) {
    assert.equal((await client.fetch(`${api.url}/x`)).status, 401)
  }
  assert.equal(api.seen.length, 11)
  assert.equal(issuer.at(tokenPath).length, 2)
})

const untouched: readonly (readonly [string, string, RequestInit])[] = [
  ['a 401 for another reason', 'Bearer error="insufficient_scope"', {}],
  ['a 401 without a reason', 'Bearer realm="x"', {}],
  ['a 401 of another scheme', 'Basic realm="invalid_token"', {}],
]

for (const [name, challenge, init] of untouched) {
  test(`${name} is the caller's`, async (t) => {
    const { client, api } = await stage(t, () => unauthorized(challenge))
    assert.equal((await client.fetch(`${api.url}/x`, init)).status, 401)
    assert.equal(api.seen.length, 1)
  })
}

test('a body that was a stream is not sent twice', async (t) => {
  const { client, api } = await stage(t, () => unauthorized('Bearer error="invalid_token"'))
  const init = { method: 'POST', body: new Blob(['x']).stream(), duplex: 'half' } as RequestInit
  assert.equal((await client.fetch(`${api.url}/x`, init)).status, 401)
  assert.equal(api.seen.length, 1)
})

test('a request with its own Authorization is refused', async (t) => {
  const { client, api } = await stage(t, () => ({}))
  const init = { headers: { Authorization: 'Basic x' } }
  await assert.rejects(client.fetch(`${api.url}/x`, init), /Authorization of its own/)
  assert.equal(api.seen.length, 0)
})

test('an audience that is no URL needs allowed origins', async (t) => {
  const { client, api } = await stage(t, () => ({}), { audience: 'orders' })
  await assert.rejects(client.fetch(`${api.url}/x`), /set allowedOrigins/)
})

test('a caller that gives up ends its request', async (t) => {
  const { client, api } = await stage(t, () => new Promise(() => {}))
  const signal = AbortSignal.timeout(100)
  await assert.rejects(client.fetch(`${api.url}/x`, { signal }), { name: 'TimeoutError' })
})

const noTarget = { issuer: undefined, audience: undefined } as unknown as ClientOptions

/** A client that has to learn from the API where its tokens come from. */
const callerOf = (issuer: { readonly url: string }, api: { readonly url: string }) =>
  createClient({
    ...noTarget,
    clientId: 'caller',
    clientSecret: 's',
    trustedIssuers: [issuer.url],
    allowedOrigins: [api.url],
  })

/** An API that says by RFC 9728 where its tokens come from. */
const describedApi =
  (issuers: () => readonly string[], more: object = {}): Handle =>
  ({ path, headers }, { url }) => {
    const address = `${url}/.well-known/oauth-protected-resource/orders`
    if (path === '/.well-known/oauth-protected-resource/orders') {
      return { body: { resource: `${url}/orders`, authorization_servers: issuers(), ...more } }
    }
    if (headers.authorization !== undefined) return { body: 'inside' }
    return unauthorized(`Bearer resource_metadata="${address}", scope="orders.read"`)
  }

test('an API says where its tokens come from; a trusted issuer is asked', async (t) => {
  const issuer = await startIssuer()
  t.after(issuer.close)
  const api = await startTestServer(describedApi(() => ['https://elsewhere.example', issuer.url]))
  t.after(api.close)
  const client = callerOf(issuer, api)
  assert.equal(await (await client.fetch(`${api.url}/orders/1`)).text(), 'inside')
  const { form } = issuer.at(tokenPath)[0]!
  assert.deepEqual([form.get('resource'), form.get('scope')], [`${api.url}/orders`, 'orders.read'])
  assert.equal(await (await client.fetch(`${api.url}/orders/2`)).text(), 'inside')
  assert.equal(api.seen.length, 4)
  assert.equal(issuer.at(tokenPath).length, 1)
})

test('of two resources, one below the other, the nearer says which token', async (t) => {
  const issuer = await startIssuer(({ form }) =>
    tokenReply({ access_token: form.get('resource')?.endsWith('/admin') ? 'inner' : 'outer' }),
  )
  t.after(issuer.close)
  const api = await startTestServer(({ path, headers }, { url }) => {
    const [, inner = ''] = /^\/\.well-known\/oauth-protected-resource(.*)$/.exec(path) ?? []
    if (path.startsWith('/.well-known/')) {
      return { body: { resource: url + inner, authorization_servers: [issuer.url] } }
    }
    const below = path.startsWith('/admin') ? '/admin' : ''
    const wanted = below === '' ? 'outer' : 'inner'
    if (headers.authorization === `Bearer ${wanted}`) return { body: wanted }
    const address = `${url}/.well-known/oauth-protected-resource${below}`
    return unauthorized(`Bearer error="invalid_token", resource_metadata="${address}"`)
  })
  t.after(api.close)
  const client = callerOf(issuer, api)
  for (const [path, wanted] of [
    ['/orders', 'outer'],
    ['/admin/x', 'inner'],
    ['/orders', 'outer'],
  ] as const) {
    const response = await client.fetch(api.url + path)
    assert.equal(await response.text(), wanted, path)
  }
})

const distrusted: readonly (readonly [string, (issuer: string) => Handle])[] = [
  ['names no trusted issuer', () => describedApi(() => ['https://elsewhere.example'])],
  ['only looks like one', (issuer) => describedApi(() => [`${issuer}/`, `${issuer}.example`])],
  [
    'speaks for another resource',
    (issuer) => describedApi(() => [issuer], { resource: 'https://other.example/orders' }),
  ],
  [
    'speaks for a neighbouring path',
    (issuer) => (seen, server) =>
      describedApi(() => [issuer], { resource: `${server.url}/ord` })(seen, server),
  ],
  ['says too much', (issuer) => describedApi(() => [issuer], { more: 'x'.repeat(70_000) })],
  [
    'keeps its metadata elsewhere',
    (issuer) =>
      ({ path }) =>
        path.includes('well-known')
          ? { body: {} }
          : unauthorized(
              `Bearer resource_metadata="${issuer}/.well-known/oauth-protected-resource"`,
            ),
  ],
]

for (const [name, handle] of distrusted) {
  test(`an API that ${name} gets no token`, async (t) => {
    const issuer = await startIssuer()
    t.after(issuer.close)
    const api = await startTestServer(handle(issuer.url))
    t.after(api.close)
    const client = callerOf(issuer, api)
    assert.equal((await client.fetch(`${api.url}/orders/1`)).status, 401)
    assert.equal(issuer.seen.length, 0)
    assert.equal(api.at('/orders/1').length, 1)
    assert.ok(api.seen.every(({ headers }) => headers.authorization === undefined))
  })
}

test('no redirect gets Authorization to an origin that is not allowed', async (t) => {
  const statuses = [200, 301, 302, 303, 307, 308, 401] as const
  const hop = fc.record({
    to: fc.nat({ max: 3 }),
    status: fc.constantFrom(...statuses),
    spelling: fc.constantFrom('plain', 'upper', 'user', 'relative'),
  })
  const origins = [
    'http://localhost:1',
    'http://127.0.0.1:1',
    'https://localhost:1',
    'https://b.example',
  ]
  const scenario = fc.record({
    allowed: fc.subarray(origins, { minLength: 1 }),
    start: fc.nat({ max: 3 }),
    hops: fc.array(hop, { maxLength: 12 }),
    method: fc.constantFrom('GET', 'POST', 'DELETE'),
  })
  const spell = (origin: string, spelling: string): string => {
    if (spelling === 'upper') return `${origin.toUpperCase()}/x`
    if (spelling === 'user') return `${origin.replace('//', '//localhost:1@')}/x`
    return spelling === 'relative' ? '../up' : `${origin}/x`
  }
  const issuer = await startIssuer(() => tokenReply())
  t.after(issuer.close)
  await fc.assert(
    fc.asyncProperty(scenario, async ({ allowed, start, hops, method }) => {
      const left = [...hops]
      let withToken = 0
      const client = createClient(
        {
          issuer: issuer.url,
          clientId: 'caller',
          clientSecret: 's',
          allowedOrigins: allowed,
          fetch: async (url, init) => {
            const { origin } = new URL(url)
            const hasToken = new Headers(init.headers).has('authorization')
            assert.equal(hasToken, allowed.includes(origin), url)
            if (hasToken) withToken += 1
            const next = left.shift()
            if (next === undefined) return new Response('end')
            const headers = {
              location: spell(origins[next.to]!, next.spelling),
              'www-authenticate': 'Bearer error="invalid_token"',
            }
            return new Response(null, { status: next.status, headers })
          },
        },
        makeWorld(),
      )
      const body = method === 'POST' ? { body: 'x' } : {}
      await client.fetch(`${origins[start]}/`, { method, ...body }).catch((error) => {
        assert.ok(error instanceof ClientError && error.reason === 'too_many_redirects', error)
      })
      assert.ok(withToken > 0 || !allowed.includes(origins[start]!))
      client.close()
    }),
    { numRuns: 300 },
  )
})
