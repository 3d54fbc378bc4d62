import { readFileSync } from 'node:fs'
import { exitCodes } from '../exit-codes.ts'
import { CommandFault } from './command-fault.ts'
import type { Terminal } from './terminal.ts'

export interface PassphraseFlags {
  readonly passphraseFile?: string
}

/** From a file or the environment, never from the command line. @throws CommandFault (exit 2) */
export const readPassphrase = (
  { passphraseFile }: PassphraseFlags,
  { environment }: Pick<Terminal, 'environment'>,
): string => {
  const text =
    passphraseFile === undefined
      ? environment['MINTMARK_BACKUP_PASSPHRASE']
      : readFileSync(passphraseFile, 'utf8').replace(/\r?\n$/, '')
  if (text) return text
  throw new CommandFault(
    exitCodes.usage,
    'Say the passphrase: --passphrase-file, or MINTMARK_BACKUP_PASSPHRASE.',
  )
}
