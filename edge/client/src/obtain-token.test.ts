import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { ClientError } from './client-error.ts'
import type { ClientEvent } from './client-event.ts'
import type { ClientOptions } from './client-options.ts'
import { createClient } from './create-client.ts'
import {
  makeWorld,
  metadataOf,
  metadataPath,
  type Reply,
  startIssuer,
  startTestServer,
  type TestServer,
  tokenPath,
  tokenReply,
} from './test-server.ts'

const secret = 'a-secret-that-nobody-may-see'

const optionsFor = (server: TestServer, more: ClientOptions = {}): ClientOptions => ({
  issuer: server.url,
  clientId: 'caller',
  clientSecret: secret,
  ...more,
})

/** Says each answer in turn, then tokens. */
const saying = (answers: (Reply | null)[]) => () => {
  const answer = answers.shift()
  return answer === undefined ? tokenReply() : answer
}

interface Row {
  readonly name: string
  readonly answers: readonly (Reply | null)[]
  readonly options?: ClientOptions
  /** Token requests that follow. */
  readonly requests: number
  /** Waits between them, at chance 0.5. */
  readonly waitsMs: readonly number[]
  /** Absent: a token. */
  readonly reason?: string
  readonly retryable?: boolean
  readonly retryAfterSeconds?: number | null
}

const busy = (field: string): Reply => ({ status: 429, headers: { 'retry-after': field } })
const refusal = (status: number, error: string): Reply => ({ status, body: { error } })
const down: Reply = { status: 503, body: { error: 'temporarily_unavailable' } }

const rows: readonly Row[] = [
  { name: 'a token at once', answers: [], requests: 1, waitsMs: [] },
  { name: '503, then a token', answers: [down], requests: 2, waitsMs: [150] },
  {
    name: '500, 502, 504, then a token',
    answers: [{ status: 500 }, { status: 502 }, { status: 504 }],
    requests: 4,
    waitsMs: [150, 300, 600],
  },
  {
    name: 'always 503',
    answers: [down, down, down, down, down],
    requests: 4,
    waitsMs: [150, 300, 600],
    reason: 'server_unavailable',
    retryable: true,
    retryAfterSeconds: null,
  },
  { name: 'a broken connection, then a token', answers: [null], requests: 2, waitsMs: [150] },
  { name: '429 with seconds', answers: [busy('3')], requests: 2, waitsMs: [3000] },
  {
    name: '429 with a date',
    answers: [busy('Thu, 01 Jan 2026 00:00:04 GMT')],
    requests: 2,
    waitsMs: [4000],
  },
  {
    name: '429 for longer than a caller waits',
    answers: [busy('60')],
    requests: 1,
    waitsMs: [],
    reason: 'rate_limited',
    retryable: true,
    retryAfterSeconds: 60,
  },
  {
    name: '429 for a year',
    answers: [busy('31536000')],
    requests: 1,
    waitsMs: [],
    reason: 'rate_limited',
    retryable: true,
    retryAfterSeconds: 300,
  },
  {
    name: '503 with Retry-After',
    answers: [{ ...down, headers: { 'retry-after': '2' } }],
    requests: 2,
    waitsMs: [2000],
  },
  {
    name: 'no waiting wanted',
    answers: [down],
    options: { maxWaitSeconds: 0 },
    requests: 1,
    waitsMs: [],
    reason: 'server_unavailable',
    retryable: true,
  },
  {
    name: '400 invalid_scope',
    answers: [refusal(400, 'invalid_scope')],
    requests: 1,
    waitsMs: [],
    reason: 'request_refused',
    retryable: false,
  },
  {
    name: '400 unauthorized_client',
    answers: [refusal(400, 'unauthorized_client')],
    requests: 1,
    waitsMs: [],
    reason: 'request_refused',
    retryable: false,
  },
  {
    name: '401 invalid_client',
    answers: [refusal(401, 'invalid_client')],
    requests: 1,
    waitsMs: [],
    reason: 'client_refused',
    retryable: false,
  },
  {
    name: '400 invalid_client',
    answers: [refusal(400, 'invalid_client')],
    requests: 1,
    waitsMs: [],
    reason: 'client_refused',
    retryable: false,
  },
  {
    name: '401 access_denied',
    answers: [refusal(401, 'access_denied')],
    requests: 1,
    waitsMs: [],
    reason: 'client_refused',
    retryable: false,
  },
  {
    name: '403 from something else',
    answers: [{ status: 403, body: '<h1>No</h1>' }],
    requests: 1,
    waitsMs: [],
    reason: 'answer_unreadable',
    retryable: false,
  },
  {
    name: 'a redirect',
    answers: [{ status: 307, headers: { location: '/elsewhere' } }],
    requests: 1,
    waitsMs: [],
    reason: 'answer_unreadable',
    retryable: false,
  },
  {
    name: '200 with HTML',
    answers: [{ body: '<h1>Hello</h1>' }],
    requests: 1,
    waitsMs: [],
    reason: 'answer_unreadable',
    retryable: false,
  },
  {
    name: '200 with a token that is two lines',
    answers: [tokenReply({ access_token: 'a\r\nb' })],
    requests: 1,
    waitsMs: [],
    reason: 'answer_unreadable',
    retryable: false,
  },
  {
    name: '200 with another token type',
    answers: [tokenReply({ token_type: 'mac' })],
    requests: 1,
    waitsMs: [],
    reason: 'answer_unreadable',
    retryable: false,
  },
]

for (const row of rows) {
  test(`retries: ${row.name}`, async (t) => {
    const server = await startIssuer(saying([...row.answers]))
    t.after(server.close)
    const world = makeWorld()
    const client = createClient(optionsFor(server, row.options), world)
    if (row.reason === undefined) assert.match((await client.token()).value, /^token-/)
    else {
      await assert.rejects(client.token(), (error) => {
        assert.ok(error instanceof ClientError, String(error))
        assert.equal(error.reason, row.reason)
        assert.equal(error.retryable, row.retryable)
        if (row.retryAfterSeconds !== undefined) {
          assert.equal(error.retryAfterSeconds, row.retryAfterSeconds)
        }
        return true
      })
    }
    assert.equal(server.at(tokenPath).length, row.requests)
    assert.deepEqual(world.sleptMs, row.waitsMs)
  })
}

test('who nobody answers is told so, with the host and without the secret', async () => {
  // a port that was somebody's a moment ago may be somebody else's by now
  const issuer = 'http://localhost:2'
  const client = createClient({ issuer, clientId: 'caller', clientSecret: secret }, makeWorld())
  await assert.rejects(client.token(), (error) => {
    assert.ok(error instanceof ClientError)
    assert.equal(error.reason, 'unreachable')
    assert.equal(error.retryable, true)
    assert.equal(error.message, 'localhost:2 was not reached: ECONNREFUSED.')
    return true
  })
})

test('a server that does not answer in time is unavailable, not waited for', async (t) => {
  const server = await startIssuer(() => new Promise(() => {}))
  t.after(server.close)
  const options = { timeoutSeconds: 0.1, maxWaitSeconds: 0 }
  const client = createClient(optionsFor(server, options), makeWorld())
  const isTimedOut = (error: unknown) =>
    error instanceof ClientError && error.reason === 'timed_out' && error.retryable
  await assert.rejects(client.token(), isTimedOut)
})

test('what the server says about a refusal is in the error, and no secret is', async (t) => {
  const server = await startIssuer((seen) => ({
    status: 401,
    body: {
      error: 'invalid_client',
      error_description: `secret ${secret}\nfrom ${seen.headers.authorization}`,
      ecid: 'abc',
    },
  }))
  t.after(server.close)
  const events: ClientEvent[] = []
  const onEvent = (event: ClientEvent) => events.push(event)
  const client = createClient(optionsFor(server, { onEvent }), makeWorld())
  await assert.rejects(client.token(), (error) => {
    assert.ok(error instanceof ClientError)
    const { status, ecid, errorDescription } = error
    assert.deepEqual([status, error.error, ecid], [401, 'invalid_client', 'abc'])
    assert.equal(errorDescription, 'secret … from Basic …')
    assert.match(error.message, /answered 401: invalid_client, secret … from Basic … \(ecid abc\)$/)
    const everything = inspect([error, events], { depth: 9 })
    assert.ok(!everything.includes(secret))
    assert.ok(!everything.includes(Buffer.from(`caller:${secret}`).toString('base64')))
    return true
  })
})

const folder = mkdtempSync(join(tmpdir(), 'mintmark-client-'))
test.after(() => rmSync(folder, { recursive: true, force: true }))

test('a secret that was rotated in its file is used without a restart', async (t) => {
  let right = 'first'
  const server = await startIssuer(({ headers }) => {
    const sent = Buffer.from(String(headers.authorization).slice(6), 'base64').toString()
    return sent === `caller:${right}`
      ? tokenReply({ expires_in: 100 })
      : refusal(401, 'invalid_client')
  })
  t.after(server.close)
  const clientSecretFile = join(folder, 'secret')
  writeFileSync(clientSecretFile, 'first\n')
  const events: string[] = []
  const world = makeWorld()
  const client = createClient(
    {
      issuer: server.url,
      clientId: 'caller',
      clientSecretFile,
      onEvent: ({ type }) => events.push(type),
    },
    world,
  )
  await client.token()
  right = 'second'
  writeFileSync(clientSecretFile, 'second\n')
  world.advance(100_000)
  const tokens = await Promise.all(Array.from({ length: 50 }, () => client.token()))
  assert.equal(new Set(tokens).size, 1)
  assert.equal(server.at(tokenPath).length, 3)
  assert.deepEqual(events.filter((each) => each === 'credentials_reread').length, 1)
})

test('credentials that changed are read once for all tokens that are refused', async (t) => {
  let right = 'first'
  const held: (() => void)[] = []
  const server = await startIssuer(async ({ headers }) => {
    const sent = Buffer.from(String(headers.authorization).slice(6), 'base64').toString()
    if (sent === `caller:${right}`) return tokenReply({ expires_in: 100 })
    // All are refused together, however they arrive.
    await new Promise<void>((fulfil) => {
      held.push(fulfil)
      if (held.length === 3) for (const each of held) each()
    })
    return refusal(401, 'invalid_client')
  })
  t.after(server.close)
  const clientSecretFile = join(folder, 'together')
  writeFileSync(clientSecretFile, 'first')
  const events: string[] = []
  const onEvent = ({ type }: ClientEvent) => events.push(type)
  const options = { issuer: server.url, clientId: 'caller', clientSecretFile, onEvent }
  const client = createClient(options, makeWorld())
  await client.token()
  right = 'second'
  writeFileSync(clientSecretFile, 'second')
  await Promise.all(['a', 'b', 'c'].map((scope) => client.token({ scope })))
  assert.equal(events.filter((each) => each === 'credentials_reread').length, 1)
})

test('a file that did not change is not tried twice', async (t) => {
  const server = await startIssuer(() => refusal(401, 'invalid_client'))
  t.after(server.close)
  const clientSecretFile = join(folder, 'same')
  writeFileSync(clientSecretFile, 'same')
  const client = createClient(
    { issuer: server.url, clientId: 'caller', clientSecretFile },
    makeWorld(),
  )
  await assert.rejects(client.token())
  assert.equal(server.at(tokenPath).length, 1)
})

test('a secret file that is missing or empty is named', async (t) => {
  const server = await startIssuer()
  t.after(server.close)
  const empty = join(folder, 'empty')
  writeFileSync(empty, '\n')
  for (const [file, why] of [
    [join(folder, 'none'), /none: there is no such file\.$/],
    [empty, /empty: it is empty\.$/],
  ] as const) {
    const options = { issuer: server.url, clientId: 'caller', clientSecretFile: file }
    await assert.rejects(createClient(options, makeWorld()).token(), why)
  }
  assert.equal(server.seen.length, 0)
})

test('a token endpoint that went away is found again through the metadata', async (t) => {
  const old = await startTestServer(() => tokenReply({ expires_in: 100 }))
  let endpoint = `${old.url}/token`
  const server = await startTestServer(({ path }, { url }) => {
    if (path === metadataPath) return metadataOf(url, { token_endpoint: endpoint })
    return path === '/new' ? tokenReply() : { status: 404 }
  })
  t.after(server.close)
  const world = makeWorld()
  const client = createClient(optionsFor(server), world)
  await client.token()
  endpoint = `${server.url}/new`
  await old.close()
  world.advance(100_000)
  await client.token()
  assert.equal(server.at('/new').length, 1)
})

test('a server that moved is found again through its metadata', async (t) => {
  let endpoint = '/old'
  const server = await startTestServer(({ path }, { url }) => {
    if (path === metadataPath) return metadataOf(url, { token_endpoint: url + endpoint })
    return path === endpoint ? tokenReply({ expires_in: 100 }) : { status: 404 }
  })
  t.after(server.close)
  const world = makeWorld()
  const client = createClient(optionsFor(server), world)
  await client.token()
  endpoint = '/new'
  world.advance(100_000)
  await assert.rejects(client.token())
  world.advance(2_000)
  await client.token()
  assert.equal(server.at('/new').length, 1)
})
