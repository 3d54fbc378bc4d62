import { type Send, textOf } from '../domain-file/present-state.ts'
import { expectSuccess, runCommand } from '../session/command-fault.ts'
import { openSession } from '../session/open-session.ts'
import { panelOf, readForm, show } from '../session/output.ts'
import { processTerminal } from '../session/terminal.ts'
import type { NounFlags } from './app.ts'

export interface PairFlags extends NounFlags {
  readonly user?: string
}

/** A code that signs in at the console, once. */
export interface Pairing {
  readonly pairingCode: string
  /** RFC 3339. */
  readonly expiresAt: string
  /** The console with the code behind `#`, where no server sees it. */
  readonly url: string
}

/**
 * Asks a server for a new pairing code.
 * @param userName whom it signs in; `administrator` unless said
 * @throws CommandFault
 */
export const newPairing = async (console: Send, userName?: string): Promise<Pairing> => {
  const body = userName === undefined ? {} : { body: { userName } }
  const said = expectSuccess(await console({ method: 'POST', path: '/pairing', ...body }))
  return {
    pairingCode: textOf(said, 'pairingCode'),
    expiresAt: textOf(said, 'expiresAt'),
    url: textOf(said, 'url'),
  }
}

/** `mintmark admin pair`: lets a browser in. */
export const adminPair = (flags: PairFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const server = await openSession(flags, terminal)
    const pairing = await newPairing(server.console, flags.user)
    const panel = panelOf([
      ['Console', pairing.url],
      ['Pairing code', `${pairing.pairingCode}   works once, until ${pairing.expiresAt}`],
    ])
    await show(terminal, form, { table: panel, data: pairing, names: [pairing.url] })
    return undefined
  }, terminal)
