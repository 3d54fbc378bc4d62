import { fdatasync, openSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { StorageFailed } from '../database.ts'
import type { DiskTrust } from './disk-trust.ts'
import { canSyncAside } from './log-sync.ts'
import type { Connection } from './sqlite-connection.ts'

/** Carries the log over into the file of the database: what SQLite calls a checkpoint. */
export interface LogCarrier {
  /** Called after each commit. Begins to carry over when the log has grown by enough. */
  committed(): void
  close(): Promise<void>
}

export interface LogCarrierParts {
  readonly path: string
  /** Milliseconds to wait for a lock. */
  readonly timeout: number
  /** What writes; it carries over by itself only a log of `logPagesMax`. */
  readonly writing: Connection
  /** Runs `act` while no transaction is under way. */
  readonly inTurn: (act: () => Promise<unknown>) => Promise<unknown>
  /** Pages that the log grows by before they are carried over. */
  readonly pagesAtOnce: number
  readonly trust: DiskTrust
  /** Told why the log could not be carried over; it is tried again when it has grown further. */
  readonly failed: (error: Error) => void
}

/** 64 MiB: behind that a commit carries over what it can, whatever the thread does. */
const logPagesMax = 16_384

const program = `
const { parentPort, workerData } = require('node:worker_threads')
const { DatabaseSync } = require('node:sqlite')
const database = new DatabaseSync(workerData.path, { timeout: workerData.timeout })
database.exec('PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -64; ' +
  'PRAGMA wal_autocheckpoint = 0')
const carry = database.prepare('PRAGMA wal_checkpoint(PASSIVE)')
parentPort.on('message', (word) => {
  if (word === 'end') {
    database.close()
    parentPort.close()
    return
  }
  try {
    parentPort.postMessage(carry.get())
  } catch ({ message, errcode }) {
    parentPort.postMessage({ fault: { message, errcode } })
  }
})`

/** Pages in the log, and how many of them are in the file too. */
interface Standing {
  readonly log: number
  readonly checkpointed: number
}

type Answer = Standing | { readonly fault: { readonly message: string; readonly errcode?: number } }

interface CarryingThread {
  /** Carries over what it can without keeping anybody waiting; one call at a time. */
  carry(): Promise<Standing>
  /** Fulfils when its connection is closed. */
  end(): Promise<void>
}

const openThread = (workerData: {
  readonly path: string
  readonly timeout: number
}): CarryingThread => {
  const thread = new Worker(program, {
    eval: true,
    workerData,
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
  })
  let asked: PromiseWithResolvers<Standing> | null = null
  const settle = (act: (one: PromiseWithResolvers<Standing>) => void): void => {
    const one = asked
    asked = null
    // it holds nobody back from ending while it has nothing to do
    thread.unref()
    if (one !== null) act(one)
  }
  const ended = new Promise<void>((fulfil) => thread.once('exit', () => fulfil()))
  thread.on('message', (answer: Answer) =>
    settle(({ resolve, reject }) => {
      if ('fault' in answer) reject(Object.assign(new Error(answer.fault.message), answer.fault))
      else resolve(answer)
    }),
  )
  thread.on('error', (error: Error) => settle(({ reject }) => reject(error)))
  thread.on('exit', () => settle(({ reject }) => reject(new StorageFailed('its thread has ended'))))
  thread.unref()
  return {
    carry: () => {
      asked = Promise.withResolvers()
      thread.ref()
      thread.postMessage('carry')
      return asked.promise
    },
    end: () => {
      thread.ref()
      thread.postMessage('end')
      return ended
    },
  }
}

/** Of the file itself. */
const createFileSync = (path: string): (() => Promise<void>) => {
  let descriptor = -1
  return () =>
    new Promise((fulfil, reject) => {
      // never closed: closing it would end all locks that SQLite has on the file in this process
      if (descriptor === -1) descriptor = openSync(path, 'r+')
      fdatasync(descriptor, (error) => (error === null ? fulfil() : reject(error)))
    })
}

/** Leaves it to SQLite, which does it within a commit. */
const byCommits: LogCarrier = { committed: () => {}, close: async () => {} }

/**
 * Carries the log over in a thread, most of it beside commits: what they add meanwhile keeps the
 * end of the log from being reached, and only from there a commit begins the log anew. So the rest,
 * which is little by then and synced with little, is carried over while commits wait, though not
 * the event loop.
 */
export const openLogCarrier = (parts: LogCarrierParts): LogCarrier => {
  // the permission model allows neither threads nor the sync
  if (!canSyncAside) return byCommits
  const { path, timeout, writing, pagesAtOnce, inTurn, trust, failed } = parts
  writing.raw.exec(`PRAGMA wal_autocheckpoint = ${logPagesMax}`)
  const syncFile = createFileSync(path)
  let thread: CarryingThread | null = null
  let underWay: Promise<void> | null = null
  let isClosed = false
  /** Pages of the log that have been, or could not be, carried over. */
  let reached = 0

  /** It is SQLite that knows: the file stays as long as it was when the log begins anew. */
  const countPages = (): number => {
    try {
      return Number(writing.all('PRAGMA wal_checkpoint(NOOP)', [])[0]?.['log'])
    } catch (error) {
      // the commit before it was stored all the same
      trust.noteWriting(error)
      return 0
    }
  }

  const carryOver = async (): Promise<void> => {
    thread ??= openThread({ path, timeout })
    const carrying = thread
    try {
      const carried = await carrying.carry()
      // nothing was committed meanwhile: SQLite has synced the file, and begins the log anew
      if (carried.checkpointed === countPages()) return
      await syncFile().catch((error: Error) => {
        trust.syncFailed(error)
        throw error
      })
      await inTurn(async () => {
        reached = (await carrying.carry()).log
      })
    } catch (error) {
      thread = null
      void carrying.end()
      trust.noteWriting(error)
      failed(error as Error)
    }
  }

  return {
    committed: () => {
      if (underWay !== null || isClosed) return
      const pages = countPages()
      if (pages < reached) reached = 0
      if (pages - reached < pagesAtOnce) return
      // so that what cannot be carried over now is tried again when there is more
      reached = pages
      underWay = carryOver().finally(() => {
        underWay = null
      })
    },
    close: async () => {
      isClosed = true
      await underWay
      await thread?.end()
    },
  }
}
