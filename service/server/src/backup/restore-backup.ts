import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { type CopiedTable, copyDatabase } from '@mintmark/storage/copy-database'
import type { Database } from '@mintmark/storage/database'
import { migrate } from '@mintmark/storage/migrations/migrate'
import { restorationMarked } from '@mintmark/storage/restoration'
import { claimDataDirectory } from '@mintmark/storage/sqlite/data-directory'
import { openSqlite } from '@mintmark/storage/sqlite/sqlite-database'
import { findBrokenPack } from '@mintmark/storage/tables/audit-pack'
import { listIdentityDomains } from '@mintmark/storage/tables/identity-domain'
import { databaseFile, unfinishedFile } from '../composition/database-file.ts'
import { DatabaseFault, openDatabase } from '../composition/open-database.ts'
import type { ServerOptions } from '../composition/server-options.ts'
import { syncFolder } from '../replace-file.ts'
import { newEcid } from '../signing/random-ids.ts'
import { type BackupHeader, BackupRefused, openBackup } from './backup-format.ts'

export interface Restored {
  readonly header: BackupHeader
  readonly restoredAtMs: number
  readonly bytes: number
}

/** Bytes read at once. */
const highWaterMark = 1_048_576

const removeUnfinished = (file: string): void => {
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(file + suffix, { force: true })
}

const writeAll = async (pieces: AsyncIterable<Buffer>, path: string): Promise<number> => {
  const file = openSync(path, 'wx', 0o600)
  let bytes = 0
  try {
    for await (const piece of pieces) {
      // not `writeSync`, which on a full disk may write a part and say nothing
      writeFileSync(file, piece)
      bytes += piece.length
    }
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  return bytes
}

/** The database is whole, is the one that the backup says, and its audit chain holds. */
const examine = async (database: Database, header: BackupHeader): Promise<void> => {
  const [check] = await database.read.all('PRAGMA quick_check(1)', [])
  if (check?.['quick_check'] !== 'ok') {
    throw new BackupRefused('The database in the backup is damaged. Take an older backup.')
  }
  const [domain] = await listIdentityDomains(database.read)
  if (domain?.id !== header.domain) {
    throw new BackupRefused('The database in the backup is of another domain than it says.')
  }
  const broken = await findBrokenPack(database.read, header.domain)
  if (broken !== null) {
    throw new BackupRefused(`The audit in the backup does not hold from pack ${broken} on.`)
  }
}

/** Decrypts, examines, brings up to date, and writes into it what a restore means. */
const prepare = async (path: string, passphrase: string, file: string): Promise<Restored> => {
  removeUnfinished(file)
  const { header, pieces } = await openBackup(createReadStream(path, { highWaterMark }), passphrase)
  const bytes = await writeAll(pieces, file)
  const restoredAtMs = Date.now()
  const database = openSqlite({ path: file })
  try {
    await examine(database, header)
    await migrate(database)
    await restorationMarked(database, header.domain, {
      at: restoredAtMs,
      ecid: newEcid(),
      action: 'backup.restore',
      result: 'ok',
      detail: { backupOf: new Date(header.createdAtMs).toISOString() },
    })
  } finally {
    await database.close()
  }
  return { header, restoredAtMs, bytes }
}

/** One rename makes it the database, so that a process that is killed leaves all or nothing. */
const putInFolder = (file: string, directory: string): void => {
  const target = databaseFile(directory)
  for (const suffix of ['-wal', '-shm']) rmSync(target + suffix, { force: true })
  renameSync(file, target)
  syncFolder(dirname(target))
}

/** One transaction makes it the data of the database. */
const putInPostgres = async (
  file: string,
  options: Pick<ServerOptions, 'dataDirectory' | 'databaseUrl'>,
): Promise<readonly CopiedTable[]> => {
  const from = openSqlite({ path: file })
  try {
    const to = await openDatabase(options)
    try {
      await migrate(to.database)
      return await copyDatabase(from, to.database)
    } finally {
      await to.close()
    }
  } finally {
    await from.close()
  }
}

/**
 * Makes the data of a stopped server from a backup: in a data directory that has none, or in an
 * empty PostgreSQL database. Whichever of them the backup was made of, either can take it. Until
 * all is verified it lies under another name in the data directory.
 *
 * @throws BackupRefused, CopyRefused, DatabaseFault, DataDirectoryInUse, SchemaRefused: the text
 *   says what to do
 */
export const restoreBackup = async (
  path: string,
  passphrase: string,
  options: Pick<ServerOptions, 'dataDirectory' | 'databaseUrl'>,
): Promise<Restored> => {
  const { dataDirectory, databaseUrl } = options
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  const claim = claimDataDirectory(dataDirectory)
  const unfinished = unfinishedFile(dataDirectory)
  try {
    if (databaseUrl === null && existsSync(databaseFile(dataDirectory))) {
      throw new DatabaseFault(
        `There is a database in ${dataDirectory} already. Restore into an empty folder, or move ` +
          'mintmark.db with its -wal and -shm away.',
      )
    }
    const restored = await prepare(path, passphrase, unfinished)
    if (databaseUrl === null) putInFolder(unfinished, dataDirectory)
    else await putInPostgres(unfinished, options)
    removeUnfinished(unfinished)
    return restored
  } catch (error) {
    removeUnfinished(unfinished)
    throw error
  } finally {
    claim.release()
  }
}
