import { type Json, listAll, listOf, type Send, textOf } from '../domain-file/present-state.ts'
import { exitCodes } from '../exit-codes.ts'
import { doAll, findApp, type Operation, patchApp, pickNamed, rolesOfApp } from '../nouns/find.ts'
import { CommandFault, runCommand } from '../session/command-fault.ts'
import { openSession } from '../session/open-session.ts'
import { processTerminal } from '../session/terminal.ts'
import type { NounFlags } from './app.ts'

export interface AccessFlags extends NounFlags {
  readonly role?: readonly string[]
}

const grantSchema = 'urn:ietf:params:scim:schemas:oracle:idcs:Grant'

/** Scopes by their short or their full name, as fully qualified ones. */
const resolveScopes = (api: Json, names: readonly string[]): readonly string[] => {
  const scopes = listOf(api, 'scopes')
  return names.map((name) => {
    const whole = scopes.find((scope) => textOf(scope, 'fqs') === name)
    const found =
      whole ?? pickNamed(scopes, 'value', name, `scope of ${textOf(api, 'displayName')}`)
    return textOf(found, 'fqs')
  })
}

const refuseNothing = (scopes: readonly string[], flags: AccessFlags): void => {
  if (scopes.length + (flags.role?.length ?? 0) > 0) return
  throw new CommandFault(exitCodes.usage, 'Say which scopes, or --role.')
}

export const grantOperation = (
  app: Json,
  role: Json,
  grantee: { readonly id: string; readonly type: 'App' | 'User' | 'Group' },
): Operation => ({
  method: 'POST',
  path: '/Grants',
  data: {
    schemas: [grantSchema],
    app: { value: textOf(app, 'id') },
    entitlement: { attributeName: 'appRoles', attributeValue: textOf(role, 'id') },
    grantMechanism: `ADMINISTRATOR_TO_${grantee.type.toUpperCase()}`,
    grantee: { value: grantee.id, type: grantee.type },
  },
})

/** The grant of a role to somebody; undefined: there is none. */
export const findGrant = async (
  send: Send,
  role: Json,
  granteeId: string,
): Promise<Json | undefined> => {
  const grants = await listAll(send, '/Grants', `grantee.value eq ${JSON.stringify(granteeId)}`)
  return grants.find((grant) => {
    const entitlement = grant['entitlement'] as Json
    return textOf(entitlement, 'attributeValue') === textOf(role, 'id')
  })
}

const rolesNamed = async (send: Send, api: Json, names: readonly string[]) => {
  if (names.length === 0) return []
  const roles = await rolesOfApp(send, api)
  const what = `role of ${textOf(api, 'displayName')}`
  return names.map((name) => pickNamed(roles, 'displayName', name, what))
}

const wordsOf = (scopes: readonly string[], flags: AccessFlags): string =>
  [...scopes, ...(flags.role ?? []).map((role) => `role ${role}`)].join(' ')

/** `mintmark app grant`. */
export const appGrant = (
  name: string,
  apiName: string,
  scopes: readonly string[],
  flags: AccessFlags,
  terminal = processTerminal(),
) =>
  runCommand(async () => {
    refuseNothing(scopes, flags)
    const { send } = await openSession(flags, terminal)
    const app = await findApp(send, name, 'application')
    const api = await findApp(send, apiName, 'API')
    const held = new Set(listOf(app, 'allowedScopes').map((each) => textOf(each, 'fqs')))
    const added = resolveScopes(api, scopes).filter((fqs) => !held.has(fqs))
    const operations: Operation[] = []
    if (added.length > 0) {
      const value = added.map((fqs) => ({ fqs }))
      operations.push(patchApp(app, [{ op: 'add', path: 'allowedScopes', value }]))
    }
    const heldRoles = new Set(listOf(app, 'grantedAppRoles').map((each) => textOf(each, 'value')))
    for (const role of await rolesNamed(send, api, flags.role ?? [])) {
      const grantee = { id: textOf(app, 'id'), type: 'App' } as const
      if (!heldRoles.has(textOf(role, 'id'))) operations.push(grantOperation(api, role, grantee))
    }
    const [shown, of] = [textOf(app, 'displayName'), textOf(api, 'displayName')]
    if (operations.length > 0) await doAll(send, operations)
    const done = operations.length > 0 ? 'may use' : 'could already use'
    terminal.writeError(`✔ ${shown} ${done} ${of}: ${wordsOf(scopes, flags)}\n`)
    return undefined
  }, terminal)

/** `mintmark app revoke`. */
export const appRevoke = (
  name: string,
  apiName: string,
  scopes: readonly string[],
  flags: AccessFlags,
  terminal = processTerminal(),
) =>
  runCommand(async () => {
    refuseNothing(scopes, flags)
    const { send } = await openSession(flags, terminal)
    const app = await findApp(send, name, 'application')
    const api = await findApp(send, apiName, 'API')
    const held = new Set(listOf(app, 'allowedScopes').map((each) => textOf(each, 'fqs')))
    const removed = resolveScopes(api, scopes).filter((fqs) => held.has(fqs))
    const operations: Operation[] = []
    if (removed.length > 0) {
      const paths = removed.map((fqs) => `allowedScopes[fqs eq ${JSON.stringify(fqs)}]`)
      operations.push(
        patchApp(
          app,
          paths.map((path) => ({ op: 'remove', path })),
        ),
      )
    }
    for (const role of await rolesNamed(send, api, flags.role ?? [])) {
      const grant = await findGrant(send, role, textOf(app, 'id'))
      if (grant !== undefined) {
        operations.push({ method: 'DELETE', path: `/Grants/${textOf(grant, 'id')}` })
      }
    }
    const [shown, of] = [textOf(app, 'displayName'), textOf(api, 'displayName')]
    if (operations.length > 0) await doAll(send, operations)
    const done = operations.length > 0 ? 'may no longer use' : 'could not use'
    terminal.writeError(`✔ ${shown} ${done} ${of}: ${wordsOf(scopes, flags)}\n`)
    return undefined
  }, terminal)
