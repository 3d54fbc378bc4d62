import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { Worker } from 'node:worker_threads'
import { databaseFile } from '../composition/database-file.ts'
import { newId } from '../signing/random-ids.ts'
import { version } from '../version.ts'
import { newHeader } from './backup-format.ts'
import { takeFile } from './take-file.ts'
import { type BackupOrder, type BackupSource, writeBackup } from './write-backup.ts'

/** A stream as of `takeFile`: before it is closed no other backup is made. */
export type MakeBackup = (passphrase: string) => Promise<Readable | 'under-way'>

/** The program of the thread, built or not, as this one is; by name, since this may be bundled. */
const program = new URL(import.meta.resolve('@mintmark/server/backup/backup-thread'))

const startThread = (order: BackupOrder): Worker | null => {
  try {
    return new Worker(program, { workerData: order })
  } catch {
    // Node's permission model allows none unless it is told to, and its rules would not hold there
    return null
  }
}

const write = async (order: BackupOrder): Promise<void> => {
  const thread = startThread(order)
  if (thread === null) return writeBackup(order)
  const [code] = (await once(thread, 'exit')) as [number]
  if (code !== 0) throw new Error('the thread of the backup has ended')
}

/**
 * Backups of a server that runs, one at a time: in a thread of their own, where that is allowed, so
 * that reading and encrypting keeps nobody waiting. One is whole before it is sent, so that a slow
 * reader does not keep the database from forgetting the state that it is of.
 */
export const createBackups = (
  {
    dataDirectory,
    databaseUrl,
  }: { readonly dataDirectory: string; readonly databaseUrl: string | null },
  domain: string,
): MakeBackup => {
  let isUnderWay = false
  const source: BackupSource =
    databaseUrl === null
      ? { kind: 'file', path: databaseFile(dataDirectory) }
      : { kind: 'postgres', url: databaseUrl }
  return async (passphrase) => {
    if (isUnderWay) return 'under-way'
    isUnderWay = true
    const file = join(dataDirectory, `backup-${newId()}.tmp`)
    try {
      await write({
        source,
        file,
        header: newHeader({ domain, createdAtMs: Date.now(), server: version }),
        passphrase,
      })
      return (await takeFile(file)).once('close', () => {
        isUnderWay = false
      })
    } catch (error) {
      isUnderWay = false
      rmSync(file, { force: true })
      throw error
    }
  }
}
