/** The thread of one backup: it ends when the backup is written. */
import { readlinkSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { basename } from 'node:path'
import { workerData } from 'node:worker_threads'
import type { BackupOrder } from './write-backup.ts'

/** Whoever waits for a token comes first. */
const stepBack = (): void => {
  try {
    setPriority(
      Number(basename(readlinkSync('/proc/thread-self'))),
      constants.priority.PRIORITY_BELOW_NORMAL,
    )
  } catch {
    // no Linux, or not allowed to look: then it takes its turn like everybody
  }
}

stepBack()
// to find and link it costs too
const { writeBackup } = await import('./write-backup.ts')
await writeBackup(workerData as BackupOrder)
