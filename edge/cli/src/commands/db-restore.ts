import { statSync } from 'node:fs'
import { renderFaults } from '@mintmark/server/configuration/configuration-fault'
import { readConfiguration } from '@mintmark/server/configuration/read-configuration'
import { serverOptionsOf } from '@mintmark/server/configuration/server-options-of'
import { exitCodes } from '../exit-codes.ts'
import { type PassphraseFlags, readPassphrase } from '../session/backup-passphrase.ts'
import { runCommand } from '../session/command-fault.ts'
import { processTerminal } from '../session/terminal.ts'
import { startExitCode, startFault } from '../start-fault.ts'

export interface RestoreFlags extends PassphraseFlags {
  readonly data?: string
  readonly databaseUrlFile?: string
}

const timeOf = (ms: number): string => new Date(ms).toISOString()

/** `mintmark db restore`: the data of a stopped server, and what that means for its users. */
export const dbRestore = (path: string, flags: RestoreFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const passphrase = readPassphrase(flags, terminal)
    // it is no setting of the server
    const { MINTMARK_BACKUP_PASSPHRASE: _, ...environment } = terminal.environment
    const read = readConfiguration({
      environment,
      flags: {
        ...(flags.data !== undefined && { data: flags.data }),
        ...(flags.databaseUrlFile !== undefined && { 'database-url-file': flags.databaseUrlFile }),
      },
    })
    if (!read.ok) {
      terminal.writeError(renderFaults(read.failure))
      return exitCodes.invalidInput
    }
    statSync(path) // no such file: nothing is prepared for it
    const { restoreBackup } = await import('@mintmark/server/backup/restore-backup')
    const options = serverOptionsOf(read.value)
    const where = options.databaseUrl === null ? options.dataDirectory : 'PostgreSQL'
    try {
      const { header, restoredAtMs, bytes } = await restoreBackup(path, passphrase, options)
      terminal.writeError(
        `✔ ${bytes} bytes restored to ${where}, as of ${timeOf(header.createdAtMs)}.\n` +
          `  Database and audit chain were examined; domain ${header.domain}.\n` +
          `  Assertions and DPoP proofs made before ${timeOf(restoredAtMs)} are refused.\n` +
          '  Guards that follow revocations read all of them again; nobody is signed in.\n' +
          '  Gone is what was changed after the backup: secrets, roles, revocations. If tokens\n' +
          '  were revoked since, end all that the keys signed: mintmark key revoke KEY, each.\n' +
          '  The server needs the master key that it had: it is not in the backup.\n',
      )
      return undefined
    } catch (error) {
      terminal.writeError(startFault(error).replace('Cannot start', 'Cannot restore'))
      return startExitCode(error)
    }
  }, terminal)
