import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Revocation } from '@mintmark/registry/revocation'
import { entryOf, proofOf, startMs } from '../contract-ledger-stand.ts'
import { domainA } from '../contract-records.ts'
import { DatabaseDamaged, type Statements, StorageFailed } from '../database.ts'
import { migrate } from '../migrations/migrate.ts'
import { storageContract } from '../storage-contract.ts'
import { createLedger } from '../stored-ledger.ts'
import { beginFeed } from '../tables/revocation-entry.ts'
import { openSqlite } from './sqlite-database.ts'
import { createSqliteTestDatabase } from './sqlite-test-database.ts'

storageContract('sqlite', createSqliteTestDatabase)

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

  it('waits beside the event loop only where that was asked for', () =>
    inDirectory(async (directory) => {
      const database = openSqlite({ path: join(directory, 'mintmark.db') })
      const order: string[] = []
      const level = async (statements: Statements) =>
        (await statements.all('PRAGMA synchronous', []))[0]?.['synchronous']
      const aside = database.transaction(level, () => order.push('committed'), 'aside')
      const after = aside.then((value) => order.push(`answered ${value}`))
      assert.equal(await database.transaction(level, () => order.push('next')), 2)
      await after
      assert.deepEqual(order, ['committed', 'answered 1', 'next'])
      await database.close()
    }))

  it('acknowledges nothing, and writes no more, when the log cannot be synced', () =>
    inDirectory(async (directory) => {
      const path = join(directory, 'mintmark.db')
      const database = openSqlite({ path })
      await migrate(database)
      unlinkSync(`${path}-wal`)
      const insert = 'INSERT INTO identity_domain (domain_id, record) VALUES ($1, $2)'
      const write = (id: string) =>
        database.transaction(
          (statements) => statements.run(insert, [id, '{}']),
          () => assert.fail('acknowledged'),
          'aside',
        )
      await assert.rejects(write('a'), StorageFailed)
      assert.match(database.failure() ?? '', /the disk refused us \(ENOENT/)
      await assert.rejects(write('b'), StorageFailed)
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
      writeFileSync(path, 'not a database '.repeat(100))
      assert.throws(() => openSqlite({ path }), /not a database/)
    }))

  it('says that a file is damaged, and what to do, before anything is read from it', () =>
    inDirectory(async (directory) => {
      const path = join(directory, 'mintmark.db')
      const database = openSqlite({ path })
      await migrate(database)
      await database.close()
      const content = readFileSync(path)
      content.fill(0xa5, 3 * 4096, 4 * 4096)
      writeFileSync(path, content)
      assert.throws(() => openSqlite({ path, examine: true }), DatabaseDamaged)
    }))

  it('refuses while it is full, and goes on when there is room again', () =>
    inDirectory(async (directory) => {
      const database = openSqlite({ path: join(directory, 'mintmark.db') })
      await migrate(database)
      const pages = (most: number) =>
        database.transaction((statements) => statements.all(`PRAGMA max_page_count = ${most}`, []))
      const options = { database, domainId: domainA, now: () => startMs, queueMax: 10 }
      const ledger = await createLedger({ ...options, mode: 'strict' })
      const large = entryOf('e', {
        event: { ...entryOf('e').event, detail: { text: randomBytes(50_000).toString('hex') } },
        once: [proofOf('p')],
      })
      await pages(1)
      assert.equal(await ledger.record(large), 'unavailable')
      assert.match(database.failure() ?? '', /disk is full/)
      assert.equal(database.lost(), null)
      await pages(1_000_000)
      assert.equal(await ledger.record(large), 'recorded')
      assert.equal(database.failure(), null)
      await ledger.close()
      await database.close()
    }))

  it('stores what ends something while it takes of its reserve, and nothing else', () =>
    inDirectory(async (directory) => {
      writeFileSync(join(directory, 'reserve'), Buffer.alloc(2 ** 21))
      // a reserve that no disk has room for: what was let go is never taken back
      const database = openSqlite({ path: join(directory, 'mintmark.db'), reservePieces: 2 ** 40 })
      await migrate(database)
      await database.transaction((statements) => beginFeed(statements, domainA))
      const pages = (most: number) =>
        database.transaction((statements) => statements.all(`PRAGMA max_page_count = ${most}`, []))
      const options = { database, domainId: domainA, now: () => startMs, queueMax: 10 }
      const ledger = await createLedger({ ...options, mode: 'strict' })
      const text = randomBytes(50_000).toString('hex')
      const large = { ...entryOf('e').event, detail: { text } }
      await pages(1)
      assert.equal(await ledger.record(entryOf('e', { event: large })), 'unavailable')
      await pages(1_000_000)
      assert.equal(database.isOnReserve?.(), true)
      const revocation: Revocation = {
        domain: domainA,
        kind: 'token',
        subject: 'a',
        issuedBeforeMs: startMs,
        expiresAtMs: startMs + 60_000,
      }
      const [token, ending] = await Promise.all([
        ledger.record(entryOf('token')),
        ledger.record(entryOf('ending', { revocation })),
      ])
      assert.deepEqual([token, ending], ['unavailable', 'recorded'])
      assert.match(database.failure() ?? '', /disk is full/, 'still')
      await ledger.close()
      await database.close()
    }))
})
