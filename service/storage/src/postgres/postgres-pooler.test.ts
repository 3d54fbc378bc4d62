import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { storageContract } from '../storage-contract.ts'
import { noPgbouncer, type Pgbouncer, startPgbouncer } from './pgbouncer-for-tests.ts'
import { openPostgres } from './postgres-database.ts'
import { postgresForTests } from './postgres-test-database.ts'

const postgres = postgresForTests()

// The real thing is a program of the system: where it is missing, its name is said.
describe('PostgreSQL behind pgbouncer', { skip: postgres.skip || noPgbouncer }, () => {
  let pooler: Pgbouncer
  before(async () => {
    await postgres.start()
    pooler = await startPgbouncer(postgres.server().host)
  })
  after(async () => {
    await pooler.stop()
    await postgres.stop()
  })

  it('is known for a pooler, by which no hints come', async () => {
    const url = await postgres.server().createDatabase()
    for (const [way, hears] of [
      [url, true],
      [pooler.through(url), false],
    ] as const) {
      const database = openPostgres({ url: way })
      await database.read.all('SELECT 1 AS one', [])
      assert.equal(database.hearsWakes(), hears)
      await database.close()
    }
  })

  it('leaves nothing behind in the sessions that it shares', async () => {
    const url = await postgres.server().createDatabase()
    const databases = [1, 2, 3].map(() => openPostgres({ url: pooler.through(url) }))
    const [first] = databases
    await first?.transaction((all) => all.run('CREATE TABLE counter (total integer)', []))
    await first?.transaction((all) => all.run('INSERT INTO counter VALUES (0)', []))
    await Promise.all(
      Array.from({ length: 90 }, (_, index) =>
        databases[index % 3]?.transaction((all) =>
          all.run('UPDATE counter SET total = total + 1', []),
        ),
      ),
    )
    const left = `SELECT total, current_setting('statement_timeout') AS bound,
      (SELECT count(*) FROM pg_prepared_statements) AS prepared,
      (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory') AS locks FROM counter`
    const direct = openPostgres({ url: pooler.through(url) })
    assert.deepEqual(await direct.read.all(left, []), [
      { total: 90, bound: '5s', prepared: 0, locks: 0 },
    ])
    await Promise.all([...databases, direct].map((database) => database.close()))
  })

  // two minutes: `npm run test:system`
  if (process.env['MINTMARK_POOLER_CONTRACT'] === undefined) return
  storageContract('PostgreSQL behind pgbouncer', async () => {
    const url = pooler.through(await postgres.server().createDatabase())
    let database = openPostgres({ url })
    return {
      database,
      reopen: async () => {
        await database.close()
        database = openPostgres({ url })
        return database
      },
      remove: () => database.close(),
    }
  })
})
