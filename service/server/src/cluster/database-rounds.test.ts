import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { postgresForTests } from '@mintmark/storage/postgres/postgres-test-database'
import { runDatabaseRounds } from './database-rounds.ts'
import { createPair, restartDatabase } from './disturb-database.ts'

const postgres = postgresForTests()

// The full counts are run by `npm run postgres:restarts` and `npm run postgres:promotions`.
describe('servers under load', { skip: postgres.skip }, () => {
  before(postgres.start)
  after(postgres.stop)

  it('lose nothing when PostgreSQL is killed, and go on within a second', async () => {
    const report = await runDatabaseRounds({
      url: await postgres.server().createDatabase(),
      servers: 2,
      rounds: 2,
      disturb: (round) => restartDatabase(postgres.server(), round),
      countConnections: () => postgres.server().countConnections(),
    })
    assert.deepEqual(report.faults, [])
    assert.ok(report.acknowledged > 40, `only ${report.acknowledged} were acknowledged`)
    // twice what is promised, as the machine of a test does other things too
    assert.ok(Math.max(...report.errorMs, ...report.backMs) < 2000, JSON.stringify(report))
    const [first, last] = report.connections
    assert.ok(last <= first + 2 && last <= 32, `${first} connections, then ${last}`)
  })
  it('lose nothing when a standby is promoted, and go on within two seconds', async () => {
    const first = postgres.server()
    const url = await first.createDatabase()
    const pair = await createPair(first)
    const second = pair.standby()
    try {
      const report = await runDatabaseRounds({
        url: url.replace(first.host, pair.hosts),
        servers: 2,
        rounds: 2,
        disturb: pair.promote,
        countConnections: () => pair.primary().countConnections(),
        onRound: () => pair.rejoin(),
      })
      assert.deepEqual(report.faults, [])
      assert.ok(report.acknowledged > 40, `only ${report.acknowledged} were acknowledged`)
      assert.ok(Math.max(...report.backMs) < 2000, JSON.stringify(report))
    } finally {
      await second.remove()
    }
  })
})
