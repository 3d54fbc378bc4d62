import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnsweredCall } from './live-request.ts'
import { createLiveRequests, rememberedMax } from './live-requests.ts'

const ecidOf = (at: number): string => String(at).padStart(20, 'e')

const call = (at: number): AnsweredCall => ({
  spoken: {
    result:
      at % 3 === 0
        ? { ok: false, failure: { reason: 'SCOPE_UNKNOWN', detail: `detail ${at}` } }
        : { ok: true },
    clientId: `client ${at}`,
    proven: at % 5 !== 0,
    detail: { api: [`api ${at}`], scope: `scope ${at}` },
  },
  endpoint: at % 2 === 0 ? 'token' : 'introspect',
  ecid: ecidOf(at),
  source: `192.0.2.${at % 250}`,
  status: at % 3 === 0 ? 400 : 200,
  milliseconds: at / 8,
})

for (const count of [3, rememberedMax, 2 * rememberedMax + 7]) {
  test(`of ${count} requests the last are remembered as they were`, () => {
    const live = createLiveRequests(null)
    for (let at = 0; at < count; at += 1) live.note(call(at))
    const remembered = live.remembered()
    const first = Math.max(0, count - rememberedMax)
    assert.equal(remembered.length, count - first)
    for (const [index, { atMs, ...told }] of remembered.entries()) {
      const at = first + index
      const isRefused = at % 3 === 0
      assert.ok(Math.abs(Date.now() - atMs) < 60_000)
      assert.deepEqual(told, {
        ecid: ecidOf(at),
        endpoint: at % 2 === 0 ? 'token' : 'introspect',
        status: isRefused ? 400 : 200,
        milliseconds: at / 8,
        source: `192.0.2.${at % 250}`,
        client: at % 5 === 0 ? null : `client ${at}`,
        apis: [`api ${at}`],
        scopes: `scope ${at}`,
        reason: isRefused ? 'SCOPE_UNKNOWN' : null,
        detail: isRefused ? `detail ${at}` : null,
      })
    }
  })
}

test('what was remembered stays as it was told when others take its place', () => {
  const live = createLiveRequests(null)
  live.note(call(1))
  const [told] = live.remembered()
  for (let at = 2; at < 2 + rememberedMax; at += 1) live.note(call(at))
  assert.equal(told?.ecid, ecidOf(1))
  assert.equal(told?.client, 'client 1')
})

test('those of one millisecond are told newest first too', async () => {
  const live = createLiveRequests(null)
  const filter = { denied: false, clientId: null, api: null, reason: null }
  for (let at = 1; at <= 40; at += 1) live.note(call(at))
  const told = (await live.recent(filter, 40)).map(({ ecid }) => ecid)
  const newestFirst = Array.from({ length: 40 }, (_, at) => ecidOf(40 - at))
  assert.deepEqual(told, newestFirst)
})
