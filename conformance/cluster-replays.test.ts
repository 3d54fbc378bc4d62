import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startCluster } from './kit/cluster.ts'
import { tryReplays } from './kit/cluster-replays.ts'
import { startDatabases } from './kit/test-databases.ts'

const databases = await startDatabases()
const skip = databases === null && 'no PostgreSQL can be started here'

// The full count is run by `npm run postgres:replays`.
test('3 servers take an assertion once, and a DPoP proof, one of them killed meanwhile', {
  skip,
}, async () => {
  if (databases === null) return
  const cluster = await startCluster(3, { databases: databases.address })
  try {
    const { wrong, restarts } = await tryReplays(cluster, { rounds: 100, restarts: true })
    assert.equal(wrong, 0)
    assert.ok(restarts > 0)
  } finally {
    await cluster.stop()
    await databases.stop()
  }
})
