import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCrashRounds } from './kit/crash-rounds.ts'
import { noDataFile } from './kit/mintmark-domain.ts'

// The full count is run by `node conformance/crash-rounds.ts`.
for (const workers of [1, 2]) {
  test(`kill -9 of a server with ${workers} serving: nothing acknowledged is lost`, async () => {
    const report = await runCrashRounds({ rounds: 4, loadMsMax: 250, workers })
    assert.deepEqual(report.faults, [])
    // servers on one database wait a lease for the one that was killed
    const least = noDataFile === false ? 40 : 4
    assert.ok(report.acknowledged > least, `only ${report.acknowledged} writes were acknowledged`)
  })
}
