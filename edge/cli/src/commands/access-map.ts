import { type Json, listOf, type Send, textOf } from '../domain-file/present-state.ts'
import { expectSuccess, runCommand } from '../session/command-fault.ts'
import { openSession } from '../session/open-session.ts'
import { readForm, show, tableOf } from '../session/output.ts'
import { processTerminal } from '../session/terminal.ts'
import type { NounFlags } from './app.ts'

const filters = ['app', 'api', 'status', 'use', 'tag'] as const
export type AccessMapFlags = NounFlags & Readonly<Partial<Record<(typeof filters)[number], string>>>

const pageSize = '500'

const givenBy = (given: Json): string => {
  const name = textOf(given, 'name')
  switch (textOf(given, 'kind')) {
    case 'role':
      return `role ${name}`
    case 'group':
      return `role ${name} through group ${textOf(given, 'through')}`
    case 'tag':
      return `all with ${name}`
    case 'all':
      return 'all resources'
    default:
      return name
  }
}

/** All pages as one: the command has no bound that the console has. */
const readAll = async (ask: Send, wanted: Readonly<Record<string, string>>): Promise<Json> => {
  const applications: Json[] = []
  const access: Json[] = []
  const apis = new Map<string, Json>()
  for (let cursor = ''; ; ) {
    const query = { ...wanted, limit: pageSize, ...(cursor !== '' && { cursor }) }
    const said = expectSuccess(await ask({ method: 'GET', path: '/access/map', query }))
    applications.push(...listOf(said, 'applications'))
    access.push(...listOf(said, 'access'))
    for (const api of listOf(said, 'apis')) apis.set(textOf(api, 'id'), api)
    cursor = textOf(said, 'cursor')
    if (cursor !== '') continue
    return { applications, apis: [...apis.values()], access, usedSince: said['usedSince'] }
  }
}

/** `mintmark access map`: which applications were given what of which APIs, and its last use. */
export const accessMap = (flags: AccessMapFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const { ask } = await openSession(flags, terminal)
    const wanted = Object.fromEntries(
      filters.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]])),
    )
    const said = await readAll(ask, wanted)
    const named = [...listOf(said, 'applications'), ...listOf(said, 'apis')]
    const names = new Map(named.map((each) => [textOf(each, 'id'), textOf(each, 'displayName')]))
    const rows = listOf(said, 'access').map((given) => [
      names.get(textOf(given, 'application')) ?? '',
      names.get(textOf(given, 'api')) ?? '',
      givenBy(given),
      textOf(given, 'lastUsed') || '–',
      String(given['tokensInDay']),
    ])
    const table = tableOf(['APPLICATION', 'API', 'GIVEN', 'LAST USED', 'IN 24 H'], rows)
    const clientIds = listOf(said, 'applications').map((each) => textOf(each, 'clientId'))
    await show(terminal, form, { table, data: said, names: clientIds })
    if (form === 'table') {
      terminal.writeError(`  Uses since ${textOf(said, 'usedSince')} are known.\n`)
    }
    return undefined
  }, terminal)
