import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { tryBackups } from './kit/backup-load.ts'

// The full count is run by `node conformance/backup-load.ts`.
test('F-43 a backup under load holds what was acknowledged, and nothing by half', async () => {
  const wish = { applications: 200, requestsPerSecond: 50, rounds: 1, windowMs: 200 }
  const { faults, beside, busy } = await tryBackups(wish)
  deepEqual(faults, [])
  ok(beside.before <= beside.found && beside.found <= beside.after, JSON.stringify(beside))
  equal(busy[0]?.failed, 0)
})
