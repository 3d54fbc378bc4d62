import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ExpiringCredential } from '@mintmark/registry/expiring-credential'
import { countExpiring, daysLeft, isExpiring, noticeName } from './decide-expiry-notices.ts'

const nowMs = Date.UTC(2026, 10, 21, 12)
const day = 86_400_000

const ending = (inMs: number, kind: ExpiringCredential['kind'] = 'secret'): ExpiringCredential => ({
  kind,
  id: 'a1',
  label: 'first',
  ending: null,
  applicationId: null,
  expiresAtMs: nowMs + inMs,
})

test('who ends within 7 days is among those within 30, who has ended is nowhere', () => {
  const table: readonly (readonly [number, number, number])[] = [
    [-1, 0, 0],
    [0, 0, 0],
    [1, 1, 1],
    [7 * day, 1, 1],
    [7 * day + 1, 0, 1],
    [30 * day, 0, 1],
    [30 * day + 1, 0, 0],
  ]
  for (const [inMs, within7Days, within30Days] of table) {
    const counts = countExpiring([ending(inMs)], nowMs)
    assert.deepEqual(counts.secret, { within7Days, within30Days }, `${inMs}`)
    assert.deepEqual(counts.certificate, { within7Days: 0, within30Days: 0 })
    assert.equal(isExpiring(ending(inMs), nowMs), within30Days === 1)
  }
  assert.equal(countExpiring([ending(day, 'certificate')], nowMs).certificate.within7Days, 1)
})

test('a notice is one a credential and day', () => {
  assert.equal(noticeName(ending(day), nowMs), 'secret a1 2026-11-21')
  assert.equal(noticeName(ending(day), nowMs + 12 * 3_600_000), 'secret a1 2026-11-22')
  assert.equal(daysLeft(ending(1), nowMs), 1)
  assert.equal(daysLeft(ending(2 * day), nowMs), 2)
})
