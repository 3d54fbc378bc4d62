import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { databaseFile } from '../composition/database-file.ts'
import { newId } from '../signing/random-ids.ts'
import { version } from '../version.ts'
import { newHeader } from './backup-format.ts'
import { type BackupOrder, backupPieces } from './backup-pieces.ts'

export type MakeBackup = (passphrase: string) => Promise<AsyncIterable<Uint8Array> | 'under-way'>

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

async function* piecesOf(thread: Worker, copy: string): AsyncGenerator<Uint8Array> {
  const ended = once(thread, 'exit').then(() => {
    throw new Error('the thread of the backup has ended')
  })
  ended.catch(() => {})
  try {
    for (;;) {
      thread.postMessage('more')
      const [bytes] = (await Promise.race([once(thread, 'message'), ended])) as [Uint8Array]
      if (bytes.length === 0) return
      yield bytes
    }
  } finally {
    await thread.terminate()
    rmSync(copy, { force: true })
  }
}

const begin = (order: BackupOrder): AsyncGenerator<Uint8Array> => {
  const thread = startThread(order)
  return thread === null ? backupPieces(order) : piecesOf(thread, order.copy)
}

/** The pieces from the first on, which was waited for; `end` is called once, whatever ends it. */
const ending = (
  first: IteratorResult<Uint8Array>,
  pieces: AsyncGenerator<Uint8Array>,
  end: () => void,
): AsyncIterable<Uint8Array> => {
  let waiting: IteratorResult<Uint8Array> | null = first
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    const given = waiting ?? (await pieces.next())
    waiting = null
    if (given.done === true) end()
    return given
  }
  return {
    [Symbol.asyncIterator]: () => ({
      next: () =>
        next().catch((error: unknown) => {
          end()
          throw error
        }),
      // also called when nobody has asked for a piece yet, as a generator would not notice
      return: async () => {
        await pieces.return(undefined)
        end()
        return { done: true, value: undefined }
      },
    }),
  }
}

/**
 * Backups of a server that runs, one at a time: in a thread of their own, where that is allowed, so
 * that copying and encrypting keeps nobody waiting.
 */
export const createBackups = (
  {
    dataDirectory,
    databaseUrl,
  }: { readonly dataDirectory: string; readonly databaseUrl: string | null },
  domain: string,
): MakeBackup => {
  let isUnderWay = false
  const end = (): void => {
    isUnderWay = false
  }
  return async (passphrase) => {
    if (isUnderWay) return 'under-way'
    isUnderWay = true
    const pieces = begin({
      source:
        databaseUrl === null
          ? { kind: 'file', path: databaseFile(dataDirectory) }
          : { kind: 'postgres', url: databaseUrl },
      copy: join(dataDirectory, `backup-${newId()}.tmp`),
      header: newHeader({ domain, createdAtMs: Date.now(), server: version }),
      passphrase,
    })
    try {
      return ending(await pieces.next(), pieces, end)
    } catch (error) {
      end()
      throw error
    }
  }
}
