import { existsSync, mkdirSync } from 'node:fs'
import { type Database, type SharedDatabase, StorageFailed } from '@mintmark/storage/database'
import {
  claimDataDirectory,
  type DataDirectoryClaim,
} from '@mintmark/storage/sqlite/data-directory'
import { openSqlite } from '@mintmark/storage/sqlite/sqlite-database'
import { removeDrafts } from '../backup/write-backup.ts'
import { databaseFile, unfinishedFile } from './database-file.ts'
import type { ServerOptions } from './server-options.ts'

/** Where the data is, and what was taken to get at it. */
export interface OpenedDatabase {
  readonly database: Database
  /** The same database where other servers may share it; null: it is this server's alone. */
  readonly shared: SharedDatabase | null
  /** What the operator should know of it. */
  readonly warning?: string | null
  close(): Promise<void>
}

/** The database cannot be used at the start; `message` says what to do about it. */
export class DatabaseFault extends Error {}
/** Nobody answers where the database should be, or it lets this server not in. */
export class DatabaseNotReached extends DatabaseFault {}

/** Another server with this folder may be making a backup: it writes to its draft all the time. */
const othersDraftMs = 3_600_000

/**
 * Opens the file in the data directory, as its only owner, or the database that is configured.
 *
 * @param warn told what the operator should know while it is open
 */
export const openDatabase = async (
  options: Pick<ServerOptions, 'dataDirectory' | 'databaseUrl'>,
  warn?: (text: string) => void,
): Promise<OpenedDatabase> => {
  mkdirSync(options.dataDirectory, { recursive: true, mode: 0o700 })
  if (options.databaseUrl !== null) {
    removeDrafts(options.dataDirectory, othersDraftMs)
    return openShared(options.databaseUrl)
  }
  const claim = claimDataDirectory(options.dataDirectory)
  const unfinished = unfinishedFile(options.dataDirectory)
  if (existsSync(unfinished) && !existsSync(databaseFile(options.dataDirectory))) {
    claim.release()
    throw new DatabaseFault(
      `A restore was begun here and did not end: run mintmark db restore again, or remove ` +
        `${unfinished} to start with nothing.`,
    )
  }
  removeDrafts(options.dataDirectory)
  const database = openFile(databaseFile(options.dataDirectory), claim, warn)
  return {
    database,
    shared: null,
    close: async () => {
      await database.close()
      claim.release()
    },
  }
}

/** Of a mebibyte each: room for some thousand revocations. */
const reservePieces = 8

const openFile = (
  path: string,
  claim: DataDirectoryClaim,
  warn?: (text: string) => void,
): Database => {
  try {
    return openSqlite({ path, examine: true, reservePieces, ...(warn && { warn }) })
  } catch (error) {
    claim.release()
    throw error
  }
}

const openShared = async (url: string): Promise<OpenedDatabase> => {
  const { openPostgres } = await import('@mintmark/storage/postgres/postgres-database')
  const { warnOfReplication } = await import('@mintmark/storage/postgres/replication')
  const shared = openPostgres({ url })
  try {
    const warning = await warnOfReplication(shared.read, url)
    return { database: shared, shared, warning, close: () => shared.close() }
  } catch (error) {
    await shared.close()
    throw new DatabaseNotReached(
      `${error instanceof StorageFailed ? '' : 'PostgreSQL: '}${(error as Error).message}. ` +
        'MINTMARK_DATABASE_URL says where the database is, and as whom.',
    )
  }
}
