import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { CopyRefused, copyDatabase, exportDatabase } from '../copy-database.ts'
import type { Database } from '../database.ts'
import { goldenDomain, goldenProof } from '../migrations/golden/golden-rows.ts'
import { migrate } from '../migrations/migrate.ts'
import { openSqlite } from '../sqlite/sqlite-database.ts'
import { readRegistry } from '../stored-registry.ts'
import { findBrokenPack } from '../tables/audit-pack.ts'
import { digestOf, findDigests } from '../tables/used-proof.ts'
import { openPostgres } from './postgres-database.ts'
import { readSnapshot } from './postgres-snapshot.ts'
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

  it('comes back as it was at one moment, whatever is written meanwhile', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'mintmark-export-'))
    const path = join(directory, 'mintmark.db')
    copyFileSync(join(golden, '0012.db'), path)
    const from = openSqlite({ path })
    const url = await postgres.server().createDatabase()
    const first = openPostgres({ url })
    const second = openPostgres({ url: await postgres.server().createDatabase() })
    const exported = join(directory, 'exported.db')
    try {
      await migrate(from)
      await migrate(first)
      await migrate(second)
      const there = await copyDatabase(from, first)
      await readSnapshot(url, async (statements) => {
        await statements.all('SELECT count(*) FROM application', [])
        await first.transaction((open) => open.run('DELETE FROM app_grant', []))
        await exportDatabase(statements, exported)
      })
      const back = openSqlite({ path: exported, examine: true })
      const again = await copyDatabase(back, second).finally(() => back.close())
      // packs of proofs became rows on the way there
      const compared = (tables: typeof there) => tables.filter(({ name }) => name !== 'used_proof')
      assert.deepEqual(compared(again), compared(there))
      assert.ok(there.some(({ name, rows }) => name === 'app_grant' && rows > 0))
    } finally {
      await Promise.all([from.close(), first.close(), second.close()])
      rmSync(directory, { recursive: true })
    }
  })

  it('refuses a target that is not empty, and changes nothing there', () =>
    withBoth('0008.db', async (from, to) => {
      await copyDatabase(from, to)
      await assert.rejects(copyDatabase(from, to), CopyRefused)
    }))
})
