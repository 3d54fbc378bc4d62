import { closeSync, openSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createCountMemory } from '../count-memory.ts'
import type { Statements } from '../database.ts'
import { type Database, StorageFailed } from '../database.ts'
import { type DiskReserve, openDiskReserve } from './disk-reserve.ts'
import { createDiskTrust, type DiskTrust } from './disk-trust.ts'
import { type Examination, examineFile } from './examine-file.ts'
import { canSyncAside, type LogSync, openLogSync } from './log-sync.ts'
import { openReadingThreads, type ReadingThreads, type ThreadBounds } from './reading-threads.ts'
import { type Connection, connect, translate } from './sqlite-connection.ts'

export interface SqliteOptions {
  readonly path: string
  /** For worker processes: no write connection; `transaction` throws. */
  readonly readOnly?: boolean
  /** Milliseconds to wait for a lock held by a backup or a checkpoint. */
  readonly busyTimeoutMs?: number
  /** The whole file is read through; a large one beside everything else. */
  readonly examine?: boolean
  /** Mebibytes kept free for when the disk is full; none unless stated. */
  readonly reservePieces?: number
  /** From how many bytes of the file on lists are read by threads of their own. */
  readonly listsAsideBytes?: number
  readonly listBounds?: ThreadBounds
}

const examinedAtOnceBytesMax = 64 * 1024 * 1024
/** A smaller file is read through in a few milliseconds; a thread would cost more. */
const listsAsideBytes = 32 * 1024 * 1024
const listBounds: ThreadBounds = {
  threadsMax: 2,
  waitingMax: 32,
  waitMs: 5000,
  statementMs: 10_000,
  idleMs: 60_000,
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
  // What a process before this one left in the log may be in memory only, if its last sync failed:
  // to go on behind it could lose what is acknowledged now. This syncs it, or says that it cannot.
  raw.exec('PRAGMA wal_checkpoint(TRUNCATE)')
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

const tryAgainMs = 500
const reserveAfterMs = 2000

/** Connections that must not be closed, not even as garbage. */
const kept = new Set<Connection>()

interface Writer {
  transaction: Database['transaction']
  /** Resolves when the transactions asked for so far have ended. */
  settled(): Promise<void>
  close(): void
}

type RunAlone = <T>(work: (statements: Statements) => Promise<T>) => Promise<T>

/** One transaction: committed when `work` is through, rolled back when it throws. */
const runAlone = (connection: Connection, trust: DiskTrust): RunAlone => {
  const rollBack = (): void => {
    if (!connection.raw.isTransaction) return
    try {
      connection.run('ROLLBACK', [])
    } catch (error) {
      trust.noteWriting(error)
      trust.rollbackFailed()
    }
  }

  return async <T>(work: (statements: Statements) => Promise<T>): Promise<T> => {
    let open = true
    const guarded = <R>(act: () => R): R => {
      if (!open) throw new StorageFailed('the transaction of this statement has ended')
      try {
        return act()
      } catch (error) {
        trust.noteWriting(error)
        throw trust.lost() ?? translate(error)
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
}

const createWriter = (connection: Connection, log: LogSync, trust: DiskTrust): Writer => {
  let tail: Promise<void> = Promise.resolve()
  let closed = false
  const alone = runAlone(connection, trust)

  /** What `FULL` adds to `NORMAL` is one sync of the log behind the commit: here it is ours. */
  const syncedAside = async <T>(work: (statements: Statements) => Promise<T>): Promise<T> => {
    connection.raw.exec('PRAGMA synchronous = NORMAL')
    const value = await alone(work).finally(() => connection.raw.exec('PRAGMA synchronous = FULL'))
    await log.sync().catch((error: Error) => {
      trust.syncFailed(error)
      throw trust.lost() ?? error
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
      const reason = trust.lost()
      if (reason !== null) throw reason
      const isAside = wait === 'aside' && canSyncAside
      const value = isAside ? await syncedAside(work) : await alone(work)
      trust.stored()
      committed?.(value)
      return value
    } catch (error) {
      tryAgain()
      throw error
    } finally {
      leave()
    }
  }

  let trying: NodeJS.Timeout | null = null
  /** Whoever is told that nothing can be written sends nothing: so this finds out when it can. */
  const tryAgain = (): void => {
    if (trying !== null || closed || trust.failure() === null || trust.lost() !== null) return
    trying = setTimeout(() => {
      trying = null
      if (closed) return
      if (!trust.hasRoom()) {
        tryAgain()
        return
      }
      // the number is nobody's; writing it writes a page
      const write = (statements: Statements) => statements.run('PRAGMA user_version = 0', [])
      transaction(write).catch(() => {})
    }, tryAgainMs)
    trying.unref()
  }

  const close = (): void => {
    closed = true
    log.close()
    // its last act would be to carry the log over into the file, from pages that may not be there
    if (trust.lost() === null) connection.raw.close()
    else kept.add(connection)
  }

  return { transaction, settled: () => tail, close }
}

const refuseToWrite: Writer = {
  transaction: async () => {
    throw new StorageFailed('the database was opened for reading only')
  },
  settled: async () => {},
  close: () => {},
}

/**
 * Opens a SQLite database file: WAL, every commit on the disk before it is acknowledged, one write
 * connection whose transactions run one at a time, one that only reads, and, in a large file,
 * threads that read lists.
 *
 * @throws DatabaseDamaged when it is not a database, or not whole; else when it cannot be opened
 */
export const openSqlite = (options: SqliteOptions): Database => {
  const reserve =
    options.reservePieces === undefined
      ? null
      : openDiskReserve(join(dirname(options.path), 'reserve'), options.reservePieces)
  const trust = createDiskTrust(reserve)
  try {
    return keeping(reserve, open(options, trust))
  } catch (error) {
    trust.note(error)
    throw trust.lost() ?? error
  }
}

/** Takes the reserve a while after the start, which it is not to delay. */
const keeping = (reserve: DiskReserve | null, database: Database): Database => {
  if (reserve === null) return database
  const timer = setTimeout(reserve.fill, reserveAfterMs).unref()
  return {
    ...database,
    close: () => {
      clearTimeout(timer)
      return database.close()
    },
  }
}

/** Damage is found before anything is served, where that takes some tenths of a second at most. */
const examine = (path: string, reading: Connection, trust: DiskTrust): Examination | null => {
  if (statSync(path).size > examinedAtOnceBytesMax) return examineFile(path, trust.damaged)
  const [row] = reading.all('PRAGMA quick_check(1)', [])
  if (row?.['quick_check'] !== 'ok') trust.damaged(String(row?.['quick_check']))
  const damage = trust.lost()
  if (damage !== null) throw damage
  return null
}

/** Lists and exports: beside the event loop where they may take long, and threads are allowed. */
const openLists = (options: SqliteOptions, inLine: Statements['all']) => {
  const canThread = process.permission?.has('worker') ?? true
  const bounds = options.listBounds ?? listBounds
  const largeBytes = options.listsAsideBytes ?? listsAsideBytes
  let threads: ReadingThreads | null = null
  const all: Statements['all'] = async (sql, params) => {
    if (threads === null && canThread && statSync(options.path).size >= largeBytes) {
      const { path, busyTimeoutMs: timeout = 5000 } = options
      threads = openReadingThreads({ path, timeout }, bounds)
    }
    return threads === null ? inLine(sql, params) : threads.all(sql, params)
  }
  return { all, close: async () => threads?.close() }
}

const open = (options: SqliteOptions, trust: DiskTrust): Database => {
  const writing = options.readOnly === true ? null : openWriter(options)
  const reading = openReader(options)
  const examination = options.examine === true ? examine(options.path, reading, trust) : null
  const writer =
    writing === null ? refuseToWrite : createWriter(writing, openLogSync(options.path), trust)
  let statements = 0
  let closed = false
  const noted = (error: unknown): unknown => {
    trust.note(error)
    return trust.lost() ?? error
  }
  const noting = <R>(act: () => R): R => {
    statements += 1
    try {
      return act()
    } catch (error) {
      throw noted(error)
    }
  }
  const read: Statements = {
    all: async (sql, params) => noting(() => reading.all(sql, params)),
    run: async (sql, params) => noting(() => reading.run(sql, params)),
  }
  const lists = openLists(options, async (sql, params) => reading.all(sql, params))
  return {
    dialect: 'sqlite',
    read,
    lists: {
      counted: createCountMemory(),
      all: async (sql, params) => {
        statements += 1
        return lists.all(sql, params).catch((error: unknown) => Promise.reject(noted(error)))
      },
      run: read.run,
    },
    transaction: writer.transaction,
    statementCount: () => statements,
    failure: trust.failure,
    isOnReserve: trust.isOnReserve,
    lost: trust.lost,
    close: async () => {
      if (closed) return
      closed = true
      await writer.settled()
      examination?.stop()
      await lists.close()
      reading.raw.close()
      writer.close()
    },
  }
}
