import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { StorageFailed } from '../database.ts'
import { migrate } from '../migrations/migrate.ts'
import { storageContract, type TestDatabase } from '../storage-contract.ts'
import { openSqlite } from './sqlite-database.ts'

const create = async (): Promise<TestDatabase> => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-storage-'))
  const path = join(directory, 'mintmark.db')
  let database = openSqlite({ path })
  return {
    database,
    reopen: async () => {
      await database.close()
      database = openSqlite({ path })
      return database
    },
    remove: async () => {
      await database.close()
      rmSync(directory, { recursive: true })
    },
  }
}

storageContract('sqlite', create)

const inDirectory = async (test: (directory: string) => Promise<void>): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-storage-'))
  try {
    await test(directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

describe('sqlite: the file', () => {
  it('is readable by its owner only, with its log', () =>
    inDirectory(async (directory) => {
      const path = join(directory, 'mintmark.db')
      const database = openSqlite({ path })
      await migrate(database)
      for (const name of [path, `${path}-wal`, `${path}-shm`]) {
        assert.equal(statSync(name).mode & 0o777, 0o600, name)
      }
      await database.close()
    }))

  it('stores every commit before it acknowledges it', () =>
    inDirectory(async (directory) => {
      const database = openSqlite({ path: join(directory, 'mintmark.db') })
      const pragma = (name: string) =>
        database.transaction((statements) => statements.all(`PRAGMA ${name}`, []))
      assert.equal((await pragma('synchronous'))[0]?.['synchronous'], 2)
      assert.equal((await pragma('journal_mode'))[0]?.['journal_mode'], 'wal')
      assert.equal((await pragma('foreign_keys'))[0]?.['foreign_keys'], 1)
      await database.close()
    }))

  it('opened for reading follows the writer and cannot write', () =>
    inDirectory(async (directory) => {
      const path = join(directory, 'mintmark.db')
      const writer = openSqlite({ path })
      await migrate(writer)
      const reader = openSqlite({ path, readOnly: true })
      const count = async () =>
        (await reader.read.all('SELECT domain_id FROM identity_domain', [])).length
      assert.equal(await count(), 0)
      const insert = 'INSERT INTO identity_domain (domain_id, record) VALUES ($1, $2)'
      await writer.transaction((statements) => statements.run(insert, ['a', '{}']))
      assert.equal(await count(), 1)
      await assert.rejects(
        reader.transaction((statements) => statements.run(insert, ['b', '{}'])),
        StorageFailed,
      )
      await assert.rejects(reader.read.run(insert, ['b', '{}']), /readonly/)
      await assert.rejects(writer.read.run(insert, ['b', '{}']), /readonly/)
      await reader.close()
      await writer.close()
    }))

  it('refuses a file that is not a database', () =>
    inDirectory(async (directory) => {
      const path = join(directory, 'mintmark.db')
      const { writeFileSync } = await import('node:fs')
      writeFileSync(path, 'not a database '.repeat(100))
      assert.throws(() => openSqlite({ path }), /not a database/)
    }))
})
