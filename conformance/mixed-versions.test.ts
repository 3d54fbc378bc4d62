import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startCluster } from './kit/cluster.ts'
import { mainOf } from './kit/copied-tree.ts'
import { tryRolls } from './kit/mixed-versions.ts'
import { makeNextVersion } from './kit/next-version.ts'
import { startDatabases } from './kit/test-databases.ts'

const databases = await startDatabases()
const skip = databases === null && 'no PostgreSQL can be started here'

// Real versions, at 500 requests a second, are put to it by `npm run postgres:upgrade`.
test('servers are replaced by those of the next version and back, unseen', { skip }, async () => {
  if (databases === null) return
  after(databases.stop)
  const next = makeNextVersion()
  const cluster = await startCluster(2, { databases: databases.address })
  try {
    const ours = mainOf(`${import.meta.dirname}/..`)
    const wish = { requestsPerSecond: 40, rolls: [next.main, ours], togetherMs: 200 }
    const seen = await tryRolls(cluster, wish)
    assert.deepEqual([...seen.failed, ...seen.wrong], [])
    assert.ok(seen.tokens > 50, `${seen.tokens} tokens`)
    assert.ok(seen.ended > 2 && seen.declared > 2, `${seen.declared} applications`)
  } finally {
    await cluster.stop()
    next.remove()
  }
})
