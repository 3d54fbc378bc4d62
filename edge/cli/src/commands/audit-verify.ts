import { createReadStream, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { verifyChain } from '../audit-chain/verify-chain.ts'
import { isObject, type Json } from '../domain-file/present-state.ts'
import { exitCodes } from '../exit-codes.ts'
import { CommandFault, runCommand } from '../session/command-fault.ts'
import { processTerminal } from '../session/terminal.ts'

export interface VerifyFlags {
  /** A file with the key set of the server. */
  readonly keys?: string
  /** A file with a checkpoint that was kept elsewhere. */
  readonly checkpoint?: string
  readonly output?: string
  readonly server?: boolean
}

const readKeys = (path: string): Json => {
  const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
  if (isObject(value)) return value
  throw new CommandFault(exitCodes.invalidInput, `${path} is no key set.`)
}

/** The bare JWS, or the answer of `GET /api/v1/audit/checkpoint`. */
const readKept = (path: string): string => {
  const text = readFileSync(path, 'utf8').trim()
  if (!text.startsWith('{')) return text
  return String((JSON.parse(text) as Json)['checkpoint'])
}

const shownMax = 20

/** `mintmark audit verify`: follows the chain of an export, offline; exit 6 where it is broken. */
export const auditVerify = (
  file: string | undefined,
  flags: VerifyFlags,
  terminal = processTerminal(),
) =>
  runCommand(async () => {
    if (file === undefined || flags.server === true) {
      throw new CommandFault(exitCodes.usage, 'Say one: the file of an export, or --server.')
    }
    const keys = flags.keys === undefined ? null : readKeys(flags.keys)
    const kept = flags.checkpoint === undefined ? null : readKept(flags.checkpoint)
    const input = createReadStream(file)
    const report = await verifyChain(
      createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }),
      keys,
      kept,
    )
    if (flags.output === 'json') terminal.writeOutput(`${JSON.stringify(report, null, 2)}\n`)
    const { packs, events, checkpoints, unsigned, faults } = report
    for (const { firstLine, lastLine, message } of faults.slice(0, shownMax)) {
      const lines = firstLine === lastLine ? `line ${firstLine}` : `lines ${firstLine}–${lastLine}`
      terminal.writeError(`✖ ${firstLine === 0 ? 'the checkpoint you gave' : lines}: ${message}\n`)
    }
    if (faults.length > shownMax) terminal.writeError(`  and ${faults.length - shownMax} more\n`)
    if (packs === 0) throw new CommandFault(exitCodes.invalidInput, `${file} has no pack in it.`)
    if (faults.length > 0) return exitCodes.invalidInput
    terminal.writeError(
      `✔ ${events} events in ${packs} packs are whole, ${report.firstSequence} to ` +
        `${report.lastSequence}; ${checkpoints} signed checkpoints hold.\n`,
    )
    if (unsigned > 0) {
      const fix = 'give the key set with --keys'
      terminal.writeError(`  ${unsigned} checkpoints could not be checked: ${fix}.\n`)
    }
    return undefined
  }, terminal)
