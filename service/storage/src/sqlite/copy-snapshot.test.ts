import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { setImmediate as breathe } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { copySnapshot, copySnapshotHere } from './copy-snapshot.ts'
import { openSqlite } from './sqlite-database.ts'

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

const program = `
  const { workerData } = require('node:worker_threads')
  const { module, from, to } = workerData
  import(module).then(({ copySnapshotHere }) => copySnapshotHere(from, to))`

/** In a thread of its own, as it keeps its thread until the end. */
const copyAside = async (from: string, to: string): Promise<void> => {
  const module = import.meta.resolve('./copy-snapshot.ts')
  const thread = new Worker(program, { eval: true, workerData: { module, from, to } })
  const [code] = (await once(thread, 'exit')) as [number]
  assert.equal(code, 0)
}

const ways = { 'between other work': copySnapshot, 'in a thread': copyAside }

for (const [way, copyTo] of Object.entries(ways)) {
  test(`a copy made ${way} is one state, whatever is written and carried over meanwhile`, () =>
    copyUnderWrites(copyTo))
}

const copyUnderWrites = async (copyTo: typeof copySnapshot): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-snapshot-'))
  const path = join(directory, 'mintmark.db')
  // so few pages that the log is carried over, and begun anew, all the time
  const database = openSqlite({ path, logPages: 10 })
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
    for (let round = 0; turn < 150 || round < 5; round += 1) {
      const before = turn - 1
      await copyTo(path, copy)
      assert.equal(statSync(copy).mode & 0o777, 0o600)
      const { last, ...stand } = standOf(copy)
      assert.ok(Number(last) >= before && Number(last) <= turn, `${last} after ${before}`)
      if (Number(last) > 0) assert.deepEqual(stand, stands.get(Number(last)))
      for (const suffix of ['', '-wal', '-shm']) rmSync(copy + suffix, { force: true })
    }
  } finally {
    isOpen = false
    await writing
    await database.close()
    rmSync(directory, { recursive: true })
  }
}

test('what was deleted is not in a copy, and nothing is written over', () => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-snapshot-'))
  const [path, copy] = [join(directory, 'mintmark.db'), join(directory, 'copy.db')]
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE written (bytes)')
  const insert = database.prepare('INSERT INTO written VALUES (?)')
  try {
    for (let row = 0; row < 50; row += 1) insert.run(Buffer.alloc(20_000, `secret ${row}.`))
    database.exec('DELETE FROM written WHERE rowid % 10 > 0')
    copySnapshotHere(path, copy)
    const bytes = readFileSync(copy)
    const told = Array.from({ length: 50 }, (_, row) => row).filter((row) =>
      bytes.includes(`secret ${row}.`),
    )
    assert.deepEqual(told, [9, 19, 29, 39, 49])
    assert.throws(() => copySnapshotHere(path, copy), { code: 'EEXIST' })
  } finally {
    database.close()
    rmSync(directory, { recursive: true })
  }
})
