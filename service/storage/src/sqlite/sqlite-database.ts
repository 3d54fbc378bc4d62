import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Statements } from '../database.ts'
import { type Database, StorageFailed } from '../database.ts'
import { canSyncAside, type LogSync, openLogSync } from './log-sync.ts'
import { type Connection, connect, isSqliteError, translate } from './sqlite-connection.ts'

export interface SqliteOptions {
  readonly path: string
  /** For worker processes: no write connection; `transaction` throws. */
  readonly readOnly?: boolean
  /** Milliseconds to wait for a lock held by a backup or a checkpoint. */
  readonly busyTimeoutMs?: number
}

const ioErrorPrimaryCode = 10

const openWriter = (options: SqliteOptions): Connection => {
  // made by us first, so that nobody else can read it; SQLite gives -wal and -shm the same mode
  closeSync(openSync(options.path, 'a', 0o600))
  const raw = new DatabaseSync(options.path, {
    enableForeignKeyConstraints: true,
    timeout: options.busyTimeoutMs ?? 5000,
  })
  // FULL: NORMAL loses acknowledged commits when the power fails in WAL mode
  raw.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; ' +
      'PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000; ' +
      'PRAGMA journal_size_limit = 67108864',
  )
  return connect(raw)
}

const openReader = (options: SqliteOptions): Connection => {
  const raw = new DatabaseSync(options.path, {
    readOnly: true,
    timeout: options.busyTimeoutMs ?? 5000,
  })
  raw.exec('PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -8000')
  return connect(raw)
}

interface Writer {
  transaction: Database['transaction']
  failure: Database['failure']
  /** Resolves when the transactions asked for so far have ended. */
  settled(): Promise<void>
}

const createWriter = (connection: Connection, log: LogSync): Writer => {
  let tail: Promise<void> = Promise.resolve()
  let failed: string | null = null

  const distrust = (error: Error): void => {
    // after an I/O error nobody knows what the disk holds, and a second fsync may lie: stop writing
    failed = `the disk refused a write (${error.message}); restart after checking the disk`
  }

  const noteFailure = (error: unknown): void => {
    if (isSqliteError(error) && (error.errcode & 0xff) === ioErrorPrimaryCode) distrust(error)
  }

  const rollBack = (): void => {
    if (!connection.raw.isTransaction) return
    try {
      connection.run('ROLLBACK', [])
    } catch (error) {
      noteFailure(error)
      failed ??= 'a transaction could not be rolled back'
    }
  }

  const alone = async <T>(work: (statements: Statements) => Promise<T>): Promise<T> => {
    let open = true
    const guarded = <R>(act: () => R): R => {
      if (!open) throw new StorageFailed('the transaction of this statement has ended')
      try {
        return act()
      } catch (error) {
        noteFailure(error)
        throw translate(error)
      }
    }
    try {
      guarded(() => connection.run('BEGIN IMMEDIATE', []))
      const value = await work({
        all: async (sql, params) => guarded(() => connection.all(sql, params)),
        run: async (sql, params) => guarded(() => connection.run(sql, params)),
      })
      guarded(() => connection.run('COMMIT', []))
      return value
    } catch (error) {
      rollBack()
      throw error
    } finally {
      open = false
    }
  }

  /** What `FULL` adds to `NORMAL` is one sync of the log behind the commit: here it is ours. */
  const syncedAside = async <T>(work: (statements: Statements) => Promise<T>): Promise<T> => {
    connection.raw.exec('PRAGMA synchronous = NORMAL')
    const value = await alone(work).finally(() => connection.raw.exec('PRAGMA synchronous = FULL'))
    await log.sync().catch((error: Error) => {
      distrust(error)
      throw new StorageFailed(failed ?? '')
    })
    return value
  }

  const transaction = async <T>(
    work: (statements: Statements) => Promise<T>,
    committed?: (value: T) => void,
    wait: 'in line' | 'aside' = 'in line',
  ): Promise<T> => {
    const turn = tail
    let leave = (): void => {}
    tail = new Promise((resolve) => {
      leave = resolve
    })
    await turn
    try {
      if (failed !== null) throw new StorageFailed(failed)
      const isAside = wait === 'aside' && canSyncAside
      const value = isAside ? await syncedAside(work) : await alone(work)
      committed?.(value)
      return value
    } finally {
      leave()
    }
  }

  return { transaction, failure: () => failed, settled: () => tail }
}

const refuseToWrite: Writer = {
  transaction: async () => {
    throw new StorageFailed('the database was opened for reading only')
  },
  failure: () => null,
  settled: async () => {},
}

/**
 * Opens a SQLite database file: WAL, every commit on the disk before it is acknowledged, one write
 * connection whose transactions run one at a time and one connection that only reads.
 *
 * @throws when the file cannot be opened or is not a database
 */
export const openSqlite = (options: SqliteOptions): Database => {
  const writing = options.readOnly === true ? null : openWriter(options)
  const reading = openReader(options)
  const log = openLogSync(options.path)
  const writer = writing === null ? refuseToWrite : createWriter(writing, log)
  let statements = 0
  let closed = false
  const read: Statements = {
    all: async (sql, params) => {
      statements += 1
      return reading.all(sql, params)
    },
    run: async (sql, params) => {
      statements += 1
      return reading.run(sql, params)
    },
  }
  return {
    dialect: 'sqlite',
    read,
    lists: read,
    transaction: writer.transaction,
    statementCount: () => statements,
    failure: writer.failure,
    close: async () => {
      if (closed) return
      closed = true
      await writer.settled()
      log.close()
      reading.raw.close()
      writing?.raw.close()
    },
  }
}
