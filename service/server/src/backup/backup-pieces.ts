import { createReadStream, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
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
  /** Where a copy may lie while it is sent; not there yet. */
  readonly copy: string
  readonly header: BackupHeader
  readonly passphrase: string
}

/** A copy lies beside the data while it is sent; what a killed process left is removed. */
const copyPattern = /^backup-\w+\.tmp/

/** @param idleMs copies that were written to since are another process's */
export const removeCopies = (directory: string, idleMs = 0): void => {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name)
    if (!copyPattern.test(name)) continue
    const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: 0 }
    if (Date.now() - mtimeMs >= idleMs) rmSync(path, { force: true })
  }
}

/** Bytes read at once. */
const highWaterMark = 1_048_576

const makeCopy = async (source: BackupSource, copy: string): Promise<void> => {
  if (source.kind === 'file') {
    return isMainThread ? copySnapshot(source.path, copy) : copySnapshotHere(source.path, copy)
  }
  const { readSnapshot } = await import('@mintmark/storage/postgres/postgres-snapshot')
  return readSnapshot(source.url, (statements) => exportDatabase(statements, copy))
}

/** The pieces of a backup. Whatever ends it, the copy goes; the first comes when it is whole. */
export async function* backupPieces(order: BackupOrder): AsyncGenerator<Buffer> {
  const { source, copy, header, passphrase } = order
  try {
    await makeCopy(source, copy)
    yield* sealBackup(createReadStream(copy, { highWaterMark }), header, passphrase)
  } finally {
    for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(copy + suffix, { force: true })
  }
}
