import { existsSync } from 'node:fs'
import { type MigrationTelling, migrate, migrations } from '@mintmark/storage/migrations/migrate'
import { type MigrationStanding, readStanding } from '@mintmark/storage/migrations/standing'
import { databaseFile } from './database-file.ts'
import { inspectData } from './inspect-data.ts'
import { DatabaseFault, openDatabase } from './open-database.ts'
import type { ServerOptions } from './server-options.ts'

type DataOptions = Pick<ServerOptions, 'dataDirectory' | 'databaseUrl'>

/**
 * The schema of the data that a server has, or would have, looked at without changing it.
 *
 * @returns null when there is no database yet
 * @throws DatabaseFault, StorageFailed when it cannot be read
 */
export const dataStanding = async (options: DataOptions): Promise<MigrationStanding | null> => {
  if (options.databaseUrl === null) return inspectData(options.dataDirectory)
  const { database, close } = await openDatabase(options)
  try {
    const query = "SELECT to_regclass('schema_migration') IS NOT NULL AS there"
    const [found] = await database.read.all(query, [])
    return found?.['there'] === true ? await readStanding(database.read) : null
  } finally {
    await close()
  }
}

/**
 * Brings data to the schema of this program while no server of this data folder runs. A start does
 * the same.
 *
 * @returns how many steps were taken
 * @throws DatabaseFault, DataDirectoryInUse, SchemaRefused, StorageFailed: the text says what to do
 */
export const migrateData = async (
  options: DataOptions,
  telling: MigrationTelling = {},
): Promise<number> => {
  const { dataDirectory, databaseUrl } = options
  if (databaseUrl === null && !existsSync(databaseFile(dataDirectory))) {
    throw new DatabaseFault(
      `There is no database in ${dataDirectory}: name its folder with --data.`,
    )
  }
  const { database, close } = await openDatabase(options)
  try {
    return await migrate(database, migrations, telling)
  } finally {
    await close()
  }
}
