import { isObject, type Json, listAll, type Send, textOf } from '../domain-file/present-state.ts'
import { exitCodes } from '../exit-codes.ts'
import { doAll, rolesOfApp } from '../nouns/find.ts'
import { CommandFault, runCommand } from '../session/command-fault.ts'
import { confirmName } from '../session/confirm.ts'
import { openSession } from '../session/open-session.ts'
import { readForm, show, tableOf } from '../session/output.ts'
import { processTerminal } from '../session/terminal.ts'
import { type AssignFlags, findGrantee, findRole } from './api-role.ts'
import type { NounFlags } from './app.ts'
import { grantOperation } from './app-access.ts'

export interface AdminFlags extends AssignFlags {
  readonly role?: string
}

/** The built-in application whose roles administer the domain. */
const domainApplication = 'IDCSAppId'
const places = { App: '/Apps', User: '/Users', Group: '/Groups' } as const
type GranteeType = keyof typeof places

interface Holding {
  readonly grantId: string
  readonly role: string
  readonly type: GranteeType
  readonly granteeId: string
}

const inside = (resource: Json, name: string): Json => {
  const value = resource[name]
  return isObject(value) ? value : {}
}

/** Who holds which role of the domain. */
const readHoldings = async (send: Send): Promise<readonly Holding[]> => {
  const roles = await rolesOfApp(send, { id: domainApplication })
  const names = new Map(roles.map((role) => [textOf(role, 'id'), textOf(role, 'displayName')]))
  const grants = await listAll(send, '/Grants', `app.value eq "${domainApplication}"`)
  return grants.map((grant) => {
    const grantee = inside(grant, 'grantee')
    const roleId = textOf(inside(grant, 'entitlement'), 'attributeValue')
    return {
      grantId: textOf(grant, 'id'),
      role: names.get(roleId) ?? roleId,
      type: textOf(grantee, 'type') as GranteeType,
      granteeId: textOf(grantee, 'value'),
    }
  })
}

const nameOf = async (send: Send, { type, granteeId }: Holding): Promise<string> => {
  const path = `${places[type]}/${granteeId}`
  const { status, body } = await send({ method: 'GET', path })
  if (status !== 200 || !isObject(body)) return granteeId
  return textOf(body, 'displayName') || textOf(body, 'userName')
}

const kinds = { App: 'application', User: 'user', Group: 'group' } as const

/** `mintmark admin list`: who administers the domain, and by which role. */
export const adminList = (flags: NounFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const form = readForm(flags.output)
    const { send } = await openSession(flags, terminal)
    const holdings = await readHoldings(send)
    const names = new Map<string, string>()
    for (const each of holdings) {
      if (!names.has(each.granteeId)) names.set(each.granteeId, await nameOf(send, each))
    }
    const rows = holdings
      .map(({ role, type, granteeId }) => ({
        name: names.get(granteeId) ?? granteeId,
        kind: kinds[type],
        role,
        id: granteeId,
      }))
      .toSorted((a, b) => (`${a.name}\n${a.role}` < `${b.name}\n${b.role}` ? -1 : 1))
    const table = tableOf(
      ['NAME', 'KIND', 'ROLE'],
      rows.map(({ name, kind, role }) => [name, kind, role]),
    )
    await show(terminal, form, { table, data: rows, names: [...new Set(names.values())] })
    return undefined
  }, terminal)

/** `mintmark admin add`: gives a role of the domain. */
export const adminAdd = (name: string, flags: AdminFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const { send } = await openSession(flags, terminal)
    const grantee = await findGrantee(send, name, flags)
    const { api, role } = await findRole(send, domainApplication, flags.role ?? '')
    const shown = textOf(role, 'displayName')
    const held = (await readHoldings(send)).some(
      (each) => each.granteeId === grantee.id && each.role === shown,
    )
    if (!held) await doAll(send, [grantOperation(api, role, grantee)])
    const holds = held ? 'held already' : 'holds'
    terminal.writeError(`✔ ${grantee.name} ${holds} the role ${shown}.\n`)
    return undefined
  }, terminal)

/** `mintmark admin remove`: takes one role of the domain, or all. */
export const adminRemove = (name: string, flags: AdminFlags, terminal = processTerminal()) =>
  runCommand(async () => {
    const { send } = await openSession(flags, terminal)
    const grantee = await findGrantee(send, name, flags)
    const role =
      flags.role === undefined ? null : (await findRole(send, domainApplication, flags.role)).role
    const taken = (await readHoldings(send)).filter(
      (each) =>
        each.granteeId === grantee.id &&
        (role === null || each.role === textOf(role, 'displayName')),
    )
    const shown = taken.map((each) => each.role).join(', ')
    if (taken.length === 0) {
      const what =
        role === null ? 'no role of the domain' : `no role ${textOf(role, 'displayName')}`
      throw new CommandFault(exitCodes.notFound, `${grantee.name} holds ${what} itself.`)
    }
    await confirmName(`Taking ${shown} from ${grantee.name}`, grantee.name, flags.yes, terminal)
    const operations = taken.map(({ grantId }) => ({
      method: 'DELETE' as const,
      path: `/Grants/${grantId}`,
    }))
    await doAll(send, operations)
    terminal.writeError(`✔ ${grantee.name} no longer holds ${shown}.\n`)
    return undefined
  }, terminal)
