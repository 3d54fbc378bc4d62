import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../database.ts'
import { openSqlite } from './sqlite-database.ts'

const logPages = 20
const pageBytes = 4096
const insert = 'INSERT INTO written VALUES ($1, $2)'

interface Stand {
  readonly path: string
  readonly database: Database
  readonly warnings: readonly string[]
  /** So many commits of a few pages each, one after the other. */
  write(count: number): Promise<void>
  /** Bytes that were carried over. */
  fileBytes(): number
}

const withLog = async (test: (stand: Stand) => Promise<void>): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-log-'))
  const path = join(directory, 'mintmark.db')
  const warnings: string[] = []
  const warn = (text: string): void => void warnings.push(text)
  const database = openSqlite({ path, logPages, warn })
  let written = 0
  const write = async (count: number): Promise<void> => {
    for (const end = written + count; written < end; written += 1) {
      const row = [written, Buffer.alloc(2 * pageBytes, written)]
      const wait = written % 2 === 0 ? 'aside' : 'in line'
      await database.transaction((statements) => statements.run(insert, row), undefined, wait)
    }
  }
  try {
    await database.transaction((statements) =>
      statements.run('CREATE TABLE written (number integer primary key, bytes blob)', []),
    )
    await test({ path, database, warnings, write, fileBytes: () => statSync(path).size })
  } finally {
    await database.close()
    rmSync(directory, { recursive: true })
  }
}

const until = async (isSo: () => boolean): Promise<void> => {
  for (const endMs = Date.now() + 20_000; !isSo(); await sleep(5)) assert.ok(Date.now() < endMs)
}

describe('sqlite: the log', () => {
  it('is carried over beside commits, and begins anew', () =>
    withLog(async ({ path, database, warnings, write, fileBytes }) => {
      for (let round = 0; round < 40; round += 1) {
        await write(10)
        await sleep(1)
      }
      await until(() => fileBytes() > 380 * 2 * pageBytes)
      const bytes = statSync(`${path}-wal`).size
      assert.ok(bytes < 300 * pageBytes, `${bytes} bytes of log for ${400 * 3} pages`)
      const [row] = await database.read.all('SELECT count(*) AS count FROM written', [])
      assert.equal(row?.['count'], 400)
      await database.close()
      assert.equal(existsSync(`${path}-wal`), false, 'and is gone after the end')
      assert.deepEqual(warnings, [])
    }))

  it('waits for who reads, and nobody waits for it', () =>
    withLog(async ({ path, write, fileBytes }) => {
      await write(30)
      await until(() => fileBytes() > 10 * 2 * pageBytes)
      const reader = new DatabaseSync(path, { readOnly: true })
      reader.exec('BEGIN')
      const count = reader.prepare('SELECT count(*) AS count FROM written')
      assert.equal(count.get()?.['count'], 30)
      await write(100)
      assert.ok(fileBytes() < 60 * 2 * pageBytes)
      assert.equal(count.get()?.['count'], 30)
      reader.close()
      await write(30)
      await until(() => fileBytes() > 130 * 2 * pageBytes)
    }))

  it('says that it could not be carried over, loses nothing, and tries again', () =>
    withLog(async ({ path, database, warnings, write, fileBytes }) => {
      renameSync(path, `${path}-away`)
      mkdirSync(path)
      await write(30)
      await until(() => warnings.length > 0)
      assert.match(warnings[0] ?? '', /the log .* was not carried over .*: unable to open/)
      assert.equal(database.lost(), null)
      rmdirSync(path)
      renameSync(`${path}-away`, path)
      await write(30)
      await until(() => fileBytes() > 50 * 2 * pageBytes)
      const [row] = await database.read.all('SELECT count(*) AS count FROM written', [])
      assert.equal(row?.['count'], 60)
    }))
})
