import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Cluster, startCluster } from './kit/cluster.ts'
import { tryCutGuards } from './kit/cluster-cut-guards.ts'
import { tryRevocations } from './kit/cluster-revocations.ts'
import { startDatabases } from './kit/test-databases.ts'

const databases = await startDatabases()
const skip = databases === null && 'no PostgreSQL can be started here'

// The full counts are run by `npm run postgres:cluster`.
describe('3 servers on one PostgreSQL', { skip }, () => {
  let cluster: Cluster
  before(async () => {
    cluster = await startCluster(3, databases === null ? {} : { databases: databases.address })
  })
  after(async () => {
    await cluster.stop()
    await databases?.stop()
  })

  it('call no token good whose end was answered, one of them stopped or cut off', async () => {
    const wish = { trials: 10, guards: 4, stops: 1, cuts: 1 }
    const guards = tryCutGuards(cluster, { trials: 2, staleSeconds: 2 })
    const seen = await tryRevocations(cluster, wish)
    assert.equal(seen.accepted, 0)
    assert.ok(seen.asked > 100, `${seen.asked} asked`)
    assert.ok(Math.max(...seen.stoppedMs, ...seen.cutMs) < 5000, JSON.stringify(seen))
    assert.ok(Math.max(...seen.honouredMs) <= 2100, `${seen.honouredMs} ms`)
    const { lastInMs, accepted } = await guards
    assert.ok(Math.max(...lastInMs) <= 2000, `a guard cut off: ${lastInMs} ms`)
    assert.equal(accepted, 0)
  })
})
