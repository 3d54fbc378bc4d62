import type { Database, Statements } from '../database.ts'
import { StorageFailed } from '../database.ts'
import { createTurns } from '../turns.ts'
import type { DiskTrust } from './disk-trust.ts'
import { type LogCarrierParts, openLogCarrier } from './log-carrier.ts'
import { canSyncAside, type LogSync, openLogSync } from './log-sync.ts'
import { type Connection, translate } from './sqlite-connection.ts'

const tryAgainMs = 500

/** Connections that must not be closed, not even as garbage. */
const kept = new Set<Connection>()

/** Transactions of the one connection that writes. */
export interface Writer {
  transaction: Database['transaction']
  /** Resolves when the transactions asked for so far have ended, and no thread writes any more. */
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

/** What `FULL` adds to `NORMAL` is one sync of the log behind the commit: here it is ours. */
const runSyncedAside = (connection: Connection, log: LogSync, trust: DiskTrust): RunAlone => {
  const alone = runAlone(connection, trust)
  return async (work) => {
    connection.raw.exec('PRAGMA synchronous = NORMAL')
    const value = await alone(work).finally(() => connection.raw.exec('PRAGMA synchronous = FULL'))
    await log.sync().catch((error: Error) => {
      trust.syncFailed(error)
      throw trust.lost() ?? error
    })
    return value
  }
}

export const createWriter = (
  connection: Connection,
  file: Pick<LogCarrierParts, 'path' | 'timeout' | 'pagesAtOnce'> & {
    readonly warn: (text: string) => void
  },
  trust: DiskTrust,
): Writer => {
  const log = openLogSync(file.path)
  const turns = createTurns()
  let closed = false
  const alone = runAlone(connection, trust)

  const syncedAside = runSyncedAside(connection, log, trust)

  const inTurn = <T>(act: () => Promise<T>): Promise<T> =>
    turns.take(async () => {
      try {
        const reason = trust.lost()
        if (reason !== null) throw reason
        return await act()
      } catch (error) {
        tryAgain()
        throw error
      }
    })

  const carrier = openLogCarrier({
    ...file,
    writing: connection,
    inTurn,
    trust,
    failed: ({ message }) => {
      file.warn(`the log of the database was not carried over into it: ${message}`)
      tryAgain()
    },
  })

  const transaction = <T>(
    work: (statements: Statements) => Promise<T>,
    committed?: (value: T) => void,
    wait: 'in line' | 'aside' = 'in line',
  ): Promise<T> =>
    inTurn(async () => {
      const isAside = wait === 'aside' && canSyncAside
      const value = isAside ? await syncedAside(work) : await alone(work)
      trust.stored()
      committed?.(value)
      carrier.committed()
      return value
    })

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

  const settled = async (): Promise<void> => {
    await turns.settled()
    await carrier.close()
  }

  return { transaction, settled, close }
}

export const refuseToWrite: Writer = {
  transaction: async () => {
    throw new StorageFailed('the database was opened for reading only')
  },
  settled: async () => {},
  close: () => {},
}
