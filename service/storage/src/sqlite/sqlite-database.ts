import { closeSync, openSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createCountMemory } from '../count-memory.ts'
import type { Database, Statements } from '../database.ts'
import { type DiskReserve, openDiskReserve } from './disk-reserve.ts'
import { createDiskTrust, type DiskTrust } from './disk-trust.ts'
import { type Examination, examineFile } from './examine-file.ts'
import { openReadingThreads, type ReadingThreads, type ThreadBounds } from './reading-threads.ts'
import { type Connection, connect } from './sqlite-connection.ts'
import { createWriter, refuseToWrite } from './sqlite-writer.ts'

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
  /** Pages of the log that are carried over into the file at once. */
  readonly logPages?: number
  /** Told what the operator should know and nobody is answered with. */
  readonly warn?: (text: string) => void
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

/**
 * 4 MiB: pages that change all the time are carried over once, a start reads it quickly, and no
 * commit waits long for its sync behind that of the file.
 */
const logPages = 1024

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

const reserveAfterMs = 2000

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
  const { path, busyTimeoutMs: timeout = 5000, warn = process.emitWarning } = options
  const file = { path, timeout, pagesAtOnce: options.logPages ?? logPages, warn }
  const writer = writing === null ? refuseToWrite : createWriter(writing, file, trust)
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
