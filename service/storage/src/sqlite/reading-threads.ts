import { Worker } from 'node:worker_threads'
import { type Row, type SqlValue, StorageFailed } from '../database.ts'
import { numbered } from './sqlite-connection.ts'

/** Bounds of what reads beside the event loop; times in milliseconds. */
export interface ThreadBounds {
  /** Of them, those that still end a statement that was given up count too. */
  readonly threadsMax: number
  /** Statements that may wait for a thread; further ones fail at once. */
  readonly waitingMax: number
  readonly waitMs: number
  /** After which nobody waits for the end of a statement. */
  readonly statementMs: number
  /** After which a thread that nobody uses ends, and gives its memory back. */
  readonly idleMs: number
}

/** Statements of threads that have a reading connection of their own each. */
export interface ReadingThreads {
  /** @throws StorageFailed when too many wait, or it takes too long; else what SQLite says */
  all(sql: string, params: readonly SqlValue[]): Promise<readonly Row[]>
  close(): Promise<void>
}

const program = `
const { parentPort, workerData } = require('node:worker_threads')
const { DatabaseSync } = require('node:sqlite')
const database = new DatabaseSync(workerData.path, { readOnly: true, timeout: workerData.timeout })
database.exec('PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; ' +
  'PRAGMA cache_size = -4000')
const prepared = new Map()
const prepare = (sql) => {
  const known = prepared.get(sql)
  prepared.delete(sql)
  const statement = known ?? database.prepare(sql)
  prepared.set(sql, statement)
  if (prepared.size > 64) prepared.delete(prepared.keys().next().value)
  return statement
}
parentPort.on('message', ({ sql, params }) => {
  try {
    parentPort.postMessage({ rows: prepare(sql).all(...params) })
  } catch ({ message, errcode }) {
    parentPort.postMessage({ fault: { message, errcode } })
  }
})`

type Answer =
  | { readonly rows: readonly Row[] }
  | { readonly fault: { readonly message: string; readonly errcode: number | undefined } }

interface Asked {
  readonly sql: string
  readonly params: readonly SqlValue[]
  readonly resolve: (rows: readonly Row[]) => void
  readonly reject: (error: Error) => void
  timer: NodeJS.Timeout
}

const busy = (why: string): StorageFailed =>
  new StorageFailed(`SQLite is busy with long lists: ${why}; ask again later, or for less`)

interface Seat {
  /** Whether it can take a statement now. */
  isFree(): boolean
  run(asked: Asked): void
  close(): Promise<void>
}

/**
 * One thread. A statement cannot be interrupted from outside: one that takes too long is given up
 * together with its thread, which ends when the statement does.
 *
 * @param gone told when the thread has ended, however it did
 */
const openSeat = (
  thread: Worker,
  { statementMs, idleMs }: ThreadBounds,
  freed: () => void,
  gone: () => void,
): Seat => {
  let asked: Asked | null = null
  let isUsable = true
  let idle: NodeJS.Timeout | undefined
  const settle = (act: (one: Asked) => void): void => {
    const one = asked
    asked = null
    // it holds nobody back from ending while it has nothing to do
    thread.unref()
    if (one === null) return
    clearTimeout(one.timer)
    act(one)
  }
  const end = async (): Promise<void> => {
    isUsable = false
    clearTimeout(idle)
    await thread.terminate()
  }
  thread.on('message', (answer: Answer) => {
    settle(({ resolve, reject }) => {
      if ('rows' in answer) resolve(answer.rows)
      else reject(Object.assign(new Error(answer.fault.message), answer.fault))
    })
    if (!isUsable) return
    idle = setTimeout(end, idleMs).unref()
    freed()
  })
  thread.on('error', (error: Error) => settle(({ reject }) => reject(error)))
  thread.on('exit', () => {
    isUsable = false
    settle(({ reject }) => reject(new StorageFailed('the thread that reads lists has ended')))
    gone()
  })
  return {
    isFree: () => isUsable && asked === null,
    run: (one) => {
      asked = one
      clearTimeout(idle)
      one.timer = setTimeout(() => {
        settle(({ reject }) => reject(busy(`this one took more than ${statementMs} ms`)))
        void end()
      }, statementMs)
      thread.ref()
      thread.postMessage({ sql: numbered(one.sql), params: one.params })
    },
    close: end,
  }
}

/**
 * Reads in threads, each begun when the others are busy, so that nothing that takes long holds up
 * the event loop or the connection that tokens are read by.
 *
 * @param options the file, and milliseconds to wait for a lock on it
 */
export const openReadingThreads = (
  options: { readonly path: string; readonly timeout: number },
  bounds: ThreadBounds,
): ReadingThreads => {
  const seats = new Set<Seat>()
  const waiting = new Set<Asked>()
  let isClosed = false

  const freeSeat = (): Seat | null => {
    for (const seat of seats) if (seat.isFree()) return seat
    return seats.size < bounds.threadsMax ? addSeat() : null
  }
  const addSeat = (): Seat => {
    const thread = new Worker(program, {
      eval: true,
      workerData: options,
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    })
    const seat = openSeat(thread, bounds, next, () => {
      seats.delete(seat)
      next()
    })
    seats.add(seat)
    return seat
  }
  const next = (): void => {
    for (const asked of waiting) {
      const seat = isClosed ? null : freeSeat()
      if (seat === null) return
      waiting.delete(asked)
      clearTimeout(asked.timer)
      seat.run(asked)
    }
  }
  const wait = (asked: Omit<Asked, 'timer'>): void => {
    const one: Asked = {
      ...asked,
      timer: setTimeout(() => {
        waiting.delete(one)
        asked.reject(busy(`none was free for ${bounds.waitMs} ms`))
      }, bounds.waitMs),
    }
    waiting.add(one)
    next()
  }

  return {
    all: (sql, params) =>
      new Promise((resolve, reject) => {
        if (isClosed) reject(new StorageFailed('the database is closed'))
        else if (waiting.size >= bounds.waitingMax) reject(busy('too many wait'))
        else wait({ sql, params, resolve, reject })
      }),
    close: async () => {
      isClosed = true
      for (const { timer, reject } of waiting) {
        clearTimeout(timer)
        reject(new StorageFailed('the database is closed'))
      }
      waiting.clear()
      await Promise.all([...seats].map((seat) => seat.close()))
    },
  }
}
