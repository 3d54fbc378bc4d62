import { didYouMean } from '@mintmark/protocol/closest-name'
import type { AccessEntry, Named } from './domain-document.ts'
import type { Mistake, Position } from './mistake.ts'
import { nameKey } from './name-key.ts'
import type { PlannedOperation } from './plan.ts'
import type { KnownApi } from './plan-api.ts'
import { isObject, type Json, textOf } from './present-state.ts'

const grantSchema = 'urn:ietf:params:scim:schemas:oracle:idcs:Grant'
const builtInApplication = 'IDCSAppId'

/** Where the names of APIs are looked up. */
export interface ApiNames {
  findApi(name: string): KnownApi | undefined
  readonly apiNames: readonly string[]
  /** Where an API stands in the files, for "did you mean"; undefined: only on the server. */
  placeOf(name: string): string | undefined
}

export interface WantedRole {
  readonly apiId: string
  readonly roleId: string
  readonly name: string
}

export const mistakeAt = (named: Named, what: string, fix: string | undefined): Mistake => ({
  at: named.at,
  path: named.path,
  what,
  ...(fix === undefined ? {} : { fix }),
})

export const unknownApi = (named: Named, around: ApiNames): Mistake => {
  const fix = didYouMean(named.value, around.apiNames)
  const meant = around.apiNames.find((name) => fix === `Did you mean "${name}"?`)
  const place = meant === undefined ? undefined : around.placeOf(meant)
  const where = place === undefined ? fix : fix?.replace('?', ` (${place})?`)
  return mistakeAt(named, `No API named "${named.value}".`, where)
}

/** The roles that one line of `access` names. */
export const resolveRoles = (
  names: readonly Named[],
  api: KnownApi,
  mistakes: Mistake[],
): readonly WantedRole[] =>
  names.flatMap((role) => {
    const roleId = api.roles.get(nameKey(role.value))
    if (roleId !== undefined) return [{ apiId: api.id, roleId, name: role.value }]
    const what = `API "${api.name}" has no role "${role.value}".`
    mistakes.push(mistakeAt(role, what, didYouMean(role.value, api.roleNames)))
    return []
  })

/** The roles of a user or a group, who have nothing else. */
export const resolveRoleAccess = (
  access: readonly AccessEntry[],
  around: ApiNames,
  mistakes: Mistake[],
): readonly WantedRole[] =>
  access.flatMap((entry) => {
    const api = around.findApi(entry.api.value)
    if (api !== undefined) return resolveRoles(entry.roles, api, mistakes)
    mistakes.push(unknownApi(entry.api, around))
    return []
  })

const refOf = (object: Json, name: string, member: string): string => {
  const inside = object[name]
  return isObject(inside) ? textOf(inside, member) : ''
}

export interface Grantee {
  readonly type: 'App' | 'User' | 'Group'
  readonly id: string
  /** E.g. `app nightly-billing`. */
  readonly about: string
  readonly at: Position
  readonly held: readonly Json[]
  readonly namesOfHeld: ReadonlyMap<string, string>
}

export interface GrantPlan {
  readonly operations: readonly PlannedOperation[]
  /** `roles  before → after`; empty: nothing changes. */
  readonly texts: readonly string[]
}

const shown = (names: readonly string[]): string => names.join(' ') || '(none)'

/**
 * Grants that make somebody hold the roles that are wanted and no others. Roles of the identity
 * domain itself are left alone unless the file speaks of them: otherwise a file that says nothing
 * of administration would take it away.
 */
export const planGrants = (grantee: Grantee, wanted: readonly WantedRole[]): GrantPlan => {
  const { type, id, about, at, held, namesOfHeld } = grantee
  const mentionsDomain = wanted.some(({ apiId }) => apiId === builtInApplication)
  const inQuestion = held.filter(
    (grant) => mentionsDomain || refOf(grant, 'app', 'value') !== builtInApplication,
  )
  const roleOf = (grant: Json): string => refOf(grant, 'entitlement', 'attributeValue')
  const heldIds = new Set(inQuestion.map(roleOf))
  const wantedById = new Map(wanted.map((role) => [role.roleId, role]))
  const added = [...wantedById.values()].filter(({ roleId }) => !heldIds.has(roleId))
  const removed = inQuestion.filter((grant) => !wantedById.has(roleOf(grant)))
  const create = added.map(({ apiId, roleId }, index): PlannedOperation => {
    const data = {
      schemas: [grantSchema],
      app: { value: apiId },
      entitlement: { attributeName: 'appRoles', attributeValue: roleId },
      grantMechanism: `ADMINISTRATOR_TO_${type.toUpperCase()}`,
      grantee: { value: id, type },
    }
    const bulkId = `${id.replace('bulkId:', '')}grant${index}`
    return { method: 'POST', path: '/Grants', bulkId, data, at, about }
  })
  const remove = removed.map((grant): PlannedOperation => {
    return { method: 'DELETE', path: `/Grants/${textOf(grant, 'id')}`, at, about }
  })
  const operations = [...create, ...remove]
  if (operations.length === 0) return { operations, texts: [] }
  const before = inQuestion.map((grant) => namesOfHeld.get(roleOf(grant)) ?? roleOf(grant))
  const after = [...new Set(wanted.map(({ name }) => name))]
  return { operations, texts: [`roles  ${shown(before)} → ${shown(after)}`] }
}
