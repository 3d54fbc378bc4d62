import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Another server holds the data directory. */
export class DataDirectoryInUse extends Error {}

export interface DataDirectoryClaim {
  /** Lets the next server have it; the death of the process does the same. */
  release(): void
}

const busyCode = 5

/** Collected as garbage, a connection would let its lock go: a caller may drop its claim. */
const held = new Set<DatabaseSync>()

const otherOwner = (pidFile: string): string => {
  try {
    const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10)
    return Number.isSafeInteger(pid) ? ` (pid ${pid})` : ''
  } catch {
    return ''
  }
}

/**
 * Makes this process the only server of a data directory. The lock is the operating system's, on
 * `owner.lock`, so that it ends with the process whatever ends it and never has to be cleaned up.
 *
 * @param directory an existing directory
 * @throws DataDirectoryInUse while another server holds it
 */
export const claimDataDirectory = (directory: string): DataDirectoryClaim => {
  const lockFile = join(directory, 'owner.lock')
  // for the words of the refusal only; the lock alone decides
  const pidFile = join(directory, 'owner.pid')
  closeSync(openSync(lockFile, 'a', 0o600))
  const lock = new DatabaseSync(lockFile, { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (!(error instanceof Error && 'errcode' in error && error.errcode === busyCode)) throw error
    throw new DataDirectoryInUse(
      `The data directory ${directory} is in use by another mintmark server` +
        `${otherOwner(pidFile)}. ` +
        'Two servers cannot share one: stop the other, or give this one a directory of its own ' +
        '(MINTMARK_DATA). More processes for one server are asked for with MINTMARK_WORKERS.',
    )
  }
  held.add(lock)
  try {
    writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 })
  } catch {
    // without it the refusal names no pid; that is no reason not to start
  }
  return {
    release: () => {
      if (!held.delete(lock)) return
      lock.exec('ROLLBACK')
      lock.close()
    },
  }
}
