import { type Json, listAll, listOf, textOf } from '../domain-file/present-state.ts'
import { exitCodes } from '../exit-codes.ts'
import { type AllowanceFlags, allowanceOperations } from '../nouns/allowance-flags.ts'
import { doAll, findApp, findMade, type Operation, patchApp, refuseTaken } from '../nouns/find.ts'
import { CommandFault, runCommand } from '../session/command-fault.ts'
import { confirmName } from '../session/confirm.ts'
import { openSession } from '../session/open-session.ts'
import { readForm, show, tableOf } from '../session/output.ts'
import { processTerminal } from '../session/terminal.ts'
import { type NounFlags, statusOperation } from './app.ts'

export interface ApiCreateFlags extends NounFlags {
  readonly audience: string
  readonly scope?: readonly string[]
  readonly role?: readonly string[]
  readonly tokenProfile?: string
  readonly tokenLifetime?: string
  readonly description?: string
}

export interface ApiUpdateFlags extends NounFlags, AllowanceFlags {
  readonly name?: string
  readonly description?: string
  readonly tokenLifetime?: string
}

/** `mintmark api list`. */
export const apiList = (flags: NounFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const { send } = await openSession(flags, terminal)
    const apis = await listAll(send, '/Apps', 'isOAuthResource eq true')
    const rows = apis
      .filter((app) => textOf(app, 'id') !== 'IDCSAppId')
      .map((app) => ({
        name: textOf(app, 'displayName'),
        audience: textOf(app, 'audience'),
        id: textOf(app, 'id'),
        active: app['active'] === true,
        scopes: listOf(app, 'scopes').map((scope) => textOf(scope, 'value')),
      }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    const table = tableOf(
      ['NAME', 'AUDIENCE', 'STATUS', 'SCOPES'],
      rows.map(({ name, audience, active, scopes }) => [
        name,
        audience,
        active ? 'active' : 'inactive',
        scopes.join(' '),
      ]),
    )
    await show(terminal, form, { table, data: rows, names: rows.map(({ name }) => name) })
    return undefined
  }, terminal)

/** `mintmark api get`. */
export const apiGet = (name: string, flags: NounFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const { send, issuer } = await openSession(flags, terminal)
    const api = await findApp(send, name, 'API')
    const { apiPanel, describeApi } = await import('../nouns/tell-app.ts')
    const declared = await describeApi(send, api)
    await show(terminal, form, {
      table: apiPanel(api, declared),
      data: form === 'yaml' ? { apis: [declared] } : { id: textOf(api, 'id'), ...declared },
      names: [textOf(api, 'displayName')],
      env: { MINTMARK_ISSUER: issuer, MINTMARK_AUDIENCE: textOf(api, 'audience') },
    })
    return undefined
  }, terminal)

const newApi = (name: string, flags: ApiCreateFlags): Json => {
  const entry = {
    name,
    audience: flags.audience,
    description: flags.description,
    profile: flags.tokenProfile,
    tokenLifetime: flags.tokenLifetime,
    scopes: flags.scope,
    roles: flags.role,
  }
  const said = Object.entries(entry).filter(([, value]) => value !== undefined)
  return { apis: [Object.fromEntries(said)] }
}

/** `mintmark api create`. */
export const apiCreate = (name: string, flags: ApiCreateFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const { send, issuer } = await openSession(flags, terminal)
    await refuseTaken(send, name)
    const { make } = await import('../nouns/make.ts')
    await make(send, newApi(name, flags), terminal.nowMs, () => {
      throw new Error('nothing beside it')
    })
    const api = await findMade(send, name)
    const { apiPanel, describeApi } = await import('../nouns/tell-app.ts')
    const declared = await describeApi(send, api)
    terminal.writeError(`✔ API ${name} created and activated.\n`)
    await show(terminal, form, {
      table: apiPanel(api, declared),
      data: { id: textOf(api, 'id'), ...declared },
      names: [name],
      env: { MINTMARK_ISSUER: issuer, MINTMARK_AUDIENCE: textOf(api, 'audience') },
    })
    return undefined
  }, terminal)

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

const secondsOf = (text: string): number => {
  const [, number, unit] = /^([1-9]\d{0,8})([smhd]?)$/.exec(text) ?? []
  if (number !== undefined) return Number(number) * (units[unit || 's'] ?? 1)
  const message = `--token-lifetime is a time like 15m or 3600, not "${text}".`
  throw new CommandFault(exitCodes.usage, message)
}

/** `mintmark api update`. */
export const apiUpdate = (name: string, flags: ApiUpdateFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const { tokenLifetime } = flags
    const seconds = tokenLifetime === undefined ? null : secondsOf(tokenLifetime)
    const { send } = await openSession(flags, terminal)
    const api = await findApp(send, name, 'API')
    const set = (path: string, value: unknown) => ({ op: 'replace', path, value })
    const operations = [
      ...(flags.name === undefined ? [] : [set('displayName', flags.name)]),
      ...(flags.description === undefined ? [] : [set('description', flags.description)]),
      ...(seconds === null ? [] : [set('accessTokenExpiry', seconds)]),
      ...allowanceOperations(flags, 'api'),
    ]
    if (operations.length === 0) {
      throw new CommandFault(exitCodes.usage, 'Say what to change, e.g. --description.')
    }
    await doAll(send, [patchApp(api, operations)])
    terminal.writeError(`✔ API ${flags.name ?? textOf(api, 'displayName')} changed.\n`)
    return undefined
  }, terminal)

/** `mintmark api delete`: it is deactivated on the way, and refused while somebody uses it. */
export const apiDelete = (name: string, flags: NounFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const { send } = await openSession(flags, terminal)
    const api = await findApp(send, name, 'API')
    const shown = textOf(api, 'displayName')
    await confirmName(`Deleting API ${shown}`, shown, flags.yes, terminal)
    const operations: Operation[] = [{ method: 'DELETE', path: `/Apps/${textOf(api, 'id')}` }]
    await doAll(send, [...(api['active'] ? [statusOperation(api, false)] : []), ...operations])
    terminal.writeError(`✔ API ${shown} deleted.\n`)
    return undefined
  }, terminal)
