import { isObject, textOf } from '../domain-file/present-state.ts'
import { findApp } from '../nouns/find.ts'
import { expectSuccess, runCommand } from '../session/command-fault.ts'
import { openSession } from '../session/open-session.ts'
import { readForm, show, tableOf } from '../session/output.ts'
import { processTerminal } from '../session/terminal.ts'
import type { NounFlags } from './app.ts'

export interface AppUsageFlags extends NounFlags {
  readonly from?: string
  readonly to?: string
  readonly api?: string
}

const counted = ['issued', 'needed', 'waste', 'reissued', 'refused', 'overBudget'] as const

/** `mintmark app usage`: who got how many tokens, and how many would have done. */
export const appUsage = (
  name: string | undefined,
  flags: AppUsageFlags,
  terminal = processTerminal(),
) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const { ask, send } = await openSession(flags, terminal)
    const query = {
      ...(flags.from !== undefined && { from: flags.from }),
      ...(flags.to !== undefined && { to: flags.to }),
      ...(flags.api !== undefined && { api: flags.api }),
      ...(name !== undefined && {
        client: textOf(await findApp(send, name, 'application'), 'name'),
      }),
    }
    const said = expectSuccess(await ask({ method: 'GET', path: '/usage', query }))
    const found = Array.isArray(said['clients']) ? said['clients'].filter(isObject) : []
    const rows = found.map((each) => [
      textOf(each, 'client'),
      ...counted.map((column) => String(each[column] ?? '')),
    ])
    const heads = ['CLIENT ID', 'ISSUED', 'NEEDED', 'WASTE', 'AGAIN', 'REFUSED', 'OVER BUDGET']
    const names = found.map((each) => textOf(each, 'client'))
    await show(terminal, form, { table: tableOf(heads, rows), data: said, names })
    if (said['complete'] !== true) {
      const to = textOf(said, 'to')
      terminal.writeError(`Read up to ${to}: there is more. Go on with --from ${to}.\n`)
    }
    return undefined
  }, terminal)
