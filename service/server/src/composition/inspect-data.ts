import { existsSync } from 'node:fs'
import { type MigrationStanding, readStanding } from '@mintmark/storage/migrations/standing'
import { openSqlite } from '@mintmark/storage/sqlite/sqlite-database'
import { databaseFile } from './database-file.ts'

/** The data of a directory, looked at without touching it. */
export interface DataStanding extends MigrationStanding {
  readonly file: string
}

/**
 * The schema of the SQLite file in a data directory, beside a server that may be running.
 * @returns null when there is none yet
 * @throws StorageFailed when the file is no database
 */
export const inspectData = async (directory: string): Promise<DataStanding | null> => {
  const file = databaseFile(directory)
  if (!existsSync(file)) return null
  const database = openSqlite({ path: file, readOnly: true })
  try {
    return { file, ...(await readStanding(database.read)) }
  } finally {
    await database.close()
  }
}
