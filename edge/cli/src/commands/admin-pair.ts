import { type Send, textOf } from '../domain-file/present-state.ts'
import { expectSuccess, runCommand } from '../session/command-fault.ts'
import { openSession } from '../session/open-session.ts'
import { panelOf, readForm, show } from '../session/output.ts'
import { processTerminal } from '../session/terminal.ts'
import type { NounFlags } from './app.ts'

/** A code that signs in at the console, once. */
export interface Pairing {
  readonly pairingCode: string
  /** RFC 3339. */
  readonly expiresAt: string
  /** The console with the code behind `#`, where no server sees it. */
  readonly url: string
}

/** Asks a server for a new pairing code. @throws CommandFault */
export const newPairing = async (console: Send): Promise<Pairing> => {
  const said = expectSuccess(await console({ method: 'POST', path: '/pairing' }))
  return {
    pairingCode: textOf(said, 'pairingCode'),
    expiresAt: textOf(said, 'expiresAt'),
    url: textOf(said, 'url'),
  }
}

/** `mintmark admin pair`: lets a browser in. */
export const adminPair = (flags: NounFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const server = await openSession(flags, terminal)
    const pairing = await newPairing(server.console)
    const panel = panelOf([
      ['Console', pairing.url],
      ['Pairing code', `${pairing.pairingCode}   works once, until ${pairing.expiresAt}`],
    ])
    await show(terminal, form, { table: panel, data: pairing, names: [pairing.url] })
    return undefined
  }, terminal)
