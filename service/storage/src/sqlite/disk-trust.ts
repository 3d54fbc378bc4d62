import { DatabaseDamaged, StorageFailed } from '../database.ts'
import type { DiskReserve } from './disk-reserve.ts'
import { isSqliteError } from './sqlite-connection.ts'

/** What the errors of SQLite say of the disk and of the file. */
export interface DiskTrust {
  note(error: unknown): void
  /** The same for an error of whoever may write. */
  noteWriting(error: unknown): void
  /** An examination has found this. */
  damaged(message: string): void
  /** A sync of ours failed. */
  syncFailed(error: Error): void
  rollbackFailed(): void
  /** A transaction was stored: what stood in its way is gone, unless it took of the reserve. */
  stored(): void
  /** Whether there is room again for whatever comes, as far as can be told before writing it. */
  hasRoom(): boolean
  /** Whether what is written takes of the reserve. */
  isOnReserve(): boolean
  /** Why nothing more is written on these handles; null: they are trusted. */
  lost(): StorageFailed | null
  /** Why nothing can be written now; null: it can. */
  failure(): string | null
}

// primary result codes: https://www.sqlite.org/rescode.html
const readOnly = 8
const ioError = 10
const corrupt = 11
const full = 13
const notDatabase = 26

/** Trusts until an error says otherwise. @param reserve let go when the disk is full */
export const createDiskTrust = (reserve: DiskReserve | null): DiskTrust => {
  const isOnReserve = (): boolean => reserve?.isInUse() === true
  let lost: StorageFailed | null = null
  let passing: string | null = null
  const refused = (message: string): void => {
    // nobody knows now what the disk holds, and a second sync may lie
    lost ??= new StorageFailed(
      `the disk refused us (${message}); nothing more is written before a new start`,
    )
  }
  const damaged = (message: string): void => {
    lost ??= new DatabaseDamaged(
      `the database file is damaged (${message.replaceAll(/\s+/g, ' ')}). ` +
        'Stop the server, keep mintmark.db with its -wal apart, and restore a backup: ' +
        'mintmark db restore.',
    )
  }
  const note = (error: unknown): void => {
    if (!isSqliteError(error)) return
    const code = error.errcode & 0xff
    if (code === ioError) refused(error.message)
    else if (code === corrupt || code === notDatabase) damaged(error.message)
  }
  return {
    note,
    noteWriting: (error) => {
      note(error)
      const code = isSqliteError(error) ? error.errcode & 0xff : 0
      if (code === full) {
        passing = 'the disk is full: make room, the rest goes by itself'
        reserve?.letGo()
      } else if (code === readOnly) passing = 'the database file or its file system is read-only'
    },
    damaged,
    rollbackFailed: () => {
      lost ??= new StorageFailed('a transaction could not be rolled back')
    },
    syncFailed: (error) => refused(error.message),
    stored: () => {
      if (!isOnReserve()) passing = null
    },
    hasRoom: () => !isOnReserve() || reserve?.fill() === true,
    isOnReserve,
    lost: () => lost,
    failure: () => lost?.message ?? passing,
  }
}
