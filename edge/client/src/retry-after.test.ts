import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backOffMs, readRetryAfter } from './retry-after.ts'

const nowMs = Date.UTC(2026, 0, 1, 12, 0, 0)

const rows: readonly (readonly [string | undefined, number | null])[] = [
  [undefined, null],
  ['0', 0],
  ['7', 7],
  [' 7 ', 7],
  ['299', 299],
  ['86400', 300],
  ['999999999999', 300],
  ['Thu, 01 Jan 2026 12:00:09 GMT', 9],
  ['Thursday, 01-Jan-26 12:00:09 GMT', 9],
  ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
  ['Fri, 02 Jan 2026 12:00:00 GMT', 300],
  ['-5', null],
  ['1.5', null],
  ['soon', null],
  ['', null],
]

for (const [field, seconds] of rows) {
  test(`Retry-After ${JSON.stringify(field)} is ${seconds}`, () => {
    assert.equal(readRetryAfter(field, nowMs), seconds)
  })
}

test('waits double, stay in the upper half, and are bounded', () => {
  assert.deepEqual([backOffMs(1, 0), backOffMs(1, 1)], [100, 200])
  assert.deepEqual([backOffMs(3, 0), backOffMs(3, 1)], [400, 800])
  assert.equal(backOffMs(40, 1), 5000)
})
