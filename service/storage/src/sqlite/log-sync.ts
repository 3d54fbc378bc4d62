import { closeSync, fdatasync, openSync } from 'node:fs'

/** Node offers no sync of a file under its permission model: there SQLite's own must do. */
export const canSyncAside = process.permission === undefined

/** Waits for the disk beside the event loop. */
export interface LogSync {
  /** Fulfils when all that was written to the log before is on the disk. */
  sync(): Promise<void>
  close(): void
}

/**
 * The write-ahead log of a database file, for syncing only. It stays the same file for as long as a
 * connection is open, and a sync is one of the file, whoever wrote to it.
 *
 * @param path of the database
 */
export const openLogSync = (path: string): LogSync => {
  let descriptor = -1
  return {
    sync: () =>
      new Promise((fulfil, reject) => {
        // opened at the first commit: before, there may be no log
        if (descriptor === -1) descriptor = openSync(`${path}-wal`, 'r+')
        fdatasync(descriptor, (error) => (error === null ? fulfil() : reject(error)))
      }),
    close: () => {
      if (descriptor !== -1) closeSync(descriptor)
      descriptor = -1
    },
  }
}
