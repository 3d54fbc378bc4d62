import { closeSync, openSync } from 'node:fs'
import { backup, DatabaseSync } from 'node:sqlite'

const pagesAtOnce = 2048

/**
 * Copies a database that is in use to a new file, as it is at one moment: the read transaction
 * holds that moment, so that whoever writes meanwhile neither waits nor makes the copy begin anew.
 *
 * @param from the file in use
 * @param to a file that is not there yet; readable by its owner alone
 */
export const copySnapshot = async (from: string, to: string): Promise<void> => {
  closeSync(openSync(to, 'wx', 0o600))
  const source = new DatabaseSync(from, { readOnly: true, timeout: 5000 })
  try {
    source.exec('BEGIN; SELECT count(*) FROM sqlite_schema')
    await backup(source, to, { rate: pagesAtOnce })
  } finally {
    source.close()
  }
}

/**
 * The same for a thread that has nothing else to do: it does not return before the end. What it
 * writes is not synced, because a disk that syncs hundreds of megabytes lets commits wait for it,
 * and pages that are free are left out.
 */
export const copySnapshotHere = (from: string, to: string): void => {
  closeSync(openSync(to, 'wx', 0o600))
  const source = new DatabaseSync(from, { readOnly: true, timeout: 5000 })
  try {
    source.exec('PRAGMA synchronous = OFF')
    source.prepare('VACUUM INTO ?').run(to)
  } finally {
    source.close()
  }
}
