import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClientError } from './client-error.ts'
import type { ClientEvent } from './client-event.ts'
import type { ClientOptions } from './client-options.ts'
import { createClient } from './create-client.ts'
import {
  makeWorld,
  metadataPath,
  type Reply,
  startIssuer,
  type TestServer,
  tokenPath,
  tokenReply,
} from './test-server.ts'

const optionsFor = (server: TestServer, more: ClientOptions = {}): ClientOptions => ({
  issuer: server.url,
  clientId: 'caller',
  clientSecret: 'a-secret-of-the-caller',
  audience: 'https://api.example/',
  scope: ['read'],
  ...more,
})

const deferred = <T>() => {
  let fulfil: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    fulfil = settle
  })
  return { promise, fulfil }
}

const until = async (isSo: () => boolean): Promise<void> => {
  for (let tries = 0; !isSo(); tries += 1) {
    assert.ok(tries < 500, 'it never happened')
    await new Promise((fulfil) => setTimeout(fulfil, 10))
  }
}

test('a thousand callers at once make one token request', async (t) => {
  const server = await startIssuer()
  t.after(server.close)
  const client = createClient(optionsFor(server), makeWorld())
  const tokens = await Promise.all(Array.from({ length: 1000 }, () => client.token()))
  assert.equal(server.at(tokenPath).length, 1)
  assert.equal(server.at(metadataPath).length, 1)
  assert.equal(new Set(tokens.map(({ value }) => value)).size, 1)
})

test('a thousand callers of 20 scopes, audiences and keys: 20 tokens, each its own', async (t) => {
  const server = await startIssuer(({ form, headers }) => {
    const who = Buffer.from(String(headers.authorization).slice(6), 'base64').toString()
    const value = Buffer.from(`${who} ${form.get('scope')}`).toString('base64url')
    return tokenReply({ access_token: value })
  })
  t.after(server.close)
  const clients = ['one', 'two'].map((clientId) =>
    createClient(optionsFor(server, { clientId }), makeWorld()),
  )
  const sets = clients.flatMap((client, at) =>
    ['https://a.example/', 'https://b.example/'].flatMap((audience) =>
      ['r', 'w', 'r w', 'x', 'x r'].map((scope) => ({ client, at, audience, scope })),
    ),
  )
  assert.equal(sets.length, 20)
  await Promise.all(
    Array.from({ length: 1000 }, async (_, at) => {
      const { client, audience, scope, at: who } = sets[at % 20]!
      const { value } = await client.token({ audience, scope: scope.split(' ').reverse() })
      const [id, ...scopes] = Buffer.from(value, 'base64url').toString().split(' ')
      assert.equal(id, `${['one', 'two'][who]}:a-secret-of-the-caller`)
      assert.deepEqual(
        scopes.sort(),
        scope
          .split(' ')
          .sort()
          .map((each) => audience + each),
      )
    }),
  )
  assert.equal(server.at(tokenPath).length, 20)
})

test('a token says what was granted: as the server says, else as was asked', async (t) => {
  const server = await startIssuer(({ form }) =>
    form.get('scope')?.includes('less') ? tokenReply({ scope: 'little' }) : tokenReply(),
  )
  t.after(server.close)
  const client = createClient(optionsFor(server), makeWorld())
  assert.equal((await client.token({ scope: 'b a' })).scope, 'a b')
  assert.equal((await client.token({ scope: 'less more' })).scope, 'little')
  assert.equal((await client.token({ scope: [] })).scope, null)
})

test('order and repetition of scopes make no other token', async (t) => {
  const server = await startIssuer()
  t.after(server.close)
  const client = createClient(optionsFor(server), makeWorld())
  const first = await client.token({ scope: 'a b' })
  assert.equal(await client.token({ scope: ['b', 'a', 'b'] }), first)
})

test('renewal begins before the end, blocks nobody, and is one request', async (t) => {
  const held = deferred<Reply>()
  const answers: (Reply | Promise<Reply>)[] = [tokenReply({ expires_in: 1000 }), held.promise]
  const server = await startIssuer(() => answers.shift() ?? tokenReply())
  t.after(server.close)
  const world = makeWorld({}, 0.5)
  const client = createClient(optionsFor(server), world)
  const old = await client.token()
  world.advance(799_000)
  assert.equal(await client.token(), old)
  assert.equal(server.at(tokenPath).length, 1)
  world.advance(2_000)
  const served = await Promise.all(Array.from({ length: 100 }, () => client.token()))
  assert.ok(served.every((each) => each === old))
  await until(() => server.at(tokenPath).length === 2)
  assert.equal(await client.token(), old)
  held.fulfil(tokenReply({ access_token: 'renewed' }))
  await until(() => server.at(tokenPath).length === 2)
  let now = await client.token()
  for (let tries = 0; now === old && tries < 500; tries += 1) {
    await new Promise((fulfil) => setTimeout(fulfil, 5))
    now = await client.token()
  }
  assert.equal(now.value, 'renewed')
  assert.equal(server.at(tokenPath).length, 2)
})

test('clients that began together renew at different moments', async (t) => {
  const server = await startIssuer(() => tokenReply({ expires_in: 1000 }))
  t.after(server.close)
  const renewsAt = async (random: number): Promise<number> => {
    const world = makeWorld({}, random)
    const events: ClientEvent[] = []
    const onEvent = (event: ClientEvent) => events.push(event)
    const client = createClient(optionsFor(server, { onEvent }), world)
    await client.token()
    for (let second = 0; second < 1000; second += 1) {
      world.advance(1000)
      await client.token()
      const last = events.at(-1)
      if (last?.type === 'token_served' && last.renewing) return second + 1
    }
    return Number.NaN
  }
  assert.equal(await renewsAt(0), 750)
  assert.equal(await renewsAt(0.999), 850)
})

test('a token in its last moments is not handed out', async (t) => {
  const server = await startIssuer(() => tokenReply({ expires_in: 100 }))
  t.after(server.close)
  const world = makeWorld()
  const client = createClient(optionsFor(server), world)
  const old = await client.token()
  world.advance(90_001)
  assert.notEqual((await client.token()).value, old.value)
})

test('a failed renewal keeps the old token, and is not repeated with every call', async (t) => {
  let isDown = false
  const server = await startIssuer(() =>
    isDown ? { status: 400, body: { error: 'invalid_scope' } } : tokenReply({ expires_in: 1000 }),
  )
  t.after(server.close)
  const failures: ClientEvent[] = []
  const onEvent = (event: ClientEvent) => event.type === 'token_failed' && failures.push(event)
  const world = makeWorld()
  const client = createClient(optionsFor(server, { onEvent }), world)
  const old = await client.token()
  isDown = true
  world.advance(850_000)
  assert.equal(await client.token(), old)
  await until(() => failures.length === 1)
  for (let calls = 0; calls < 20; calls += 1) {
    assert.equal(await client.token(), old)
    await new Promise((fulfil) => setTimeout(fulfil, 2))
  }
  assert.equal(server.at(tokenPath).length, 2)
  isDown = false
  world.advance(1_500)
  assert.equal(await client.token(), old)
  await until(() => server.at(tokenPath).length === 3)
})

test('after a refusal the next callers get the same, and the server peace', async (t) => {
  const server = await startIssuer(() => ({
    status: 401,
    body: { error: 'invalid_client', error_description: 'no', ecid: 'id-1' },
  }))
  t.after(server.close)
  const world = makeWorld()
  const client = createClient(optionsFor(server), world)
  const refused = (error: unknown): boolean => {
    assert.ok(error instanceof ClientError)
    assert.equal(error.reason, 'client_refused')
    assert.equal(error.retryable, false)
    assert.equal(error.ecid, 'id-1')
    return true
  }
  for (let calls = 0; calls < 20; calls += 1) await assert.rejects(client.token(), refused)
  assert.equal(server.at(tokenPath).length, 1)
  world.advance(1_001)
  await assert.rejects(client.token(), refused)
  await assert.rejects(client.token(), refused)
  assert.equal(server.at(tokenPath).length, 2)
})

test('a caller that gives up stops nobody else', async (t) => {
  const held = deferred<Reply>()
  const server = await startIssuer(() => held.promise)
  t.after(server.close)
  const client = createClient(optionsFor(server), makeWorld())
  const giving = new AbortController()
  const impatient = client.token({ signal: giving.signal })
  const patient = client.token()
  giving.abort(new Error('enough'))
  await assert.rejects(impatient, /enough/)
  held.fulfil(tokenReply({ access_token: 'late' }))
  assert.equal((await patient).value, 'late')
})

test('close ends those who wait, and what comes after', async (t) => {
  const server = await startIssuer(() => new Promise(() => {}))
  t.after(server.close)
  const client = createClient(optionsFor(server), makeWorld())
  const waiting = client.token()
  await until(() => server.at(tokenPath).length === 1)
  client.close()
  const isClosed = (error: unknown) => error instanceof ClientError && error.reason === 'closed'
  await assert.rejects(waiting, isClosed)
  await assert.rejects(client.token(), isClosed)
})

test('a clock set forward makes tokens old; set back, it makes none younger', async (t) => {
  const server = await startIssuer(() => tokenReply({ expires_in: 100 }))
  t.after(server.close)
  const world = makeWorld()
  let jumpMs = 0
  const jumping = { ...world, nowMs: () => world.nowMs() + jumpMs }
  const client = createClient(optionsFor(server), jumping)
  const first = await client.token()
  jumpMs = 200_000
  const second = await client.token()
  assert.notEqual(second, first)
  jumpMs = -500_000
  world.advance(95_000)
  assert.notEqual(await client.token(), second)
})
