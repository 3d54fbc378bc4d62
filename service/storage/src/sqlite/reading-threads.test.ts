import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Database, StorageFailed } from '../database.ts'
import { openSqlite } from './sqlite-database.ts'

const bounds = { threadsMax: 2, waitingMax: 3, waitMs: 60_000, statementMs: 60_000, idleMs: 60_000 }

const withLists = async (
  some: Partial<typeof bounds>,
  test: (database: Database) => Promise<void>,
): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-threads-'))
  const path = join(directory, 'mintmark.db')
  const listBounds = { ...bounds, ...some }
  const database = openSqlite({ path, listsAsideBytes: 0, listBounds })
  try {
    await database.transaction(async (statements) => {
      await statements.run('CREATE TABLE counter (total integer, name text, bytes blob)', [])
      await statements.run('INSERT INTO counter VALUES (0, $1, $2)', ['é', new Uint8Array([1, 2])])
    })
    await test(database)
  } finally {
    await database.close()
    rmSync(directory, { recursive: true })
  }
}

/** One row, after counting so far: a million takes some tenths of a second. */
const countTo = `WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < $1)
  SELECT count(*) AS total FROM c`

const timed = async (work: Promise<unknown>) => {
  const begun = performance.now()
  const fault = await work.then(
    () => null,
    (error: Error) => error,
  )
  return { fault, ms: performance.now() - begun }
}

const isBusy = (fault: unknown): boolean =>
  fault instanceof StorageFailed && /SQLite is busy with long lists/.test(fault.message)

describe('sqlite: lists beside the event loop', () => {
  it('say what was committed last, with all kinds of values, and cannot write', () =>
    withLists({}, async ({ lists, transaction }) => {
      const select = 'SELECT total, name, bytes FROM counter WHERE name = $1'
      const row = { total: 0, name: 'é', bytes: new Uint8Array([1, 2]) }
      assert.deepEqual(await lists.all(select, ['é']), [row])
      await transaction((statements) => statements.run('UPDATE counter SET total = 7', []))
      assert.deepEqual(await lists.all(select, ['é']), [{ ...row, total: 7 }])
      await assert.rejects(lists.all('UPDATE counter SET total = 8', []), /readonly/)
      await assert.rejects(lists.all('SELECT missing FROM counter', []), /no such column/)
      assert.deepEqual(await lists.all(select, ['é']), [{ ...row, total: 7 }])
    }))

  it('hold up neither what tokens read nor a short list', () =>
    withLists({}, async ({ lists, read }) => {
      let isOver = false
      const long = lists.all(countTo, [5_000_000]).finally(() => {
        isOver = true
      })
      await read.all('SELECT total FROM counter', [])
      await lists.all('SELECT total FROM counter', [])
      assert.equal(isOver, false)
      assert.deepEqual(await long, [{ total: 5_000_000 }])
    }))

  it('are refused at once behind too many', () =>
    withLists({}, async ({ lists, failure }) => {
      const asked = Array.from({ length: 8 }, () => timed(lists.all(countTo, [300_000])))
      const refused = (await Promise.all(asked)).filter(({ fault }) => fault !== null)
      assert.equal(refused.length, 8 - bounds.threadsMax - bounds.waitingMax)
      assert.ok(refused.every(({ fault, ms }) => isBusy(fault) && ms < 100))
      assert.equal(failure(), null)
    }))

  it('are given up when they take too long; when they have ended, others take their place', () =>
    withLists({ threadsMax: 1, statementMs: 150, waitMs: 50 }, async ({ lists }) => {
      const untilAnswered = async (): Promise<void> => {
        for (;;) {
          const { fault } = await timed(lists.all('SELECT total FROM counter', []))
          if (fault === null) return
          assert.ok(isBusy(fault), String(fault))
        }
      }
      // a thread that has yet to start may take longer than a list may
      await untilAnswered()
      const long = timed(lists.all(countTo, [5_000_000]))
      const behind = timed(lists.all('SELECT total FROM counter', []))
      assert.ok(isBusy((await behind).fault), 'none was free')
      assert.ok(isBusy((await long).fault), 'it took too long')
      await untilAnswered()
    }))

  it('take another thread after a time in which nobody asked', () =>
    withLists({ idleMs: 1 }, async ({ lists }) => {
      for (let round = 0; round < 3; round += 1) {
        assert.equal((await lists.all('SELECT total FROM counter', [])).length, 1)
        await new Promise((resolve) => setTimeout(resolve, 30))
      }
    }))

  it('that wait are told when the database is closed', () =>
    withLists({ threadsMax: 1 }, async (database) => {
      const asked = [1, 2].map(() => timed(database.lists.all(countTo, [1_000_000])))
      await database.close()
      const faults = (await Promise.all(asked)).map(({ fault }) => fault)
      assert.ok(faults[1] instanceof StorageFailed, String(faults[1]))
    }))
})
