/** What an API behind the guard answers, on every kind of server, with our server as issuer. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { GuardOptions } from '@mintmark/guard/guard-options'
import { revoke } from './kit/afterlife.ts'
import { assertOk } from './kit/answers.ts'
import { askToken } from './kit/ask.ts'
import {
  type GuardedApi,
  type ServerKind,
  serverKinds,
  startGuardedApi,
} from './kit/guarded-api.ts'
import { type Answer, form, send } from './kit/http.ts'
import { sendRaw } from './kit/raw-socket.ts'
import { useMintmark } from './kit/start-domain.ts'
import type { Api, Client } from './kit/test-domain.ts'

const domain = await useMintmark()
const audience = 'https://guarded.example/orders'
const wellKnown = '/.well-known/oauth-protected-resource'
const metadataUrl = `https://guarded.example${wellKnown}/orders`

const api: Api = await domain.createApi({
  audience,
  scopes: ['orders.read', 'orders.write'],
  profile: 'rfc9068',
  introspects: true,
})
const role = await domain.admin.createRole(api, 'Manager', ['orders.read'])
const reader = await domain.createClient({ scopes: [`${audience}orders.read`] })
const writer = await domain.createClient({ scopes: [`${audience}orders.write`] })
const manager = await domain.createClient({ scopes: [`${audience}orders.write`] })
await domain.admin.grantRole(api.id, role, manager)
const otherApi = await domain.createApi({
  audience: 'https://other.example/',
  scopes: ['use'],
  profile: 'rfc9068',
})
const stranger = await domain.createClient({ scopes: [`${otherApi.audience}use`] })

const issue = async (client: Client, more: Readonly<Record<string, string>> = {}) =>
  assertOk(await askToken(domain, client, more))

const tokens = {
  reader: await issue(reader),
  writer: await issue(writer),
  manager: await issue(manager),
  stranger: await issue(stranger),
}

const options: GuardOptions = { issuer: domain.issuer, audience, scopes: ['orders.read'] }

interface Ask {
  readonly token?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string
}

const ask = (url: string, path: string, wish: Ask = {}): Promise<Answer> => {
  const { token, method = 'GET', headers = {}, body } = wish
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return send({
    url: url + path,
    method,
    headers: { ...authorization, ...headers },
    ...(body === undefined ? {} : { body }),
  })
}

const challengeOf = (answer: Answer): ReadonlyMap<string, string> => {
  const text = answer.headers['www-authenticate'] ?? ''
  assert.match(text, /^Bearer (?:[a-z_]+="[^"\\]*"(?:, |$))+$/, text)
  const pairs = [...text.matchAll(/([a-z_]+)="([^"]*)"/g)].map(
    ([, name = '', value = '']) => [name, value] as const,
  )
  const parameters = new Map(pairs)
  assert.equal(parameters.size, pairs.length, `a parameter twice: ${text}`)
  return parameters
}

/** Refused, with this status, error and reason, on header and body alike. */
const assertRefused = (
  answer: Answer,
  status: number,
  error: string | undefined,
  reason: string,
): void => {
  assert.equal(answer.status, status, answer.text)
  const challenge = challengeOf(answer)
  assert.equal(challenge.get('error'), error)
  assert.equal(challenge.get('resource_metadata'), metadataUrl)
  assert.match(answer.headers['content-type'] ?? '', /^application\/problem\+json/)
  assert.equal(answer.headers['cache-control'], 'no-store')
  assert.equal(answer.json?.['reason'], reason)
  assert.equal(answer.json?.['status'], status)
  assert.ok(!answer.text.includes('client'), 'nothing of the route is returned')
}

const kindTests = (kind: ServerKind): void => {
  let url = ''
  let stop: GuardedApi['stop']
  before(async () => {
    ;({ url, stop } = await startGuardedApi(kind, options))
  })
  after(() => stop())

  it('BT-01 a token in the header is accepted', async () => {
    const answer = await ask(url, '/orders', { token: tokens.reader })
    assert.equal(answer.status, 200, answer.text)
    assert.deepEqual(answer.json, {
      type: 'client',
      client: reader.clientId,
      subject: reader.clientId,
      scopes: ['orders.read'],
      account: null,
      session: null,
    })
  })

  it('BT-02 the scheme has no case', async () => {
    for (const scheme of ['bearer', 'BEARER', 'bEaReR']) {
      const headers = { authorization: `${scheme} ${tokens.reader}` }
      assert.equal((await ask(url, '/orders', { headers })).status, 200, scheme)
    }
  })

  it('BT-03 a token in the query is not read', async () => {
    const answer = await ask(url, `/orders?access_token=${tokens.reader}`)
    assertRefused(answer, 401, undefined, 'TOKEN_MISSING')
  })

  it('BT-04 a token in the body is not read', async () => {
    const body = form({ access_token: tokens.writer })
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await ask(url, '/orders', { method: 'POST', headers, body })
    assertRefused(answer, 401, undefined, 'TOKEN_MISSING')
  })

  it('BT-06, BT-07 no token: a challenge with a realm and without an error', async () => {
    const answer = await ask(url, '/orders')
    assertRefused(answer, 401, undefined, 'TOKEN_MISSING')
    assert.equal(challengeOf(answer).get('realm'), 'api')
    const basic = await ask(url, '/orders', { headers: { authorization: 'Basic YTpi' } })
    assertRefused(basic, 401, undefined, 'TOKEN_MISSING')
  })

  it('BT-08 a wrong token is invalid_token', async () => {
    const other = await ask(url, '/orders', { token: tokens.stranger })
    assertRefused(other, 401, 'invalid_token', 'AUDIENCE_MISMATCH')
    assert.equal(other.json?.['expected'], audience)
    assert.equal(other.json?.['got'], otherApi.audience)
    assert.equal(
      challengeOf(other).get('error_description'),
      `Token is for audience ${otherApi.audience}, this API is ${audience}`,
    )
    const malformed = await ask(url, '/orders', { token: 'abc' })
    assertRefused(malformed, 401, 'invalid_token', 'TOKEN_MALFORMED')
    const forged = `${tokens.reader.slice(0, -9)}AAAAAAAAA`
    const wrong = await ask(url, '/orders', { token: forged })
    assertRefused(wrong, 401, 'invalid_token', 'SIGNATURE_WRONG')
  })

  it('BT-09 a scope or a role that is missing is insufficient_scope', async () => {
    const answer = await ask(url, '/orders', { token: tokens.reader, method: 'POST' })
    assertRefused(answer, 403, 'insufficient_scope', 'SCOPE_MISSING')
    assert.equal(challengeOf(answer).get('scope'), 'orders.write')
    assert.equal((await ask(url, '/orders', { token: tokens.writer, method: 'POST' })).status, 200)
    const role = await ask(url, '/reports', { token: tokens.reader })
    assertRefused(role, 403, 'insufficient_scope', 'ROLE_MISSING')
    assert.equal((await ask(url, '/reports', { token: tokens.manager })).status, 200)
    assert.equal((await ask(url, '/either', { token: tokens.writer })).status, 200)
    assert.equal((await ask(url, '/any', { token: tokens.writer })).status, 200)
  })

  it('BT-10 a field that is no token is invalid_request', async () => {
    for (const authorization of ['Bearer a b', 'Bearer', 'Bearer "x"', `Bearer=${tokens.reader}`]) {
      const answer = await ask(url, '/orders', { headers: { authorization } })
      if (authorization.startsWith('Bearer=')) assert.equal(answer.status, 401)
      else assertRefused(answer, 400, 'invalid_request', 'AUTHORIZATION_MALFORMED')
    }
  })

  it('BT-11 every parameter once, and in quotes that hold', async () => {
    const answers = [
      await ask(url, '/orders', { token: tokens.stranger }),
      await ask(url, '/orders', { token: tokens.reader, method: 'POST' }),
      await ask(url, '/orders', { token: 'abc' }),
    ]
    for (const answer of answers) challengeOf(answer)
  })

  it('BT-13 two Authorization fields are invalid_request', async () => {
    const field = `Authorization: Bearer ${tokens.reader}\r\n`
    const basic = 'Authorization: Basic YTpi\r\n'
    for (const fields of [field + field, field + basic, basic + field]) {
      const head = `GET /orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${fields}\r\n`
      const answer = await sendRaw(url, head)
      assert.match(answer, /^HTTP\/1\.1 400 /, fields)
      assert.match(answer, /www-authenticate: Bearer realm="api", error="invalid_request"/i)
    }
  })

  it('BT-12, PR-01, PR-02, PR-03, PR-05, PR-07 the challenge leads to the metadata', async () => {
    for (const path of [wellKnown, `${wellKnown}/orders`]) {
      const answer = await ask(url, path)
      assert.equal(answer.status, 200, path)
      assert.match(answer.headers['content-type'] ?? '', /^application\/json/)
      assert.deepEqual(answer.json, {
        resource: audience,
        authorization_servers: [domain.issuer],
        scopes_supported: ['orders.read'],
        bearer_methods_supported: ['header'],
      })
    }
    assert.equal((await ask(url, `${wellKnown}/other`)).status, 404)
  })
}

for (const kind of serverKinds) describe(`an API on ${kind}`, () => kindTests(kind))

describe('an API that asks about each token', () => {
  const caller = api.client as Client
  const introspection = {
    clientId: caller.clientId,
    clientSecret: caller.secret,
    maxAgeSeconds: 0,
  }

  for (const kind of serverKinds) {
    it(`BT-08 a revoked token is invalid_token on ${kind}`, async (test) => {
      const { url, stop } = await startGuardedApi(kind, { ...options, introspection })
      test.after(() => stop())
      const token = await issue(reader)
      assert.equal((await ask(url, '/orders', { token })).status, 200)
      assert.equal((await revoke(domain, reader, token)).status, 200)
      const answer = await ask(url, '/orders', { token })
      assertRefused(answer, 401, 'invalid_token', 'TOKEN_INACTIVE')
      const other = await ask(url, '/orders', { token: tokens.stranger })
      assertRefused(other, 401, 'invalid_token', 'TOKEN_INACTIVE')
      assertRefused(
        await ask(url, '/orders', { token: tokens.writer }),
        403,
        'insufficient_scope',
        'SCOPE_MISSING',
      )
    })
  }
})
