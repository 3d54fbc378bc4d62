import assert from 'node:assert/strict'
import { ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { setImmediate as breathe } from 'node:timers/promises'
import { snapshotPieces } from './snapshot-pieces.ts'
import { openSqlite } from './sqlite-database.ts'

const pageBytes = 4096

/** Sums of all rows, so that a state that never was is told apart from one that was. */
const standOf = (path: string) => {
  const database = new DatabaseSync(path)
  try {
    const check = database.prepare('PRAGMA integrity_check').get()
    assert.equal(check?.['integrity_check'], 'ok')
    const row = database.prepare('SELECT count(*) AS rows, sum(turn) AS turns FROM written').get()
    const last = database.prepare('SELECT turn FROM last').get()
    return { rows: Number(row?.['rows']), turns: Number(row?.['turns']), last: last?.['turn'] }
  } finally {
    database.close()
  }
}

test('a snapshot is one state, whatever is written and carried over meanwhile', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-snapshot-'))
  const path = join(directory, 'mintmark.db')
  // so few pages that the log is carried over, and begun anew, all the time
  const database = openSqlite({ path, logPages: 10 })
  const file = openSync(path, 'r')
  let isOpen = true
  let writing = Promise.resolve()
  try {
    await database.transaction(async (statements) => {
      await statements.run('CREATE TABLE written (id integer primary key, turn, bytes)', [])
      await statements.run('CREATE TABLE last (turn)', [])
      await statements.run('INSERT INTO last VALUES (0)', [])
      for (let id = 0; id < 400; id += 1) {
        const values = [id, 0, Buffer.alloc(6000)]
        await statements.run('INSERT INTO written VALUES ($1, $2, $3)', values)
      }
    })
    let turn = 0
    const stands = new Map<number, { readonly rows: number; readonly turns: number }>()
    const write = async (): Promise<void> => {
      turn += 1
      await database.transaction(async (statements) => {
        for (let row = 0; row < 20; row += 1) {
          const id = (turn * 7919 + row * 104_729) % 800
          const bytes = Buffer.alloc((turn * row * 37) % 9000, turn)
          if (row % 5 === 4) await statements.run('DELETE FROM written WHERE id = $1', [id])
          else {
            const values = [id, turn, bytes]
            await statements.run('INSERT OR REPLACE INTO written VALUES ($1, $2, $3)', values)
          }
        }
        await statements.run('UPDATE last SET turn = $1', [turn])
        const sums = 'SELECT count(*) AS rows, sum(turn) AS turns FROM written'
        const [row] = await statements.all(sums, [])
        stands.set(turn, { rows: Number(row?.['rows']), turns: Number(row?.['turns']) })
      })
    }
    writing = (async () => {
      for (; isOpen; await breathe()) await write()
    })()
    const copy = join(directory, 'copy.db')
    for (let round = 0; turn < 150; round += 1) {
      const before = turn - 1
      const pieces: Buffer[] = []
      for (const piece of snapshotPieces(path, file)) {
        pieces.push(piece)
        for (const from = turn; turn < from + (round % 4); ) await breathe()
      }
      rmSync(`${copy}-wal`, { force: true })
      rmSync(`${copy}-shm`, { force: true })
      writeFileSync(copy, Buffer.concat(pieces))
      const { last, ...stand } = standOf(copy)
      assert.ok(Number(last) >= before && Number(last) <= turn, `${last} after ${before}`)
      if (Number(last) > 0) assert.deepEqual(stand, stands.get(Number(last)))
    }
  } finally {
    isOpen = false
    await writing
    await database.close()
    rmSync(directory, { recursive: true })
  }
})

test('what was deleted is not in it; what is missing is said', () => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-snapshot-'))
  const path = join(directory, 'mintmark.db')
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE written (bytes)')
  const insert = database.prepare('INSERT INTO written VALUES (?)')
  const file = openSync(path, 'r+')
  try {
    for (let row = 0; row < 50; row += 1) insert.run(Buffer.alloc(20_000, 'a secret'))
    database.exec('DELETE FROM written WHERE rowid % 10 > 0')
    const bytes = Buffer.concat([...snapshotPieces(path, file)])
    const pages = Array.from({ length: bytes.length / pageBytes }, (_, page) =>
      bytes.subarray(page * pageBytes, (page + 1) * pageBytes),
    )
    const isTold = (page: Buffer): boolean => page.includes('a secret')
    // five rows are left, of five pages each; the list of free pages takes pages itself
    assert.ok(pages.length > 250 && pages.filter(isTold).length < 32)
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    ftruncateSync(file, 10 * pageBytes)
    assert.throws(() => [...snapshotPieces(path, file)], /page \d+ of the database is missing/)
  } finally {
    database.close()
    rmSync(directory, { recursive: true })
  }
})
