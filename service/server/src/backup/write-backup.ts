import {
  closeSync,
  createReadStream,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread } from 'node:worker_threads'
import { exportDatabase } from '@mintmark/storage/copy-database'
import { copySnapshot, copySnapshotHere } from '@mintmark/storage/sqlite/copy-snapshot'
import { type BackupHeader, sealBackup } from './backup-format.ts'

/** Where the data is that a backup is made of. */
export type BackupSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: string }

export interface BackupOrder {
  readonly source: BackupSource
  /** Where the backup is to be; not there yet. */
  readonly file: string
  readonly header: BackupHeader
  readonly passphrase: string
}

/** It lies beside the data until it is sent; what a killed process left is removed. */
const draftPattern = /^backup-\w+\.tmp/

/** @param idleMs drafts that were written to since are another process's */
export const removeDrafts = (directory: string, idleMs = 0): void => {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name)
    if (!draftPattern.test(name)) continue
    const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: 0 }
    if (Date.now() - mtimeMs >= idleMs) rmSync(path, { force: true })
  }
}

/** Bytes read at once. */
const highWaterMark = 1_048_576
/** After each piece, so that who waits for a token seldom meets it. */
const restMs = 3

async function* readUnhurried(path: string): AsyncGenerator<Buffer> {
  for await (const piece of createReadStream(path, { highWaterMark })) {
    yield piece as Buffer
    await sleep(restMs)
  }
}

const writeSealed = async (
  copy: string,
  { file, header, passphrase }: BackupOrder,
): Promise<void> => {
  const descriptor = openSync(file, 'wx', 0o600)
  try {
    for await (const sealed of sealBackup(readUnhurried(copy), header, passphrase)) {
      // not `writeSync`, which on a full disk may write a part and say nothing
      writeFileSync(descriptor, sealed)
    }
  } finally {
    closeSync(descriptor)
  }
}

const makeCopy = async (source: BackupSource, copy: string): Promise<void> => {
  if (source.kind === 'file') {
    return isMainThread ? copySnapshot(source.path, copy) : copySnapshotHere(source.path, copy)
  }
  const { readSnapshot } = await import('@mintmark/storage/postgres/postgres-snapshot')
  return readSnapshot(source.url, (statements) => exportDatabase(statements, copy))
}

/** Writes a backup that is worth nothing before it is whole; whoever asked for it removes it. */
export const writeBackup = async (order: BackupOrder): Promise<void> => {
  const copy = `${order.file}.copy`
  try {
    await makeCopy(order.source, copy)
    await writeSealed(copy, order)
  } finally {
    for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(copy + suffix, { force: true })
  }
}
