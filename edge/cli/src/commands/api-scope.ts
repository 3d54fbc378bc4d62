import { listOf, textOf } from '../domain-file/present-state.ts'
import { doAll, findApp, patchApp, pickNamed } from '../nouns/find.ts'
import { runCommand } from '../session/command-fault.ts'
import { confirmName } from '../session/confirm.ts'
import { openSession } from '../session/open-session.ts'
import { processTerminal } from '../session/terminal.ts'
import type { NounFlags } from './app.ts'

export interface ScopeFlags extends NounFlags {
  readonly description?: string
  readonly title?: string
}

/** `mintmark api scope add`. */
export const scopeAdd = (
  apiName: string,
  scope: string,
  flags: ScopeFlags,
  terminal = processTerminal(),
) =>
  runCommand(async () => {
    const { send } = await openSession(flags, terminal)
    const api = await findApp(send, apiName, 'API')
    const { title, description } = flags
    const value = [
      { value: scope, ...(title && { displayName: title }), ...(description && { description }) },
    ]
    await doAll(send, [patchApp(api, [{ op: 'add', path: 'scopes', value }])])
    terminal.writeError(`✔ ${textOf(api, 'displayName')} has the scope ${scope}.\n`)
    return undefined
  }, terminal)

/** `mintmark api scope remove`: refused while an application or a role has it. */
export const scopeRemove = (
  apiName: string,
  scope: string,
  flags: NounFlags,
  terminal = processTerminal(),
) =>
  runCommand(async () => {
    const { send } = await openSession(flags, terminal)
    const api = await findApp(send, apiName, 'API')
    const of = textOf(api, 'displayName')
    const found = pickNamed(listOf(api, 'scopes'), 'value', scope, `scope of ${of}`)
    const value = textOf(found, 'value')
    await confirmName(`Removing the scope ${value} of ${of}`, value, flags.yes, terminal)
    const path = `scopes[value eq ${JSON.stringify(value)}]`
    await doAll(send, [patchApp(api, [{ op: 'remove', path }])])
    terminal.writeError(`✔ ${of} has no scope ${value} any more.\n`)
    return undefined
  }, terminal)
