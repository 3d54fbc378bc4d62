import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { migrate } from '@mintmark/storage/migrations/migrate'
import { schemaNumber } from '@mintmark/storage/migrations/schema-number'
import { openSqlite } from '@mintmark/storage/sqlite/sqlite-database'
import { databaseFile } from './database-file.ts'
import { inspectData } from './inspect-data.ts'

const home = mkdtempSync(join(tmpdir(), 'mintmark-inspect-'))
after(() => rmSync(home, { recursive: true }))

test('tells the schema of a database that is in use, and of a newer one', async () => {
  assert.equal(await inspectData(home), null)
  const database = openSqlite({ path: databaseFile(home) })
  await migrate(database)
  const now = {
    file: databaseFile(home),
    schema: schemaNumber,
    known: schemaNumber,
    worksHere: true,
  }
  assert.deepEqual(await inspectData(home), now)
  const add = (number: number, worksFrom: number | null) =>
    database.transaction((statements) =>
      statements.run('INSERT INTO schema_migration VALUES ($1, $2, $3, $4, $5)', [
        number,
        'later',
        'x',
        0,
        worksFrom,
      ]),
    )
  await add(998, schemaNumber)
  assert.deepEqual(await inspectData(home), { ...now, schema: 998 })
  await add(999, null)
  assert.deepEqual(await inspectData(home), { ...now, schema: 999, worksHere: false })
  await database.close()
})

test('what is no database is refused', async () => {
  const other = mkdtempSync(join(home, 'other-'))
  writeFileSync(databaseFile(other), 'this is a letter, and no database at all. '.repeat(50))
  await assert.rejects(inspectData(other))
})
