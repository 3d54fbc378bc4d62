import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRemoteKeySets, type RemoteKeySetOptions } from './remote-key-set.ts'
import { type KeySource, keysAnswer, startKeySource } from './test-key-source.ts'

const minute = 60_000
const hour = 3_600_000

/** A source that shows k1, its reader, and a clock that stands still. */
const start = async (options: Partial<RemoteKeySetOptions> = {}) => {
  const source: KeySource = await startKeySource(keysAnswer('k1'))
  const clock = { ms: 1_000_000 }
  const sets = createRemoteKeySets({
    allowPrivateAddresses: true,
    now: () => clock.ms,
    totalTimeoutMs: 1000,
    ...options,
  })
  const uri = `http://127.0.0.1:${source.port}/keys`
  const kidsFor = async (kid: string | null, at = uri) => {
    const found = await sets.keysFor(at, kid)
    return found.ok ? found.value.map((key) => key.kid) : found.failure
  }
  return {
    source,
    clock,
    sets,
    uri,
    kidsFor,
    asked: () => source.requests.length,
    goDown: () => {
      source.answer = (request) => request.socket.destroy()
    },
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  }
}

test('a key set is kept for five minutes, the same keys each time', async () => {
  await using it = await start()
  const first = await it.sets.keysFor(it.uri, 'k1')
  it.clock.ms += 5 * minute - 1
  const second = await it.sets.keysFor(it.uri, null)
  assert.ok(first.ok && second.ok)
  assert.equal(first.value, second.value)
  assert.equal(it.asked(), 1)
})

test('a key that was taken away is gone after the cache life', async () => {
  await using it = await start()
  await it.kidsFor('k1')
  it.source.answer = keysAnswer()
  assert.deepEqual(await it.kidsFor('k1'), ['k1'])
  it.clock.ms += 5 * minute
  assert.deepEqual(await it.kidsFor('k1'), [])
})

test('a hundred callers at once are one request', async () => {
  await using it = await start()
  const all = await Promise.all(Array.from({ length: 100 }, () => it.kidsFor('k1')))
  assert.deepEqual(new Set(all.flat()), new Set(['k1']))
  assert.equal(it.asked(), 1)
})

test('a hundred callers of a source that is down are one request', async () => {
  await using it = await start()
  it.goDown()
  const all = await Promise.all(Array.from({ length: 100 }, () => it.kidsFor('k1')))
  assert.deepEqual(new Set(all), new Set(['unreachable']))
  assert.equal(it.asked(), 1)
})

test('a key that was added is found at once', async () => {
  await using it = await start()
  await it.kidsFor('k1')
  it.source.answer = keysAnswer('k1', 'k2')
  assert.deepEqual(await it.kidsFor('k2'), ['k1', 'k2'])
  assert.equal(it.asked(), 2)
})

test('unknown kids are one more request in thirty seconds', async () => {
  await using it = await start()
  await it.kidsFor('k1')
  const many = () => Promise.all(Array.from({ length: 50 }, (_, at) => it.kidsFor(`none-${at}`)))
  assert.deepEqual(new Set((await many()).flat()), new Set(['k1']))
  assert.equal(it.asked(), 2)
  it.clock.ms += 29_999
  await many()
  assert.equal(it.asked(), 2)
  it.clock.ms += 1
  it.source.answer = keysAnswer('k1', 'k2')
  assert.deepEqual(await it.kidsFor('k2'), ['k1', 'k2'])
  assert.equal(it.asked(), 3)
})

test('a first fetch is not repeated for a kid it did not bring', async () => {
  await using it = await start()
  assert.deepEqual(await it.kidsFor('k2'), ['k1'])
  assert.equal(it.asked(), 1)
})

test('a failed look for an unknown kid leaves the known keys in use', async () => {
  await using it = await start()
  await it.kidsFor('k1')
  it.goDown()
  assert.deepEqual(await it.kidsFor('k2'), ['k1'])
  assert.deepEqual(await it.kidsFor('k1'), ['k1'])
  assert.equal(it.asked(), 2)
})

test('old keys are used up to a day while the source is down', async () => {
  await using it = await start()
  await it.kidsFor('k1')
  it.goDown()
  it.clock.ms += 5 * minute
  assert.deepEqual(await it.kidsFor('k1'), ['k1'])
  it.clock.ms += 24 * hour - 5 * minute - 1
  assert.deepEqual(await it.kidsFor('k1'), ['k1'])
  it.clock.ms += 1
  assert.equal(await it.kidsFor('k1'), 'unreachable')
  it.clock.ms += 10_000
  it.source.answer = keysAnswer('k3')
  assert.deepEqual(await it.kidsFor('k3'), ['k3'])
})

test('old keys are not used when the source answers with something else', async () => {
  await using it = await start()
  await it.kidsFor('k1')
  it.source.answer = (_request, response) => response.writeHead(404).end()
  it.clock.ms += 5 * minute
  assert.equal(await it.kidsFor('k1'), 'refused')
})

test('a failure is remembered for ten seconds', async () => {
  await using it = await start()
  it.goDown()
  for (const _ of [1, 2, 3]) assert.equal(await it.kidsFor('k1'), 'unreachable')
  it.clock.ms += 9_999
  it.source.answer = keysAnswer('k1')
  assert.equal(await it.kidsFor('k1'), 'unreachable')
  assert.equal(it.asked(), 1)
  it.clock.ms += 1
  assert.deepEqual(await it.kidsFor('k1'), ['k1'])
  assert.equal(it.asked(), 2)
})

test('while a source is down, old keys cost one request in ten seconds', async () => {
  await using it = await start()
  await it.kidsFor('k1')
  it.goDown()
  it.clock.ms += hour
  for (const _ of [1, 2, 3]) assert.deepEqual(await it.kidsFor('k2'), ['k1'])
  assert.equal(it.asked(), 2)
})

test('the source that was used least lately is forgotten', async () => {
  await using it = await start({ cacheMax: 2 })
  for (const path of ['a', 'b', 'a', 'c', 'a', 'b']) {
    await it.kidsFor(null, `${it.uri}/${path}`)
  }
  assert.deepEqual(it.source.requests, ['/keys/a', '/keys/b', '/keys/c', '/keys/b'])
})

test('without leave, a private address is refused and never asked', async () => {
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }]
  await using it = await start({ allowPrivateAddresses: false, resolve })
  assert.equal(await it.kidsFor(null), 'refused')
  assert.equal(await it.kidsFor(null, `https://keys.example:${it.source.port}/`), 'refused')
  assert.deepEqual(it.source.connections, [])
})
