import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { SchemaRefused } from '@mintmark/storage/migrations/migrate'
import { openSqlite } from '@mintmark/storage/sqlite/sqlite-database'
import { databaseFile } from './database-file.ts'
import { dataStanding, migrateData } from './migrate-data.ts'
import { DatabaseFault } from './open-database.ts'

test('data is brought up to date once; what a newer one wrote is left alone', async (t) => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'mintmark-migrate-'))
  t.after(() => rmSync(dataDirectory, { recursive: true, force: true }))
  const options = { dataDirectory, databaseUrl: null }
  assert.equal(await dataStanding(options), null)
  await assert.rejects(migrateData(options), DatabaseFault)
  await openSqlite({ path: databaseFile(dataDirectory) }).close()
  assert.ok((await migrateData(options)) > 0)
  assert.equal(await migrateData(options), 0)
  const database = openSqlite({ path: databaseFile(dataDirectory) })
  await database.transaction((statements) =>
    statements.run("INSERT INTO schema_migration VALUES (9999, 'later', 'x', 0, NULL)", []),
  )
  await database.close()
  assert.equal((await dataStanding(options))?.schema, 9999)
  await assert.rejects(migrateData(options), SchemaRefused)
})
