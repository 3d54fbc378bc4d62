import {
  closeSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { exportDatabase } from '@mintmark/storage/copy-database'
import { snapshotPieces } from '@mintmark/storage/sqlite/snapshot-pieces'
import { type BackupHeader, sealBackup } from './backup-format.ts'

/** Where the data is that a backup is made of. */
export type BackupSource =
  | { readonly kind: 'file'; readonly path: string; readonly descriptor: number }
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
const pieceBytes = 1_048_576

function* filePieces(path: string): Generator<Buffer> {
  const file = openSync(path, 'r')
  try {
    for (;;) {
      const piece = Buffer.alloc(pieceBytes)
      const bytes = readSync(file, piece)
      if (bytes === 0) return
      yield piece.subarray(0, bytes)
    }
  } finally {
    closeSync(file)
  }
}

/** After each piece, so that who waits for a token seldom meets it. */
const restMs = 3

async function* unhurried(pieces: Iterable<Buffer>): AsyncGenerator<Buffer> {
  for (const piece of pieces) {
    yield piece
    await sleep(restMs)
  }
}

const writeSealed = async (
  pieces: Iterable<Buffer>,
  { file, header, passphrase }: BackupOrder,
): Promise<void> => {
  const descriptor = openSync(file, 'wx', 0o600)
  try {
    for await (const sealed of sealBackup(unhurried(pieces), header, passphrase)) {
      // not `writeSync`, which on a full disk may write a part and say nothing
      writeFileSync(descriptor, sealed)
    }
  } finally {
    closeSync(descriptor)
  }
}

/** Writes a backup that is worth nothing before it is whole; whoever asked for it removes it. */
export const writeBackup = async (order: BackupOrder): Promise<void> => {
  const { source, file } = order
  if (source.kind === 'file') {
    return writeSealed(snapshotPieces(source.path, source.descriptor), order)
  }
  const copy = `${file}.copy`
  try {
    const { readSnapshot } = await import('@mintmark/storage/postgres/postgres-snapshot')
    await readSnapshot(source.url, (statements) => exportDatabase(statements, copy))
    await writeSealed(filePieces(copy), order)
  } finally {
    rmSync(copy, { force: true })
  }
}
