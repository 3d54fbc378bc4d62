import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clocksApartMsMax, coverRecorded, type Revocation } from './revocation.ts'

const atMs = 1_700_000_000_000
const mark: Revocation = {
  domain: 'd',
  kind: 'client',
  subject: 'app',
  issuedBeforeMs: atMs,
  expiresAtMs: atMs + 3_600_000,
}

test('a revocation covers what faster clocks have dated, as far as clocks may differ', () => {
  const table: readonly [what: string, latestMs: number, expectedMs: number][] = [
    ['nothing on record', 0, atMs],
    ['a record from before', atMs - 1, atMs],
    ['a faster clock', atMs + 1, atMs + 1],
    ['the fastest that may be', atMs + clocksApartMsMax, atMs + clocksApartMsMax],
    ['one that is wrong', atMs + clocksApartMsMax + 1, atMs],
  ]
  for (const [what, latestMs, issuedBeforeMs] of table) {
    assert.deepEqual(coverRecorded(mark, latestMs), { ...mark, issuedBeforeMs }, what)
  }
})
