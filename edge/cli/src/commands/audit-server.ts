import { isObject, textOf } from '../domain-file/present-state.ts'
import { exitCodes } from '../exit-codes.ts'
import { expectSuccess, runCommand } from '../session/command-fault.ts'
import { openSession } from '../session/open-session.ts'
import { processTerminal } from '../session/terminal.ts'
import type { NounFlags } from './app.ts'

export interface ServerVerifyFlags extends NounFlags {
  readonly from?: string
  readonly to?: string
}

/** `mintmark audit verify --server`: the server computes its own hashes anew; exit 6: broken. */
export const auditVerifyServer = (flags: ServerVerifyFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const { ask } = await openSession(flags, terminal)
    const query = {
      ...(flags.from !== undefined && { from: flags.from }),
      ...(flags.to !== undefined && { to: flags.to }),
    }
    const said = expectSuccess(await ask({ method: 'GET', path: '/audit/verify', query }))
    if (flags.output === 'json') terminal.writeOutput(`${JSON.stringify(said, null, 2)}\n`)
    const { events, packs, broken } = said
    const span = `${textOf(said, 'from')} to ${textOf(said, 'verifiedTo')}`
    if (isObject(broken)) {
      const at = `pack ${broken['sequence']}`
      terminal.writeError(`✖ The chain is broken at ${at}: ${textOf(broken, 'what')}.\n`)
      return exitCodes.invalidInput
    }
    terminal.writeError(`✔ ${events} events in ${packs} packs are whole, ${span}.\n`)
    if (said['complete'] !== true) {
      terminal.writeError(`  There is more: go on with --from ${textOf(said, 'verifiedTo')}\n`)
    }
    terminal.writeError('  So says the server. Proof is an export and a checkpoint elsewhere.\n')
    return undefined
  }, terminal)

/** `mintmark audit checkpoint`: the newest hash of the chain, signed, to keep elsewhere. */
export const auditCheckpoint = (flags: NounFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const { ask } = await openSession(flags, terminal)
    const said = expectSuccess(await ask({ method: 'GET', path: '/audit/checkpoint' }))
    const checkpoint = textOf(said, 'checkpoint')
    if (checkpoint === '') {
      terminal.writeError('✖ There is none yet: the first is signed within an hour.\n')
      return exitCodes.notFound
    }
    terminal.writeOutput(`${checkpoint}\n`)
    return undefined
  }, terminal)
