import { type Json, listOf, textOf } from '../domain-file/present-state.ts'
import { expectSuccess, refusalOf, runCommand } from '../session/command-fault.ts'
import { openSession } from '../session/open-session.ts'
import { readForm, show, tableOf } from '../session/output.ts'
import { processTerminal } from '../session/terminal.ts'
import type { NounFlags } from './app.ts'

const filters = [
  'action',
  'actor',
  'object',
  'result',
  'reason',
  'ecid',
  'from',
  'to',
  'limit',
] as const

export type AuditFlags = NounFlags & Readonly<Partial<Record<(typeof filters)[number], string>>>

const queryOf = (
  flags: AuditFlags,
  names: readonly (typeof filters)[number][],
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    names.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]])),
  )

const columns = ['at', 'result', 'action', 'actor', 'object', 'reason', 'ecid']

/** `mintmark audit list`: newest first. */
export const auditList = (flags: AuditFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const { ask } = await openSession(flags, terminal)
    const query = queryOf(flags, filters)
    const said: Json = expectSuccess(await ask({ method: 'GET', path: '/audit', query }))
    const events = listOf(said, 'events')
    const table = tableOf(
      ['AT', 'RESULT', 'ACTION', 'WHO', 'WHAT', 'REASON', 'REQUEST'],
      events.map((event) => columns.map((column) => textOf(event, column))),
    )
    const names = events.map((event) => textOf(event, 'ecid'))
    await show(terminal, form, { table, data: events, names })
    if (textOf(said, 'cursor') !== '') {
      terminal.writeError('  There is more: say --limit, --from or --to.\n')
    }
    return undefined
  }, terminal)

/** `mintmark audit export`: whole packs as lines of JSON, oldest first, as they come. */
export const auditExport = (flags: AuditFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const { stream } = await openSession(flags, terminal)
    const response = await stream('/audit/export', queryOf(flags, ['from', 'to']))
    if (!response.ok) throw await refusalOf(response)
    const decoder = new TextDecoder()
    for await (const bytes of response.body ?? []) {
      terminal.writeOutput(decoder.decode(bytes, { stream: true }))
    }
    return undefined
  }, terminal)
