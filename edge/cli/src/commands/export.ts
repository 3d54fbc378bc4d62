import { destinationOf, replaceFile } from '@mintmark/server/replace-file'
import { exportDomain } from '../export/export-domain.ts'
import { runCommand } from '../session/command-fault.ts'
import { openSession, type SessionFlags } from '../session/open-session.ts'
import { processTerminal } from '../session/terminal.ts'

export interface ExportFlags extends SessionFlags {
  /** undefined: standard output. */
  readonly file?: string
}

/** `mintmark export`: the domain as YAML that `apply` reads. @returns the exit code */
export const exportCommand = (flags: ExportFlags, terminal = processTerminal()): Promise<number> =>
  runCommand(async () => {
    // before the server is asked for all there is
    if (flags.file !== undefined) destinationOf(flags.file)
    const server = await openSession(flags, terminal)
    const text = await exportDomain(server.send, terminal.nowMs)
    if (flags.file === undefined) terminal.writeOutput(text)
    else replaceFile(flags.file, text)
    return undefined
  }, terminal)
