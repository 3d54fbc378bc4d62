import { closeSync, constants, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type Database, DatabaseDamaged } from '@mintmark/storage/database'
import { databaseFile } from './database-file.ts'

export interface DiskWatch {
  /** Fulfils with the reason when only a new start helps, and the disk would let it. */
  readonly mustEnd: Promise<string>
  stop(): void
}

const { O_CREAT, O_TRUNC, O_WRONLY, O_SYNC } = constants
const intervalMs = 1000

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

/** Whether a page as far out as the data reaches is written and synced, in a file of its own. */
const takesWrites = (directory: string): boolean => {
  const path = join(directory, 'disk.probe')
  const data = databaseFile(directory)
  try {
    // a sync of its own is not to be had under Node's permission model
    const file = openSync(path, O_CREAT | O_TRUNC | O_WRONLY | O_SYNC, 0o600)
    try {
      writeSync(file, Buffer.alloc(4096), 0, 4096, Math.max(sizeOf(data), sizeOf(`${data}-wal`)))
    } finally {
      closeSync(file)
      rmSync(path)
    }
    return true
  } catch {
    return false
  }
}

/**
 * After a write that the disk refused nothing more is written on the same handles. The server goes
 * on with what takes no writing, and ends when a new one could write: not before, or it would be
 * started again and again in vain. A damaged file is not mended by a start.
 */
export const watchDisk = (database: Database, directory: string): DiskWatch => {
  let timer: NodeJS.Timeout | undefined
  const mustEnd = new Promise<string>((fulfil) => {
    timer = setInterval(() => {
      const lost = database.lost()
      if (lost === null || lost instanceof DatabaseDamaged) return
      if (takesWrites(directory)) fulfil(`${lost.message}; the disk takes writes again`)
    }, intervalMs)
    timer.unref()
  })
  return { mustEnd, stop: () => clearInterval(timer) }
}
