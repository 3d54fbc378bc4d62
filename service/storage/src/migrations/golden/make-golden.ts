/**
 * Writes the golden file of the present schema, once, before a release:
 *
 *     node --conditions=mintmark-source service/storage/src/migrations/golden/make-golden.ts
 *
 * An existing file is never replaced: it stands for the databases that are out there.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openSqlite } from '../../sqlite/sqlite-database.ts'
import { migrate } from '../migrate.ts'
import { schemaNumber } from '../schema-number.ts'
import { writeGoldenRows } from './golden-rows.ts'

const target = join(import.meta.dirname, `${String(schemaNumber).padStart(4, '0')}.db`)
if (existsSync(target)) throw new Error(`${target} exists and is kept`)

const directory = mkdtempSync(join(tmpdir(), 'mintmark-golden-'))
try {
  const path = join(directory, 'mintmark.db')
  const database = openSqlite({ path })
  await migrate(database)
  await writeGoldenRows(database)
  await database.close()
  const raw = new DatabaseSync(path)
  raw.prepare('VACUUM INTO ?').run(target)
  raw.close()
} finally {
  rmSync(directory, { recursive: true })
}
