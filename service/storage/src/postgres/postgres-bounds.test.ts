import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import { type SharedDatabase, StorageFailed } from '../database.ts'
import { openPostgres } from './postgres-database.ts'
import { postgresForTests } from './postgres-test-database.ts'

const postgres = postgresForTests()

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

interface Stand {
  readonly database: SharedDatabase
  /** Somebody else's session. */
  readonly other: pg.Client
  readonly url: string
}

const withStand = async (work: (stand: Stand) => Promise<void>): Promise<void> => {
  const url = await postgres.server().createDatabase()
  const other = new pg.Client({ connectionString: url })
  await other.connect()
  await other.query('CREATE TABLE counter (total integer); INSERT INTO counter VALUES (0)')
  const database = openPostgres({ url })
  try {
    await work({ database, other, url })
  } finally {
    await other.end()
    await database.close()
  }
}

/** How long it took, and what it came to. */
const timed = async (work: Promise<unknown>) => {
  const begun = performance.now()
  const fault = await work.then(
    () => null,
    (error: Error) => error,
  )
  return { fault, ms: performance.now() - begun }
}

describe('PostgreSQL that is slow', { skip: postgres.skip }, () => {
  before(postgres.start)
  after(postgres.stop)

  it('answers what tokens read while lists take all their connections', () =>
    withStand(async ({ database }) => {
      await database.read.all('SELECT 1 AS one', [])
      const slow = Array.from({ length: 5 }, () => database.lists.all('SELECT pg_sleep(1)', []))
      await sleep(50)
      const { fault, ms } = await timed(database.read.all('SELECT 1 AS one', []))
      assert.equal(fault, null)
      assert.ok(ms < 500, `${ms} ms`)
      await Promise.all(slow)
    }))

  it('refuses at once who would wait behind too many', () =>
    withStand(async ({ database }) => {
      const asked = Array.from({ length: 60 }, () =>
        timed(database.lists.all('SELECT pg_sleep(0.05)', [])),
      )
      const refused = (await Promise.all(asked)).filter(({ fault }) => fault !== null)
      assert.equal(refused.length, 60 - 32 - 3)
      for (const { fault, ms } of refused) {
        assert.ok(fault instanceof StorageFailed && /too many wait/.test(fault.message))
        assert.ok(ms < 100, `${ms} ms`)
      }
      assert.equal(database.failure(), null, 'it can be reached')
    }))

  it('waits half a second for a locked table, in a transaction too, and goes on', () =>
    withStand(async ({ database, other }) => {
      const increment = () =>
        database.transaction((statements) =>
          statements.run('UPDATE counter SET total = total + 1', []),
        )
      await other.query('BEGIN; LOCK TABLE counter')
      const asked = [increment(), database.read.all('SELECT total FROM counter', [])].map(timed)
      for (const { fault, ms } of await Promise.all(asked)) {
        assert.ok(fault instanceof StorageFailed && /busy/.test(fault.message), `${fault}`)
        assert.ok(ms > 400 && ms < 1500, `${ms} ms`)
      }
      const untouched = await timed(database.transaction(async () => {}))
      assert.ok(untouched.fault === null && untouched.ms < 300, 'what needs no lock is not held up')
      await other.query('ROLLBACK')
      await increment()
      assert.deepEqual(await database.read.all('SELECT total FROM counter', []), [{ total: 1 }])
    }))

  it('keeps its connections when nobody else gets one any more', () =>
    withStand(async ({ database, url }) => {
      await database.transaction(async () => {})
      await database.alone.all('SELECT 1 AS one', [])
      await database.read.all('SELECT 1 AS one', [])
      const hogs: pg.Client[] = []
      try {
        for (;;) {
          const hog = new pg.Client({ connectionString: url })
          hog.on('error', () => {})
          await hog.connect()
          hogs.push(hog)
        }
      } catch (error) {
        assert.match((error as Error).message, /too many clients/)
      }
      await database.transaction(async () => {})
      await database.alone.all('SELECT 1 AS one', [])
      const refused = await timed(database.lists.all('SELECT 1 AS one', []))
      assert.ok(refused.fault instanceof StorageFailed && refused.ms < 300, `${refused.ms} ms`)
      await Promise.all(hogs.map((hog) => hog.end()))
      await database.lists.all('SELECT 1 AS one', [])
    }))
})
