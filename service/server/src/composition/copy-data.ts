import { existsSync } from 'node:fs'
import { type CopiedTable, copyDatabase } from '@mintmark/storage/copy-database'
import { migrate } from '@mintmark/storage/migrations/migrate'
import { listIdentityDomains } from '@mintmark/storage/tables/identity-domain'
import { databaseFile } from './database-file.ts'
import { DatabaseFault, openDatabase } from './open-database.ts'
import { type MasterKeyOptions, openCheckedMasterKey } from './open-master-key.ts'
import type { ServerOptions } from './server-options.ts'

type CopyOptions = Pick<ServerOptions, 'dataDirectory' | 'databaseUrl'> & MasterKeyOptions

/**
 * Copies the data of a server that is stopped into an empty PostgreSQL database, and holds the
 * master key against it, so that servers can start there.
 *
 * @throws DatabaseFault, DataDirectoryInUse, MasterKeyFault, CopyRefused: the text says what to do
 */
export const copyData = async (options: CopyOptions): Promise<readonly CopiedTable[]> => {
  const { dataDirectory, databaseUrl } = options
  if (databaseUrl === null) {
    throw new DatabaseFault('Say where to copy to: set MINTMARK_DATABASE_URL or the file of it.')
  }
  if (!existsSync(databaseFile(dataDirectory))) {
    throw new DatabaseFault(
      `There is no database in ${dataDirectory}: name its folder with --data.`,
    )
  }
  const from = await openDatabase({ dataDirectory, databaseUrl: null })
  try {
    await migrate(from.database)
    const to = await openDatabase({ dataDirectory, databaseUrl })
    try {
      await migrate(to.database)
      const copied = await copyDatabase(from.database, to.database)
      const [domain] = await listIdentityDomains(to.database.read)
      if (domain !== undefined) await openCheckedMasterKey(to.database, domain, options)
      return copied
    } finally {
      await to.close()
    }
  } finally {
    await from.close()
  }
}
