import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fail, ok } from '@mintmark/protocol/result'
import { createGuard } from './guard.ts'
import { createKeySource } from './key-source.ts'
import { readRequirement } from './requirement.ts'
import { testIssuer } from './testing.ts'
import { readKeySet } from './verifying-key.ts'

const settle = () => new Promise((fulfil) => setImmediate(fulfil))

const open = () => {
  const state = { nowMs: 0, loads: 0, isUp: true, maxAgeSeconds: 600, troubles: 0 }
  const source = createKeySource({
    load: async () => {
      state.loads += 1
      await settle()
      const { maxAgeSeconds } = state
      return state.isUp ? ok({ keys: [], maxAgeSeconds }) : fail('down')
    },
    steadyMs: () => state.nowMs,
    cooldownMs: 30_000,
    staleMsMax: 3_600_000,
    report: () => {
      state.troubles += 1
    },
  })
  return { state, source }
}

test('callers at once share one request, and an unknown key asks again after a while', async () => {
  const { state, source } = open()
  assert.equal(source.current(), null)
  await Promise.all(Array.from({ length: 100 }, () => source.renew()))
  assert.equal(state.loads, 1)
  for (let at = 0; at < 29; at += 1) {
    state.nowMs += 1000
    await source.renew()
  }
  assert.equal(state.loads, 1)
  state.nowMs += 1000
  await Promise.all([source.renew(), source.renew()])
  assert.equal(state.loads, 2)
})

test('old keys are served while they are renewed, and not for ever', async () => {
  const { state, source } = open()
  await source.renew()
  state.nowMs = 601_000
  assert.deepEqual(source.current(), [])
  assert.equal(state.loads, 2)
  await settle()
  await settle()
  state.isUp = false
  state.nowMs += 601_000
  for (let at = 0; at < 3; at += 1) {
    assert.deepEqual(source.current(), [])
    await settle()
    await settle()
  }
  assert.equal(state.loads, 3, 'after a failure it waits')
  assert.equal(state.troubles, 1)
  state.nowMs = 601_000 + 3_600_001
  assert.equal(source.current(), null, 'fails closed')
})

test('an issuer that is down is asked less and less often', async () => {
  const { state, source } = open()
  state.isUp = false
  for (; state.nowMs < 120_000; state.nowMs += 500) await source.renew()
  assert.ok(state.loads <= 9, `${state.loads} requests in two minutes`)
  state.isUp = true
  state.nowMs += 30_000
  assert.deepEqual(await source.renew(), [])
})

test('a key that stays in the set stays the same object', async () => {
  const issuer = await testIssuer()
  const answer = await issuer.guardOptions.fetch(`${issuer.issuer}/jwks`, {})
  const text = await answer.text()
  let nowMs = 0
  const source = createKeySource({
    load: async () => ok({ keys: readKeySet(JSON.parse(text), false) ?? [], maxAgeSeconds: null }),
    steadyMs: () => nowMs,
    cooldownMs: 0,
    staleMsMax: 1000,
    report: () => {},
  })
  const before = await source.renew()
  nowMs += 1
  const after = await source.renew()
  assert.notEqual(before, after)
  assert.equal(before?.[0], after?.[0])
})

const anything = readRequirement(undefined)

test('a key that has left the set takes with it what it signed, remembered or not', async () => {
  const issuer = await testIssuer()
  let nowMs = Date.now()
  const guard = createGuard({ ...issuer.guardOptions, nowMs: () => nowMs })
  const before = issuer.token()
  assert.ok((await guard.checkToken(before, anything)).ok)
  assert.ok((await guard.checkToken(before, anything)).ok)
  issuer.rotate()
  const after = issuer.token()
  const early = await guard.checkToken(after, anything)
  assert.equal(early.ok ? '' : early.failure.reason, 'KEY_UNKNOWN')
  assert.equal(issuer.calls.length, 2, 'asked just now')
  nowMs += 31_000
  assert.ok((await guard.checkToken(after, anything)).ok)
  const late = await guard.checkToken(before, anything)
  assert.equal(late.ok ? '' : late.failure.reason, 'KEY_UNKNOWN')
  assert.equal(issuer.calls.length, 3)
})

test('remembering a token skips neither expiry nor audience nor scope', async () => {
  const issuer = await testIssuer()
  let nowMs = Date.now()
  const guard = createGuard({ ...issuer.guardOptions, nowMs: () => nowMs })
  const token = issuer.token({ scope: 'a' })
  assert.ok((await guard.checkToken(token, readRequirement('a'))).ok)
  const lacking = await guard.checkToken(token, readRequirement('b'))
  assert.equal(lacking.ok ? '' : lacking.failure.reason, 'SCOPE_MISSING')
  nowMs += 331_000
  const late = await guard.checkToken(token, readRequirement('a'))
  assert.equal(late.ok ? '' : late.failure.reason, 'TOKEN_EXPIRED')
  const other = createGuard({ ...issuer.guardOptions, audience: 'https://other.test' })
  const foreign = await other.checkToken(token, anything)
  assert.equal(foreign.ok ? '' : foreign.failure.reason, 'AUDIENCE_MISMATCH')
})
