import { closeSync, openSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { LRUCache } from 'lru-cache'
import type { Row, Statements } from '../database.ts'
import { type Database, duplicateRecord, type SqlValue, StorageFailed } from '../database.ts'
import { type LogSync, openLogSync } from './log-sync.ts'

export interface SqliteOptions {
  readonly path: string
  /** For worker processes: no write connection; `transaction` throws. */
  readonly readOnly?: boolean
  /** Milliseconds to wait for a lock held by a backup or a checkpoint. */
  readonly busyTimeoutMs?: number
}

const preparedMax = 256
const numberedParameter = /\$(\d+)/g

// extended result codes: https://www.sqlite.org/rescode.html
const primaryKeyViolation = 1555
const uniqueViolation = 2067
const ioErrorPrimaryCode = 10

interface SqliteError extends Error {
  readonly errcode: number
}

const isSqliteError = (error: unknown): error is SqliteError =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'

/** `UNIQUE constraint failed: app_role.domain_id, app_role.id` → which record, which member. */
const translate = (error: unknown): unknown => {
  if (!isSqliteError(error)) return error
  if (error.errcode !== uniqueViolation && error.errcode !== primaryKeyViolation) return error
  const [, list = ''] = error.message.split('constraint failed: ')
  const keys = list.split(', ').map((name) => name.split('.'))
  return duplicateRecord(
    keys[0]?.[0] ?? '',
    keys.map((key) => key[1] ?? ''),
  )
}

interface Connection {
  readonly raw: DatabaseSync
  all(sql: string, params: readonly SqlValue[]): Row[]
  run(sql: string, params: readonly SqlValue[]): { readonly changes: number }
}

const connect = (raw: DatabaseSync): Connection => {
  // What is used least goes first: filters that nobody repeats do not push out what tokens need.
  const prepared = new LRUCache<string, StatementSync>({ max: preparedMax })
  const prepare = (sql: string): StatementSync => {
    const known = prepared.get(sql)
    if (known !== undefined) return known
    // `$1` is PostgreSQL's spelling; to SQLite it would be a name, so that it is bound by `?1`
    const statement = raw.prepare(sql.replace(numberedParameter, '?$1'))
    prepared.set(sql, statement)
    return statement
  }
  return {
    raw,
    all: (sql, params) => prepare(sql).all(...params) as Row[],
    run: (sql, params) => ({ changes: Number(prepare(sql).run(...params).changes) }),
  }
}

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
      const value = wait === 'aside' ? await syncedAside(work) : await alone(work)
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
