import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Database, Statements } from '../database.ts'
import { connect } from './sqlite-connection.ts'

/** A database file that is filled once, by one writer. */
export interface DraftFile extends Pick<Database, 'dialect' | 'transaction'> {
  readonly read: Statements
  close(): void
}

/**
 * Makes a database file that is worth nothing until it is whole: nothing of it is synced, and there
 * is no way back from a transaction that failed, so that it is written once and not twice.
 *
 * @param path a file that is not there yet; readable by its owner alone
 */
export const openDraft = (path: string): DraftFile => {
  closeSync(openSync(path, 'wx', 0o600))
  const raw = new DatabaseSync(path, { enableForeignKeyConstraints: false })
  raw.exec(
    'PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA trusted_schema = OFF; ' +
      'PRAGMA locking_mode = EXCLUSIVE; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -64000',
  )
  const connection = connect(raw)
  const statements: Statements = {
    all: async (sql, params) => connection.all(sql, params),
    run: async (sql, params) => connection.run(sql, params),
  }
  return {
    dialect: 'sqlite',
    read: statements,
    transaction: async (work, committed) => {
      connection.run('BEGIN', [])
      const value = await work(statements)
      connection.run('COMMIT', [])
      committed?.(value)
      return value
    },
    close: () => raw.close(),
  }
}
