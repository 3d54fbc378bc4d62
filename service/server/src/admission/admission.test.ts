import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAdmission } from './admission.ts'

const limits = {
  requestsPerMinute: 60,
  isExempt: (source: string) => source === 'bench',
  pairsMax: 10,
}

test('a minute of requests at once, then as they refill', () => {
  const admission = createAdmission(limits)
  for (let at = 0; at < 60; at += 1) assert.equal(admission.take('app', 'a', 0), 0)
  assert.equal(admission.take('app', 'a', 0), 1)
  assert.equal(admission.take('app', 'a', 1000), 0)
  assert.equal(admission.take('app', 'a', 1000), 1)
})

test('pairs of client and source do not share a limit; exempt sources have none', () => {
  const admission = createAdmission(limits)
  for (let at = 0; at < 61; at += 1) admission.take('app', 'a', 0)
  assert.equal(admission.take('app', 'b', 0), 0)
  assert.equal(admission.take('other', 'a', 0), 0)
  for (let at = 0; at < 200; at += 1) assert.equal(admission.take('app', 'bench', 0), 0)
})

test('a clock that goes back gives nothing away', () => {
  const admission = createAdmission(limits)
  for (let at = 0; at < 60; at += 1) admission.take('app', 'a', 10_000)
  assert.equal(admission.take('app', 'a', 0), 1)
})
