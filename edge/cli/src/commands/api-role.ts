import { type Json, listAll, listOf, type Send, textOf } from '../domain-file/present-state.ts'
import { doAll, findApp, pickNamed, rolesOfApp } from '../nouns/find.ts'
import { runCommand } from '../session/command-fault.ts'
import { confirmName } from '../session/confirm.ts'
import { openSession } from '../session/open-session.ts'
import { processTerminal } from '../session/terminal.ts'
import type { NounFlags } from './app.ts'
import { findGrant, grantOperation } from './app-access.ts'

export interface RoleFlags extends NounFlags {
  readonly description?: string
  readonly users?: boolean
  readonly groups?: boolean
}

export interface AssignFlags extends NounFlags {
  /** The grantee is the name of a user, or of a group; else of an application. */
  readonly user?: boolean
  readonly group?: boolean
}

const schema = 'urn:ietf:params:scim:schemas:oracle:idcs:AppRole'
const extension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:AppRole'

/** `mintmark api role add`. */
export const roleAdd = (
  apiName: string,
  role: string,
  scopes: readonly string[],
  flags: RoleFlags,
  terminal = processTerminal(),
) =>
  runCommand(async () => {
    const { send } = await openSession(flags, terminal)
    const api = await findApp(send, apiName, 'API')
    const of = textOf(api, 'displayName')
    const values = scopes.map((scope) =>
      textOf(pickNamed(listOf(api, 'scopes'), 'value', scope, `scope of ${of}`), 'value'),
    )
    const data = {
      schemas: [schema, extension],
      displayName: role,
      app: { value: textOf(api, 'id') },
      availableToClients: true,
      availableToUsers: flags.users === true,
      availableToGroups: flags.groups === true,
      ...(flags.description && { description: flags.description }),
      [extension]: { scopes: values },
    }
    await doAll(send, [{ method: 'POST', path: '/AppRoles', data }])
    terminal.writeError(`✔ ${of} has the role ${role}.\n`)
    return undefined
  }, terminal)

/** A role of an API, by name. @throws CommandFault */
export const findRole = async (send: Send, apiName: string, role: string) => {
  const api = await findApp(send, apiName, 'API')
  const what = `role of ${textOf(api, 'displayName')}`
  return { api, role: pickNamed(await rolesOfApp(send, api), 'displayName', role, what) }
}

/** `mintmark api role remove`. */
export const roleRemove = (
  apiName: string,
  name: string,
  flags: NounFlags,
  terminal = processTerminal(),
) =>
  runCommand(async () => {
    const { send } = await openSession(flags, terminal)
    const { api, role } = await findRole(send, apiName, name)
    const [of, shown] = [textOf(api, 'displayName'), textOf(role, 'displayName')]
    const what = `Removing the role ${shown} of ${of}, and taking it from all who hold it,`
    await confirmName(what, shown, flags.yes, terminal)
    await doAll(send, [{ method: 'DELETE', path: `/AppRoles/${textOf(role, 'id')}` }])
    terminal.writeError(`✔ ${of} has no role ${shown} any more.\n`)
    return undefined
  }, terminal)

export interface Grantee {
  readonly id: string
  readonly type: 'App' | 'User' | 'Group'
  readonly name: string
}

/** Who is meant: an application, unless a flag says a user or a group. @throws CommandFault */
export const findGrantee = async (
  send: Send,
  name: string,
  flags: AssignFlags,
): Promise<Grantee> => {
  const idOf = (resource: Json): string => textOf(resource, 'id')
  if (flags.user === true) {
    const user = pickNamed(await listAll(send, '/Users'), 'userName', name, 'user')
    return { id: idOf(user), type: 'User', name: textOf(user, 'userName') }
  }
  if (flags.group === true) {
    const group = pickNamed(await listAll(send, '/Groups'), 'displayName', name, 'group')
    return { id: idOf(group), type: 'Group', name: textOf(group, 'displayName') }
  }
  const app = await findApp(send, name, 'application')
  return { id: idOf(app), type: 'App', name: textOf(app, 'displayName') }
}

/** `mintmark api role assign` and `unassign`. */
export const roleAssign = (
  [apiName, roleName, granteeName]: readonly [string, string, string],
  way: 'assign' | 'unassign',
  flags: AssignFlags,
  terminal = processTerminal(),
) =>
  runCommand(async () => {
    const { send } = await openSession(flags, terminal)
    const { api, role } = await findRole(send, apiName, roleName)
    const grantee = await findGrantee(send, granteeName, flags)
    const held = await findGrant(send, role, grantee.id)
    if (way === 'assign' && held === undefined) {
      await doAll(send, [grantOperation(api, role, grantee)])
    }
    if (way === 'unassign' && held !== undefined) {
      await doAll(send, [{ method: 'DELETE', path: `/Grants/${textOf(held, 'id')}` }])
    }
    const holds = way === 'assign' ? 'holds' : 'does not hold'
    const shown = `${textOf(role, 'displayName')} of ${textOf(api, 'displayName')}`
    terminal.writeError(`✔ ${grantee.name} ${holds} the role ${shown}.\n`)
    return undefined
  }, terminal)
