import { isObject, textOf } from '../domain-file/present-state.ts'
import { expectSuccess, runCommand } from '../session/command-fault.ts'
import { openSession } from '../session/open-session.ts'
import { readForm, show, tableOf } from '../session/output.ts'
import { processTerminal } from '../session/terminal.ts'
import type { NounFlags } from './app.ts'

/** `mintmark admin sessions list`: who is signed in at the console. */
export const adminSessionsList = (flags: NounFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const { ask } = await openSession(flags, terminal)
    const said = expectSuccess(await ask({ method: 'GET', path: '/sessions' }))
    const found = Array.isArray(said['sessions']) ? said['sessions'].filter(isObject) : []
    const data = found.map((each) => ({
      id: textOf(each, 'id'),
      who: isObject(each['administrator']) ? textOf(each['administrator'], 'name') : '',
      method: textOf(each, 'method'),
      source: textOf(each, 'source'),
      signedInAt: textOf(each, 'signedInAt'),
      expiresAt: textOf(each, 'expiresAt'),
    }))
    const rows = data.map((each) => [each.who, each.method, each.source, each.expiresAt, each.id])
    const table = tableOf(['WHO', 'BY', 'FROM', 'UNTIL', 'ID'], rows)
    await show(terminal, form, { table, data, names: data.map(({ id }) => id) })
    return undefined
  }, terminal)

/** `mintmark admin sessions end`: ends one now. */
export const adminSessionsEnd = (id: string, flags: NounFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const { ask } = await openSession(flags, terminal)
    expectSuccess(await ask({ method: 'DELETE', path: `/sessions/${encodeURIComponent(id)}` }))
    terminal.writeError(`The session has ended: ${id}\n`)
    return undefined
  }, terminal)
