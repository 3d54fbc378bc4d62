import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CreateTestDatabase } from '../contract-database.ts'
import { migrate } from '../migrations/migrate.ts'
import { openSqlite } from './sqlite-database.ts'

/** A new SQLite file in a directory of its own. */
export const createSqliteTestDatabase: CreateTestDatabase = async (content) => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-storage-'))
  const path = join(directory, 'mintmark.db')
  let database = openSqlite({ path })
  if (content === 'migrated') await migrate(database)
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
