import { fdatasyncSync, writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Destination, destinationOf, openReplacement } from '@mintmark/server/replace-file'
import { type PassphraseFlags, readPassphrase } from '../session/backup-passphrase.ts'
import { refusalOf, runCommand } from '../session/command-fault.ts'
import { openSession, type SessionFlags } from '../session/open-session.ts'
import { type Progress, showProgress } from '../session/progress.ts'
import { processTerminal } from '../session/terminal.ts'

export type BackupFlags = SessionFlags & PassphraseFlags

/** Bytes after which what was written is synced. */
const syncedAtOnceBytes = 1_048_576

/**
 * A server whose disk this is lets tokens wait for its own syncs: one of all at the end would hold
 * them up, and so would small ones without a break.
 */
const syncGently = async (file: number): Promise<void> => {
  const startedMs = performance.now()
  fdatasyncSync(file)
  await sleep(performance.now() - startedMs)
}

const save = async (
  body: AsyncIterable<Uint8Array>,
  destination: Destination,
  progress: Progress,
): Promise<number> => {
  const { file, isStream, finish, discard } = openReplacement(destination, { mode: 0o600 })
  let bytes = 0
  let syncedBytes = 0
  try {
    for await (const piece of body) {
      // not `writeSync`, which on a full disk may write a part and say nothing
      writeFileSync(file, piece)
      bytes += piece.length
      if (!isStream && bytes - syncedBytes >= syncedAtOnceBytes) {
        await syncGently(file)
        syncedBytes = bytes
      }
      progress.advance(piece.length)
    }
    finish()
  } finally {
    progress.end()
    discard()
  }
  return bytes
}

/** `mintmark db backup`: all data of a running server in one file, there only when it is whole. */
export const dbBackup = (path: string, flags: BackupFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    // a server on this machine has better things to do
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
    const passphrase = readPassphrase(flags, terminal)
    const destination = destinationOf(path)
    const { download } = await openSession(flags, terminal)
    const response = await download('/backup', { passphrase })
    if (!response.ok || response.body === null) throw await refusalOf(response)
    const bytes = await save(response.body, destination, showProgress('Backup', terminal))
    terminal.writeError(
      `✔ ${path}: ${bytes} bytes, encrypted. Keep the passphrase and the master key elsewhere.\n`,
    )
    return undefined
  }, terminal)
