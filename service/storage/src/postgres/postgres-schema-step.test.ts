import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import { type SharedDatabase, StorageFailed } from '../database.ts'
import { type Migration, migrate } from '../migrations/migrate.ts'
import { openPostgres } from './postgres-database.ts'
import type { SchemaStepBounds } from './postgres-schema-step.ts'
import { postgresForTests } from './postgres-test-database.ts'

const postgres = postgresForTests()

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const first: Migration = {
  number: 1,
  name: 'first',
  sql: 'CREATE TABLE counter (total integer); INSERT INTO counter VALUES (0)',
}
const second = (sql: string, takesNoTurn?: true): Migration => ({
  number: 2,
  name: 'second',
  sql,
  ...(takesNoTurn && { takesNoTurn }),
})
const alter = second('ALTER TABLE counter ADD COLUMN more integer')

interface Stand {
  /** Two servers on one database. */
  readonly a: SharedDatabase
  readonly b: SharedDatabase
  readonly url: string
  /** Somebody else's session. */
  readonly other: pg.Client
}

const withStand = async (
  work: (stand: Stand) => Promise<void>,
  schemaStepBounds: Partial<SchemaStepBounds> = {},
): Promise<void> => {
  const url = await postgres.server().createDatabase()
  const a = openPostgres({ url, schemaStepBounds })
  const b = openPostgres({ url, schemaStepBounds })
  const other = new pg.Client({ connectionString: url, application_name: 'pg_dump' })
  await other.connect()
  try {
    await migrate(a, [first])
    await work({ a, b, url, other })
  } finally {
    await other.end()
    await Promise.all([a.close(), b.close()])
  }
}

/** A migration, and what it says of itself. */
const told = (database: SharedDatabase, step: Migration) => {
  const words: string[] = []
  const done = migrate(database, [first, step], { goes: (each) => words.push(each) })
  done.catch(() => {})
  return { words, done }
}

const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + 20_000
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, 'it does not come to that')
    await sleep(50)
  }
}

const increment = (database: SharedDatabase) =>
  database.transaction((statements) => statements.run('UPDATE counter SET total = total + 1', []))

// they wait for most of their time, each in a database of its own
describe('PostgreSQL: steps of the schema', { skip: postgres.skip, concurrency: true }, () => {
  before(postgres.start)
  after(postgres.stop)

  it('takes a statement longer than any other may, and another server waits for it', () =>
    withStand(
      async ({ a, b }) => {
        // past the 10 seconds of a statement that writes, and the 12 of silence
        const step = second('CREATE TABLE filled AS SELECT pg_sleep(12.5)::text AS slept')
        const slow = told(a, step)
        await sleep(500)
        const waiting = told(b, step)
        const refused = await increment(b).catch((error: Error) => error)
        assert.ok(refused instanceof StorageFailed, 'nothing else is written meanwhile')
        assert.equal(await slow.done, 1)
        assert.equal(await waiting.done, 0)
        assert.match(slow.words.join('\n'), /step 2 of 2 \(second\): it has run for \d+ s/)
        const waits =
          /it waits, \d+ s of at most 3600 s: PID \d+ \(mintmark schema step, active, for \d+ s\)/
        assert.match(waiting.words.join('\n'), waits)
        await increment(b)
      },
      { tellMs: 4000 },
    ))

  it('waits for who uses a table, says who, and keeps nobody from reading it', () =>
    withStand(async ({ a, b, other }) => {
      await other.query('BEGIN; SELECT total FROM counter')
      const { words, done } = told(a, alter)
      // as many as there are tries of the step, so that some are asked while it stands in the way
      for (let asked = 0; asked < 60; asked += 1) {
        await b.read.all('SELECT total FROM counter', [])
        await sleep(50)
      }
      const { processID } = other as unknown as { readonly processID: number }
      const said = new RegExp(`PID ${processID} \\(pg_dump, idle in transaction, for \\d+ s\\)`)
      assert.match(words.join('\n'), said)
      await increment(b)
      await other.query('ROLLBACK')
      assert.equal(await done, 1)
    }))

  it('gives up after its time, says who was in the way, and goes on at the next start', () =>
    withStand(
      async ({ a, other }) => {
        await other.query('BEGIN; SELECT total FROM counter')
        await assert.rejects(told(a, alter).done, (error: Error) => {
          assert.ok(error instanceof StorageFailed)
          assert.match(error.message, /not changed.*PID \d+ \(pg_dump.*has tables.*start again/)
          return true
        })
        await other.query('ROLLBACK')
        assert.equal(await told(a, alter).done, 1)
      },
      { lockPauseMs: 100, lockWaitMs: 1500 },
    ))

  it('waits for its turn for no longer than it says', () =>
    withStand(
      async ({ a, other }) => {
        await other.query(
          `BEGIN; SELECT pg_advisory_xact_lock(hashtext('mintmark writes'),
             hashtext(current_schema()))`,
        )
        await assert.rejects(told(a, alter).done, /for \d+ s PID \d+ \(pg_dump.*writes or changes/)
      },
      { turnMs: 300, turnWaitMs: 500 },
    ))

  it('lets others write beside a step that takes no turn, but no second step', () =>
    withStand(async ({ a, b }) => {
      const step = second('CREATE TABLE filled AS SELECT pg_sleep(3)::text AS slept', true)
      const slow = told(a, step)
      await sleep(500)
      const begunMs = performance.now()
      await increment(b)
      assert.ok(performance.now() - begunMs < 1000, 'it waited')
      assert.equal(await told(b, step).done, 0)
      assert.equal(await slow.done, 1)
    }))

  it('does not wait for a server that was killed in the middle of a step', () =>
    withStand(async ({ a, b, url, other }) => {
      const script = `
        import { openPostgres } from '@mintmark/storage/postgres/postgres-database'
        const database = openPostgres({ url: process.argv[1] })
        await database.schemaStep((statements) => statements.all('SELECT pg_sleep(60)', []))`
      const words = ['--conditions=mintmark-source', '--input-type=module', '-e', script, url]
      const child = spawn(process.execPath, words, { stdio: 'inherit', cwd: import.meta.dirname })
      const begun = `SELECT 1 FROM pg_stat_activity
        WHERE wait_event = 'PgSleep' AND datname = current_database()`
      await until(async () => (await other.query(begun)).rowCount === 1)
      child.kill('SIGKILL')
      await once(child, 'close')
      const begunMs = performance.now()
      assert.equal(await told(a, alter).done, 1)
      assert.ok(performance.now() - begunMs < 10_000, 'PostgreSQL went on for the dead')
      await increment(b)
    }))

  it('has PostgreSQL end its own vacuum of a table that a step changes', () =>
    withStand(
      async ({ a, other }) => {
        await other.query("ALTER SYSTEM SET autovacuum_naptime = '1s'")
        await other.query('SELECT pg_reload_conf()')
        // slow on purpose: a page, then a tenth of a second
        await other.query(`ALTER TABLE counter SET (autovacuum_vacuum_threshold = 1,
        autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)`)
        await other.query(`INSERT INTO counter SELECT generate_series(1, 100000);
        DELETE FROM counter WHERE total % 2 = 0`)
        const vacuum = "SELECT 1 FROM pg_stat_progress_vacuum WHERE relid = 'counter'::regclass"
        await until(async () => (await other.query(vacuum)).rowCount === 1)
        const { words, done } = told(a, alter)
        assert.equal(await done, 1)
        assert.match(words.join('\n'), /autovacuum worker/)
      },
      { lockWaitMs: 20_000 },
    ))
})
