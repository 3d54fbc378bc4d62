import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DuplicateRecord } from '@mintmark/registry/registry'
import { accessContract } from './access-contract.ts'
import { applicationCountContract } from './application-count-contract.ts'
import { belongingsContract } from './belongings-contract.ts'
import { budgetContract } from './budget-contract.ts'
import { clientViewContract } from './client-view-contract.ts'
import { consoleSessionContract } from './console-session-contract.ts'
import { type CreateTestDatabase, withDatabase } from './contract-database.ts'
import { domainA } from './contract-records.ts'
import type { Database } from './database.ts'
import { expiringContract } from './expiring-contract.ts'
import { failureContract } from './failure-contract.ts'
import { ledgerContract } from './ledger-contract.ts'
import { migrate, migrations, SchemaRefused } from './migrations/migrate.ts'
import { schemaNumber } from './migrations/schema-number.ts'
import { peopleContract } from './people-contract.ts'
import { registryContract } from './registry-contract.ts'
import { revocationContract } from './revocation-contract.ts'
import { revocationFeedContract } from './revocation-feed-contract.ts'
import { searchContract } from './search-contract.ts'
import { sharedLedgerContract } from './shared-ledger-contract.ts'

const insertDomain = 'INSERT INTO identity_domain (domain_id, record) VALUES ($1, $2)'
const countDomains = 'SELECT count(*) AS total FROM identity_domain'

const total = async (database: Database): Promise<number> =>
  Number((await database.read.all(countDomains, []))[0]?.['total'])

const portContract = (create: CreateTestDatabase): void => {
  it('commits what the work has written, and gives its value', () =>
    withDatabase(create, async (database) => {
      const value = await database.transaction(async (statements) => {
        const { changes } = await statements.run(insertDomain, ['a', '{}'])
        assert.equal(await total(database), 0, 'a reader sees nothing uncommitted')
        return changes
      })
      assert.equal(value, 1)
      assert.equal(await total(database), 1)
    }))

  it('rolls everything back when the work throws', () =>
    withDatabase(create, async (database) => {
      const failing = database.transaction(async (statements) => {
        await statements.run(insertDomain, ['a', '{}'])
        throw new Error('line 40')
      })
      await assert.rejects(failing, /line 40/)
      assert.equal(await total(database), 0)
      await database.transaction((statements) => statements.run(insertDomain, ['b', '{}']))
      assert.equal(await total(database), 1, 'and goes on afterwards')
    }))

  it('runs transactions one at a time, and tells of a commit before the next begins', () =>
    withDatabase(create, async (database) => {
      const order: string[] = []
      const act = (name: string) =>
        database.transaction(
          async () => {
            order.push(`${name} begins`)
            await new Promise((resolve) => setTimeout(resolve, 2))
            order.push(`${name} ends`)
          },
          () => order.push(`${name} committed`),
        )
      await Promise.all(['1', '2', '3'].map(act))
      assert.deepEqual(
        order,
        ['1', '2', '3'].flatMap((name) => [`${name} begins`, `${name} ends`, `${name} committed`]),
      )
    }))

  it('refuses statements of a transaction that has ended', () =>
    withDatabase(create, async (database) => {
      const kept = await database.transaction(async (statements) => statements)
      await assert.rejects(kept.run(insertDomain, ['a', '{}']), /has ended/)
      assert.equal(await total(database), 0)
    }))

  it('names the record and the member of a broken unique key', () =>
    withDatabase(create, async (database) => {
      await database.transaction((statements) => statements.run(insertDomain, [domainA, '{}']))
      const insert = `INSERT INTO application (domain_id, id, client_id, display_name_key,
        is_client, is_resource_server, active, record) VALUES ($1, $2, $3, $4, 1, 0, 1, '{}')`
      const put = (...values: string[]) =>
        database.transaction((statements) => statements.run(insert, [domainA, ...values]))
      await put('1', 'client', 'name')
      const named = (member: string) => (error: unknown) =>
        error instanceof DuplicateRecord &&
        error.record === 'application' &&
        error.member === member
      await assert.rejects(put('2', 'client', 'other'), named('clientId'))
      await assert.rejects(put('2', 'other', 'name'), named('displayName'))
      await assert.rejects(put('1', 'other', 'other'), named('id'))
    }))

  it('counts what it reads', () =>
    withDatabase(create, async (database) => {
      const before = database.statementCount()
      await database.read.all(countDomains, [])
      await database.read.all(countDomains, [])
      assert.equal(database.statementCount() - before, 2)
    }))

  it('binds a value that looks like SQL as a value', () =>
    withDatabase(create, async (database) => {
      const evil = `x'; DROP TABLE identity_domain; -- $1`
      await database.transaction((statements) => statements.run(insertDomain, [evil, '{}']))
      const rows = await database.read.all('SELECT domain_id FROM identity_domain', [])
      assert.deepEqual(
        rows.map((row) => row['domain_id']),
        [evil],
      )
    }))
}

const step = (number: number, sql: string) => ({ number, name: `step-${number}`, sql })
const first = step(1, 'CREATE TABLE one (a integer)')
const second = step(2, 'CREATE TABLE two (a integer); INSERT INTO two (a) VALUES (2)')

const withEmpty = async (
  create: CreateTestDatabase,
  test: (database: Database) => Promise<void>,
): Promise<void> => {
  const made = await create('empty')
  try {
    await test(made.database)
  } finally {
    await made.remove()
  }
}

const migrationContract = (create: CreateTestDatabase): void => {
  it('applies each step once', () =>
    withEmpty(create, async (database) => {
      assert.equal(await migrate(database, [first]), 1)
      assert.equal(await migrate(database, [first, second]), 1)
      assert.equal(await migrate(database, [first, second]), 0)
      assert.equal((await database.read.all('SELECT a FROM two', [])).length, 1)
    }))

  it('leaves whole steps only', () =>
    withEmpty(create, async (database) => {
      const broken = step(2, 'CREATE TABLE two (a integer); INSERT INTO three (a) VALUES (2)')
      await assert.rejects(migrate(database, [first, broken]))
      assert.equal(await migrate(database, [first, second]), 1, 'step 1 stayed, step 2 did not')
    }))

  it('refuses a newer schema and says what to do', () =>
    withEmpty(create, async (database) => {
      await migrate(database, [first, second])
      await assert.rejects(migrate(database, [first]), (error: unknown) => {
        assert.ok(error instanceof SchemaRefused)
        assert.match(error.message, /has schema 2.*up to 1\..*newer version.*restore a backup/s)
        return true
      })
    }))

  it('works on beside steps of a newer version that allow it, and only then', () =>
    withEmpty(create, async (database) => {
      await migrate(database)
      const later = (worksFrom?: number) => ({
        ...step(schemaNumber + 1, 'CREATE TABLE later (a integer)'),
        ...(worksFrom !== undefined && { worksFrom }),
      })
      const allow = (worksFrom: number | null) =>
        database.transaction((statements) =>
          statements.run('UPDATE schema_migration SET works_from = $1 WHERE number = $2', [
            worksFrom,
            schemaNumber + 1,
          ]),
        )
      assert.equal(await migrate(database, [...migrations, later(schemaNumber)]), 1)
      assert.equal(await migrate(database), 0)
      assert.equal(await migrate(database, [...migrations, later(schemaNumber)]), 0)
      for (const worksFrom of [schemaNumber + 1, null]) {
        await allow(worksFrom)
        await assert.rejects(migrate(database), SchemaRefused)
      }
      await allow(schemaNumber)
      const another = { ...step(schemaNumber + 2, 'CREATE TABLE more (a integer)') }
      await migrate(database, [...migrations, later(schemaNumber), another])
      await assert.rejects(migrate(database), SchemaRefused, 'the second one allows nobody')
    }))

  it('refuses a step that another build has made differently', () =>
    withEmpty(create, async (database) => {
      await migrate(database, [first])
      const other = step(1, 'CREATE TABLE one (b integer)')
      await assert.rejects(migrate(database, [other]), /another build/)
    }))

  it('knows its own steps', () =>
    withEmpty(create, async (database) => {
      assert.equal(migrations.at(-1)?.number, schemaNumber)
      assert.equal(await migrate(database), schemaNumber)
      assert.equal(await migrate(database), 0)
    }))
}

/** What every database must do; each of them runs it in its own test file. */
export const storageContract = (name: string, create: CreateTestDatabase): void => {
  describe(`${name}: database`, () => portContract(create))
  describe(`${name}: migrations`, () => migrationContract(create))
  describe(`${name}: registry`, () => registryContract(create))
  describe(`${name}: application counts`, () => applicationCountContract(create))
  describe(`${name}: client views`, () => clientViewContract(create))
  describe(`${name}: belongings`, () => belongingsContract(create))
  describe(`${name}: expiring credentials`, () => expiringContract(create))
  describe(`${name}: access`, () => accessContract(create))
  describe(`${name}: people`, () => peopleContract(create))
  describe(`${name}: search`, () => searchContract(create))
  describe(`${name}: ledger`, () => ledgerContract(create))
  describe(`${name}: budgets`, () => budgetContract(create))
  describe(`${name}: revocations`, () => revocationContract(create))
  describe(`${name}: revocation feed`, () => revocationFeedContract(create))
  describe(`${name}: console`, () => consoleSessionContract(create))
  describe(`${name}: failures`, () => failureContract(create))
  describe(`${name}: shared ledgers`, () => sharedLedgerContract(create))
}
