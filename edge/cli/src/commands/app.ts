import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Json, listAll, listOf, textOf } from '../domain-file/present-state.ts'
import { exitCodes } from '../exit-codes.ts'
import { type AllowanceFlags, allowanceOperations, appExtension } from '../nouns/allowance-flags.ts'
import { doAll, findApp, findMade, type Operation, patchApp, refuseTaken } from '../nouns/find.ts'
import { CommandFault, runCommand } from '../session/command-fault.ts'
import { confirmName } from '../session/confirm.ts'
import { openSession, type SessionFlags } from '../session/open-session.ts'
import { panelOf, readForm, show, tableOf } from '../session/output.ts'
import { processTerminal } from '../session/terminal.ts'

export interface NounFlags extends SessionFlags {
  readonly output?: string
  readonly yes?: boolean
}

export interface AppCreateFlags extends NounFlags {
  readonly clientId?: string
  readonly newClientId?: string
  readonly description?: string
  readonly api?: string
  readonly scope?: readonly string[]
  readonly role?: readonly string[]
  readonly type?: string
  readonly may?: readonly string[]
  readonly inactive?: boolean
  readonly secretFile?: string
  readonly jwks?: string
  readonly jwksUri?: string
  readonly certificate?: string
}

export interface AppUpdateFlags extends NounFlags, AllowanceFlags {
  readonly name?: string
  readonly description?: string
  readonly type?: string
  readonly defaultApi?: string
}

const scopesOf = (app: Json): readonly string[] =>
  listOf(app, 'allowedScopes').map((each) => textOf(each, 'fqs'))

/** `mintmark app list`. */
export const appList = (flags: NounFlags, terminal = processTerminal()): Promise<number> =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const { send } = await openSession(flags, terminal)
    const apps = await listAll(send, '/Apps', 'isOAuthClient eq true')
    const rows = apps
      .map((app) => ({
        name: textOf(app, 'displayName'),
        clientId: textOf(app, 'name'),
        id: textOf(app, 'id'),
        active: app['active'] === true,
        type: textOf(app, 'clientType'),
        scopes: scopesOf(app),
        roles: listOf(app, 'grantedAppRoles').map((role) => textOf(role, 'display')),
      }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    const table = tableOf(
      ['NAME', 'CLIENT ID', 'STATUS', 'SCOPES', 'ROLES'],
      rows.map(({ name, clientId, active, scopes, roles }) => [
        name,
        clientId,
        active ? 'active' : 'inactive',
        String(scopes.length),
        roles.join(', '),
      ]),
    )
    await show(terminal, form, { table, data: rows, names: rows.map(({ name }) => name) })
    return undefined
  }, terminal)

/** `mintmark app get`. */
export const appGet = (name: string, flags: NounFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const { send, issuer } = await openSession(flags, terminal)
    const app = await findApp(send, name, 'application')
    const { applicationPanel, describeApplication } = await import('../nouns/tell-app.ts')
    const declared = await describeApplication(send, app, terminal.nowMs)
    const isYaml = form === 'yaml'
    await show(terminal, form, {
      table: applicationPanel(app, declared),
      // as yaml it is a domain file: apply reads it
      data: isYaml ? { applications: [declared] } : { id: textOf(app, 'id'), ...declared },
      names: [textOf(app, 'displayName')],
      env: { MINTMARK_ISSUER: issuer, MINTMARK_CLIENT_ID: textOf(app, 'name') },
    })
    return undefined
  }, terminal)

/** What the file or the flags say of how it proves itself; nothing: a secret is minted. */
const authenticationOf = (flags: AppCreateFlags): unknown => {
  const { secretFile, jwks, jwksUri, certificate } = flags
  const said = Object.entries({ secretFile, jwks, jwksUri, certificate }).filter(
    ([, value]) => value !== undefined,
  )
  return said.length === 0 ? undefined : Object.fromEntries(said)
}

const refuseLooseScopes = (flags: AppCreateFlags): void => {
  const wants = (flags.scope?.length ?? 0) + (flags.role?.length ?? 0) > 0
  if (!wants || flags.api !== undefined) return
  throw new CommandFault(exitCodes.usage, '--scope and --role are of an API: say --api as well.')
}

const newApplication = (name: string, flags: AppCreateFlags): Json => {
  const { api, scope = [], role = [] } = flags
  const entry = {
    name,
    clientId: flags.newClientId,
    description: flags.description,
    active: flags.inactive !== true,
    type: flags.type,
    authentication: authenticationOf(flags),
    may: flags.may,
    access: api === undefined ? undefined : [{ api, scopes: scope, roles: role }],
  }
  const said = Object.entries(entry).filter(([, value]) => value !== undefined)
  return { applications: [Object.fromEntries(said)] }
}

/** `mintmark app create`. */
export const appCreate = (name: string, flags: AppCreateFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    refuseLooseScopes(flags)
    const { send, issuer } = await openSession(flags, terminal)
    await refuseTaken(send, name)
    const { make } = await import('../nouns/make.ts')
    const document = newApplication(name, flags)
    const [secret] = await make(send, document, terminal.nowMs, (path) =>
      readFileSync(resolve(terminal.directory, path), 'utf8'),
    )
    const app = await findMade(send, name)
    const { applicationPanel, describeApplication } = await import('../nouns/tell-app.ts')
    const declared = await describeApplication(send, app, terminal.nowMs)
    const clientId = textOf(app, 'name')
    const shown = secret === undefined ? {} : { clientSecret: secret.clientSecret }
    const [api] = await audienceOf(send, flags.api)
    const useIt = `mintmark token get --app ${clientId} --decode`
    const activated = app['active'] === true ? 'created and activated' : 'created, inactive'
    terminal.writeError(`✔ Application ${name} ${activated}.\n`)
    await show(terminal, form, {
      table: `\n${panelOf([
        ['Client ID', clientId],
        ['Client secret', secret?.clientSecret ?? ''],
        ['', secret === undefined ? '' : 'shown once: save it now'],
      ])}${applicationPanel(app, declared)}\n  Use it:  ${useIt}\n`,
      data: { id: textOf(app, 'id'), ...declared, ...shown },
      names: [name],
      env: {
        MINTMARK_ISSUER: issuer,
        MINTMARK_CLIENT_ID: clientId,
        ...(secret === undefined ? {} : { MINTMARK_CLIENT_SECRET: secret.clientSecret }),
        // one that is no URI cannot be asked for without a scope
        ...(api !== undefined && URL.canParse(api) && { MINTMARK_AUDIENCE: api }),
      },
    })
    return undefined
  }, terminal)

const audienceOf = async (
  send: Parameters<typeof findApp>[0],
  api: string | undefined,
): Promise<readonly string[]> =>
  api === undefined ? [] : [textOf(await findApp(send, api, 'API'), 'audience')]

/** `mintmark app update`. */
export const appUpdate = (name: string, flags: AppUpdateFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const { send } = await openSession(flags, terminal)
    const app = await findApp(send, name, 'application')
    const set = (path: string, value: unknown) => ({ op: 'replace', path, value })
    const { defaultApi } = flags
    const api = defaultApi === undefined ? null : await findApp(send, defaultApi, 'API')
    const operations = [
      ...(flags.name === undefined ? [] : [set('displayName', flags.name)]),
      ...(flags.description === undefined ? [] : [set('description', flags.description)]),
      ...(flags.type === undefined ? [] : [set('clientType', flags.type)]),
      ...(api === null ? [] : [set(`${appExtension}:defaultResourceServer`, textOf(api, 'id'))]),
      ...allowanceOperations(flags, 'client'),
    ]
    if (operations.length === 0) {
      throw new CommandFault(exitCodes.usage, 'Say what to change, e.g. --description.')
    }
    await doAll(send, [patchApp(app, operations)])
    terminal.writeError(`✔ Application ${flags.name ?? textOf(app, 'displayName')} changed.\n`)
    return undefined
  }, terminal)

export const statusOperation = (app: Json, active: boolean): Operation => ({
  method: 'PUT',
  path: `/AppStatusChanger/${textOf(app, 'id')}`,
  data: { schemas: ['urn:ietf:params:scim:schemas:oracle:idcs:AppStatusChanger'], active },
})

/** `mintmark app activate` and `deactivate`. */
export const appSetActive = (
  name: string,
  active: boolean,
  flags: NounFlags,
  terminal = processTerminal(),
) =>
  runCommand(async () => {
    const { send } = await openSession(flags, terminal)
    const app = await findApp(send, name, 'application')
    await doAll(send, [statusOperation(app, active)])
    const after = active ? 'is active' : 'is inactive: it gets no tokens, and its tokens end'
    terminal.writeError(`✔ Application ${textOf(app, 'displayName')} ${after}.\n`)
    return undefined
  }, terminal)

/** `mintmark app delete`. */
export const appDelete = (name: string, flags: NounFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const { send } = await openSession(flags, terminal)
    const app = await findApp(send, name, 'application')
    const shown = textOf(app, 'displayName')
    if (app['active'] === true) {
      const message = `Application ${shown} is active. First: mintmark app deactivate ${shown}`
      throw new CommandFault(exitCodes.conflict, message)
    }
    await confirmName(`Deleting application ${shown}`, shown, flags.yes, terminal)
    await doAll(send, [{ method: 'DELETE', path: `/Apps/${textOf(app, 'id')}` }])
    terminal.writeError(`✔ Application ${shown} deleted.\n`)
    return undefined
  }, terminal)
