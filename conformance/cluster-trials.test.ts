import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  startCluster,
  tryReplays,
  tryRevocations,
  tryRollingRestart,
} from './kit/cluster-trials.ts'
import { noDataFile } from './kit/mintmark-domain.ts'

const skip = noDataFile === false && 'the data is in a file; see npm run test:postgres'

// The full counts are run by `npm run postgres:cluster`.
test('3 servers honour no revoked token, take an assertion once, are replaced unseen', {
  skip,
}, async () => {
  const cluster = await startCluster(3)
  try {
    const seen = await tryRevocations(cluster, { trials: 30, guards: 4, pauses: 1 })
    assert.equal(seen.accepted, 0)
    assert.ok(Math.max(...seen.pausedMs) < 3500, `${seen.pausedMs} ms`)
    assert.equal(await tryReplays(cluster, 100), 0)
    const { tokens, faults } = await tryRollingRestart(cluster)
    assert.deepEqual(faults, [])
    assert.ok(tokens > 50, `${tokens} tokens`)
  } finally {
    await cluster.stop()
  }
})
