import { type Json, listOf, type Send, textOf } from '../domain-file/present-state.ts'
import { exitCodes } from '../exit-codes.ts'
import { CommandFault, expectSuccess, runCommand } from '../session/command-fault.ts'
import { openSession } from '../session/open-session.ts'
import { readForm, show, tableOf } from '../session/output.ts'
import { processTerminal } from '../session/terminal.ts'
import type { NounFlags } from './app.ts'

export interface ExplainWhoFlags extends NounFlags {
  readonly csv?: boolean
}

const pageSize = '500'

/** One way to a scope, in words. */
const wayOf = (path: Json): string => {
  switch (textOf(path, 'kind')) {
    case 'scope':
      return `scope ${textOf(path, 'fqs')}`
    case 'role':
      return `role ${textOf(path, 'role')}`
    case 'group':
      return `role ${textOf(path, 'role')} through group ${textOf(path, 'group')}`
    case 'tag':
      return `all with tag ${textOf(path, 'key')}=${textOf(path, 'value')}`
    default:
      return 'all resources'
  }
}

const rowsOf = (holders: readonly Json[]): readonly (readonly string[])[] =>
  holders.flatMap((holder) =>
    listOf(holder, 'paths').map((path) => [
      textOf(holder, 'displayName'),
      textOf(holder, 'clientId'),
      textOf(holder, 'hindrance') || 'yes',
      wayOf(path),
    ]),
  )

/** RFC 4180; a cell that a spreadsheet would take for a formula is made a text. */
const csvOf = (rows: readonly (readonly string[])[]): string =>
  rows
    .map((row) =>
      row
        .map((cell) => (/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell))
        .map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
        .join(','),
    )
    .map((line) => `${line}\r\n`)
    .join('')

const readAll = async (ask: Send, api: string, scope: string): Promise<Json> => {
  const holders: Json[] = []
  for (let cursor = ''; ; ) {
    const query = { api, scope, limit: pageSize, ...(cursor !== '' && { cursor }) }
    const said = expectSuccess(await ask({ method: 'GET', path: '/access/holders', query }))
    holders.push(...listOf(said, 'holders'))
    cursor = textOf(said, 'cursor')
    if (cursor === '') return { ...said, holders }
  }
}

const headings = ['APPLICATION', 'CLIENT ID', 'GETS IT', 'WAY'] as const

/** `mintmark explain --who`: which applications can reach a scope, and by which way each. */
export const explainWho = (
  words: readonly string[],
  flags: ExplainWhoFlags,
  terminal = processTerminal(),
) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const [api, scope, ...more] = words
    if (api === undefined || scope === undefined || more.length > 0) {
      const message = 'Say one API and one scope: mintmark explain --who Orders orders.read'
      throw new CommandFault(exitCodes.usage, message)
    }
    const { ask } = await openSession(flags, terminal)
    const said = await readAll(ask, api, scope)
    const holders = listOf(said, 'holders')
    const rows = rowsOf(holders)
    if (flags.csv === true) {
      terminal.writeOutput(csvOf([headings, ...rows]))
      return undefined
    }
    const none = `  Nobody can reach ${textOf(said, 'fqs')}.\n`
    const table = rows.length === 0 ? none : tableOf(headings, rows)
    const names = holders.map((holder) => textOf(holder, 'clientId'))
    await show(terminal, form, { table, data: said, names })
    return undefined
  }, terminal)
