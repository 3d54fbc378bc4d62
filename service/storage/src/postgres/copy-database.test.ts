import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { CopyRefused, copyDatabase } from '../copy-database.ts'
import type { Database } from '../database.ts'
import { goldenDomain, goldenProof } from '../migrations/golden/golden-rows.ts'
import { migrate } from '../migrations/migrate.ts'
import { openSqlite } from '../sqlite/sqlite-database.ts'
import { readRegistry } from '../stored-registry.ts'
import { findBrokenPack } from '../tables/audit-pack.ts'
import { digestOf, findDigests } from '../tables/used-proof.ts'
import { openPostgres } from './postgres-database.ts'
import { postgresForTests } from './postgres-test-database.ts'

const postgres = postgresForTests()
const golden = join(import.meta.dirname, '..', 'migrations', 'golden')

const withBoth = async (
  file: string,
  work: (from: Database, to: Database) => Promise<void>,
): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-copy-'))
  const path = join(directory, 'mintmark.db')
  copyFileSync(join(golden, file), path)
  const from = openSqlite({ path })
  const to = openPostgres({ url: await postgres.server().createDatabase() })
  try {
    await migrate(from)
    await migrate(to)
    await work(from, to)
  } finally {
    await Promise.all([from.close(), to.close()])
    rmSync(directory, { recursive: true })
  }
}

describe('SQLite to PostgreSQL', { skip: postgres.skip }, () => {
  before(postgres.start)
  after(postgres.stop)

  for (const file of readdirSync(golden).filter((name) => name.endsWith('.db'))) {
    it(`${file} is the same there`, () =>
      withBoth(file, async (from, to) => {
        const copied = await copyDatabase(from, to)
        const rows = new Map(copied.map((table) => [table.name, table.rows]))
        assert.equal(rows.get('identity_domain'), 1)
        assert.ok((rows.get('application') ?? 0) > 0)
        const page = { where: null, sort: null, startIndex: 1, count: 100 }
        const search = (of: Database) =>
          readRegistry(of.read, goldenDomain, of.dialect).search('application', page)
        assert.deepEqual(await search(to), await search(from))
        assert.equal(await findBrokenPack(to.read, goldenDomain), null)
        const digest = digestOf(goldenProof)
        assert.equal((await findDigests(to.read, goldenDomain, [digest])).length, 1)
      }))
  }

  it('refuses a target that is not empty, and changes nothing there', () =>
    withBoth('0008.db', async (from, to) => {
      await copyDatabase(from, to)
      await assert.rejects(copyDatabase(from, to), CopyRefused)
    }))
})
