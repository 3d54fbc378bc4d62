import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { entryOf, proofOf, storedEvents } from '../contract-ledger-stand.ts'
import { domainA } from '../contract-records.ts'
import type { SharedDatabase } from '../database.ts'
import { StorageFailed } from '../database.ts'
import { migrate } from '../migrations/migrate.ts'
import { schemaNumber } from '../migrations/schema-number.ts'
import { createLedger } from '../stored-ledger.ts'
import { appendChange } from '../tables/change-entry.ts'
import { openPostgres } from './postgres-database.ts'
import { postgresForTests } from './postgres-test-database.ts'

const postgres = postgresForTests()

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Several connections to one database, as several servers have them. */
const withSeveral = async (
  count: number,
  work: (databases: readonly SharedDatabase[]) => Promise<void>,
): Promise<void> => {
  const url = await postgres.server().createDatabase()
  const databases = Array.from({ length: count }, () => openPostgres({ url }))
  try {
    await work(databases)
  } finally {
    await Promise.all(databases.map((database) => database.close()))
  }
}

const oneOf = (databases: readonly SharedDatabase[], index: number): SharedDatabase =>
  databases[index % databases.length] as SharedDatabase

const openShared = (database: SharedDatabase) =>
  createLedger({
    database,
    domainId: domainA,
    now: Date.now,
    mode: 'strict',
    queueMax: 10_000,
    sharing: {
      tell: (statements, news) =>
        appendChange(statements, domainA, { clientIds: [], catalog: false, ...news }),
      told: () => {},
    },
  })

describe('PostgreSQL shared by several', { skip: postgres.skip }, () => {
  before(postgres.start)
  after(postgres.stop)

  it('is migrated once by whoever comes', () =>
    withSeveral(4, async (databases) => {
      const taken = await Promise.all(databases.map((database) => migrate(database)))
      assert.equal(
        taken.reduce((sum, each) => sum + each, 0),
        schemaNumber,
      )
    }))

  it('runs transactions of all of them one after the other: no increment is lost', () =>
    withSeveral(4, async (databases) => {
      const [first] = databases
      await first?.transaction((statements) =>
        statements.run('CREATE TABLE counter (total integer)', []),
      )
      await first?.transaction((statements) =>
        statements.run('INSERT INTO counter (total) VALUES (0)', []),
      )
      const increment = (database: SharedDatabase) =>
        database.transaction(async (statements) => {
          const [row] = await statements.all('SELECT total FROM counter', [])
          await sleep(1)
          await statements.run('UPDATE counter SET total = $1', [Number(row?.['total']) + 1])
        })
      await Promise.all(
        Array.from({ length: 100 }, (_, index) => increment(oneOf(databases, index))),
      )
      const [row] = (await first?.read.all('SELECT total FROM counter', [])) ?? []
      assert.equal(row?.['total'], 100)
    }))

  it('does not wait long for one that stops in the middle of a transaction', () =>
    withSeveral(2, async ([stopped, other]) => {
      const entered = Promise.withResolvers<void>()
      const hanging = stopped?.transaction(async () => {
        entered.resolve()
        await sleep(4000)
      })
      await entered.promise
      const begun = performance.now()
      await other?.transaction(async () => {})
      const waited = performance.now() - begun
      assert.ok(waited > 1000 && waited < 3500, `${waited} ms`)
      await assert.rejects(hanging ?? Promise.resolve(), StorageFailed)
      await stopped?.transaction(async () => {})
    }))

  it('gives a transaction a look at what was committed before it', () =>
    withSeveral(2, async ([a, b]) => {
      assert.ok(a && b)
      await migrate(a)
      const seen: number[] = []
      b.beforeTransactions(async (statements) => {
        const rows = await statements.all('SELECT domain_id FROM identity_domain', [])
        seen.push(rows.length)
      })
      for (const name of ['x', 'y']) {
        await a.transaction((statements) =>
          statements.run('INSERT INTO identity_domain (domain_id, record) VALUES ($1, $2)', [
            name,
            '{}',
          ]),
        )
        await b.transaction(async () => {})
      }
      assert.deepEqual(seen, [1, 2])
    }))

  it('binds a character that PostgreSQL has not, and finds nothing by it', () =>
    withSeveral(1, async ([database]) => {
      assert.ok(database)
      await migrate(database)
      const rows = await database.read.all(
        'SELECT domain_id FROM identity_domain WHERE domain_id = $1',
        [`a${String.fromCharCode(0)}b`],
      )
      assert.deepEqual(rows, [])
    }))

  it('never says a password', async () => {
    const database = openPostgres({ url: 'postgres://me:a-canary@127.0.0.1:1/x' })
    const failing = database.read.all('SELECT 1 AS one', [])
    await assert.rejects(failing, (error: Error) => {
      assert.ok(error instanceof StorageFailed)
      assert.ok(!`${error.message} ${error.stack} ${database.failure()}`.includes('canary'))
      assert.match(database.failure() ?? '', /cannot be reached/)
      return true
    })
    await database.close()
  })

  it('loses nothing that was acknowledged when it is killed under load, five times', () =>
    withSeveral(2, async (databases) => {
      await migrate(oneOf(databases, 0))
      const ledgers = await Promise.all(databases.map(openShared))
      const acknowledged: string[] = []
      let loading = true
      const load = async (worker: number): Promise<void> => {
        for (let count = 0; loading; count += 1) {
          const name = `${worker}-${count}`
          const entry = entryOf(name, {
            once: [proofOf(name, 'nightly', Date.now() + 300_000)],
          })
          const outcome = await ledgers[worker % 2]?.record(entry)
          if (outcome === 'recorded') acknowledged.push(name)
          else await sleep(5)
        }
      }
      const workers = Array.from({ length: 16 }, (_, worker) => load(worker))
      try {
        for (let round = 0; round < 5; round += 1) {
          await sleep(150)
          await postgres.server().kill()
          await postgres.server().start()
          // it goes on by itself
          const before = acknowledged.length
          const deadline = performance.now() + 20_000
          while (acknowledged.length === before) {
            assert.ok(performance.now() < deadline, 'nothing is recorded any more')
            await sleep(10)
          }
        }
      } finally {
        loading = false
        await Promise.all(workers)
      }
      const events = await storedEvents(oneOf(databases, 0))
      const stored = new Set(events.filter(({ result }) => result === 'ok').map(({ ecid }) => ecid))
      assert.ok(acknowledged.length > 100, `${acknowledged.length}`)
      assert.deepEqual(
        acknowledged.filter((name) => !stored.has(name)),
        [],
      )
      for (const name of acknowledged.slice(-50)) {
        const again = entryOf('again', { once: [proofOf(name, 'nightly', Date.now() + 300_000)] })
        assert.equal(await ledgers[0]?.record(again), 'replayed')
      }
      await Promise.all(ledgers.map((ledger) => ledger.close()))
    }))
})
