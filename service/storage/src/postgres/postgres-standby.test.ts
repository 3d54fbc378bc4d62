import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import { StorageFailed } from '../database.ts'
import { openPostgres } from './postgres-database.ts'
import { postgresForTests } from './postgres-test-database.ts'
import type { PostgresTestServer } from './postgres-test-server.ts'
import { warnOfReplication } from './replication.ts'

const postgres = postgresForTests()

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

describe('PostgreSQL with a standby', { skip: postgres.skip }, () => {
  let standby: PostgresTestServer
  let url = ''
  before(async () => {
    await postgres.start()
    url = await postgres.server().createDatabase()
    standby = await postgres.server().startStandby()
  })
  after(async () => {
    await standby.remove()
    await postgres.stop()
  })

  it('warns while the standby may lack something, and not when it is synchronous', async () => {
    const database = openPostgres({ url })
    assert.match((await warnOfReplication(database.read, url)) ?? '', /synchronous_standby_names/)
    await database.confirm()
    postgres.server().setSynchronous(true)
    const isWarned = async () => (await warnOfReplication(database.read, url)) !== null
    for (const end = performance.now() + 20_000; await isWarned(); await sleep(20)) {
      assert.ok(performance.now() < end, 'it is synchronous, and still warned of')
    }
    await database.confirm()
    await database.close()
  })

  it('refuses a standby, and finds the primary among several hosts', async () => {
    const { host } = postgres.server()
    const alone = openPostgres({ url: url.replace(host, standby.host) })
    await assert.rejects(alone.read.all('SELECT 1 AS one', []), /standby/)
    await alone.close()
    const both = openPostgres({ url: url.replace(host, `${standby.host},${host}`) })
    await both.transaction((statements) => statements.run('CREATE TABLE word (text text)', []))
    await both.close()
  })

  it('calls nothing stored that the standby has not, whatever time-out its role has', async () => {
    const admin = new pg.Client({ connectionString: url })
    await admin.connect()
    await admin.query("ALTER ROLE mintmark SET statement_timeout = '300ms'")
    const database = openPostgres({ url })
    const put = (text: string) =>
      database.transaction((statements) => statements.run('INSERT INTO word VALUES ($1)', [text]))
    await put('before')
    await database.confirm()
    standby.signalAll('SIGSTOP')
    try {
      await Promise.all([
        assert.rejects(database.confirm(), StorageFailed),
        assert.rejects(put('unknown'), StorageFailed),
      ])
    } finally {
      standby.signalAll('SIGCONT')
    }
    await put('after')
    await admin.query('ALTER ROLE mintmark RESET statement_timeout')
    await admin.end()
    await database.close()
  })

  it('goes on with a promoted standby, and never back to the former primary', async () => {
    const { host } = postgres.server()
    const both = url.replace(host, `${host},${standby.host}`)
    const database = openPostgres({ url: both })
    const put = (text: string) =>
      database.transaction((statements) => statements.run('INSERT INTO word VALUES ($1)', [text]))
    await put('acknowledged')
    await postgres.server().kill('SIGKILL')
    await assert.rejects(put('lost'), StorageFailed)
    await standby.promote()
    const begun = performance.now()
    while (
      !(await put('promoted').then(
        () => true,
        () => false,
      ))
    )
      await sleep(20)
    const backMs = performance.now() - begun
    assert.ok(backMs < 2000, `${backMs} ms`)
    const rows = await database.read.all('SELECT text FROM word', [])
    const words = new Set(rows.map(({ text }) => text))
    for (const word of ['before', 'after', 'acknowledged', 'promoted']) assert.ok(words.has(word))
    // nobody told it that it was replaced
    await postgres.server().start()
    await standby.kill()
    await assert.rejects(put('on the former primary'), /cannot be reached/)
    await assert.rejects(database.read.all('SELECT text FROM word', []), /cannot be reached/)
    await standby.start()
    await put('once more')
    await database.close()
  })
})
