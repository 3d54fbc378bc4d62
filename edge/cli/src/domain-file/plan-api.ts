import { didYouMean } from '@mintmark/protocol/closest-name'
import { apiBody, type KeptForNow } from './app-body.ts'
import { appExtension, differences, type Names, sameView, viewApp } from './app-view.ts'
import type { ApiEntry, RoleEntry, RoleKind } from './domain-document.ts'
import type { Mistake } from './mistake.ts'
import { nameKey } from './name-key.ts'
import type { DiffLine, PlannedOperation } from './plan.ts'
import { isObject, type Json, listOf, textOf } from './present-state.ts'

const roleSchema = 'urn:ietf:params:scim:schemas:oracle:idcs:AppRole'
const roleExtension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:AppRole'

/** An API as applications see it: real ids, or references to what the same request makes. */
export interface KnownApi {
  readonly name: string
  readonly id: string
  readonly audience: string
  readonly secondaryAudiences: readonly string[]
  readonly scopes: readonly string[]
  /** Ids of its roles by the key of their name. */
  readonly roles: ReadonlyMap<string, string>
  readonly roleNames: readonly string[]
}

/** An API that the file only names: as it is on the server. */
export const presentApi = (app: Json, roles: readonly Json[]): KnownApi => ({
  name: textOf(app, 'displayName'),
  id: textOf(app, 'id'),
  audience: textOf(app, 'audience'),
  secondaryAudiences: audiencesOf(app).slice(1),
  scopes: listOf(app, 'scopes').map((scope) => textOf(scope, 'value')),
  roles: new Map(roles.map((role) => [nameKey(textOf(role, 'displayName')), textOf(role, 'id')])),
  roleNames: roles.map((role) => textOf(role, 'displayName')),
})

/** What one API of the file comes to. */
export interface ApiPlan {
  readonly known: KnownApi
  /** Makes it, or widens it: before applications are changed. */
  readonly first: readonly PlannedOperation[]
  readonly roles: readonly PlannedOperation[]
  /** Takes away what nobody uses any more: after them. */
  readonly last: readonly PlannedOperation[]
  readonly lines: readonly DiffLine[]
  readonly mistakes: readonly Mistake[]
  /** The App as it stands once `first` is done, for who goes on from there. */
  readonly standing: Json
}

const noNames: Names = { scope: (fqs) => fqs, api: (id) => id }
const keepNothing: KeptForNow = { scopes: [], audiences: [] }

const audiencesOf = (app: Json): readonly string[] => [
  textOf(app, 'audience'),
  ...listOf(app, 'protectableSecondaryAudiences').map((each) => textOf(each, 'value')),
]

/** Scopes and audiences that the file drops: kept until the applications have let go of them. */
const keptForNow = (entry: ApiEntry, present: Json | undefined): KeptForNow => {
  const wasApi = present?.['isOAuthResource'] === true
  if (present === undefined || !wasApi || !entry.acceptsTokens) return keepNothing
  const wanted = entry.scopes.map(({ value }) => value)
  const audiences = [entry.audience, ...entry.secondaryAudiences]
  return {
    scopes: listOf(present, 'scopes').filter((scope) => !wanted.includes(textOf(scope, 'value'))),
    audiences: audiencesOf(present).filter((each) => each !== '' && !audiences.includes(each)),
  }
}

const versionOf = (app: Json): { version: string } | object => {
  const meta = app['meta']
  return isObject(meta) ? { version: textOf(meta, 'version') } : {}
}

const replace = (entry: ApiEntry, id: string, data: Json, more: object = {}): PlannedOperation => ({
  method: 'PUT',
  path: `/Apps/${id}`,
  data,
  at: entry.at,
  about: `api ${entry.name}`,
  ...more,
})

/** What is said of it, and the secrets that it has: those are told, and never said. */
const wholeExtension = (present: Json, staged: Json): Json => {
  const [before, after] = [present[appExtension], staged[appExtension]]
  return { ...(isObject(before) ? before : {}), ...(isObject(after) ? after : {}) }
}

const appOperations = (
  entry: ApiEntry,
  present: Json | undefined,
  bulkId: string,
): Pick<ApiPlan, 'first' | 'last' | 'standing'> => {
  const wanted = apiBody(entry, present, keepNothing)
  const { at } = entry
  if (present === undefined) {
    const about = `api ${entry.name}`
    const standing = { ...wanted, id: `bulkId:${bulkId}` }
    const first = [{ method: 'POST', path: '/Apps', bulkId, data: wanted, at, about } as const]
    return { first, last: [], standing }
  }
  const id = textOf(present, 'id')
  const staged = apiBody(entry, present, keptForNow(entry, present))
  const view = (app: Json) => viewApp(app, noNames, Object.keys(entry.attributes))
  const [before, between, after] = [view(present), view(staged), view(wanted)]
  const version = versionOf(present)
  const standing = { ...present, ...staged, [appExtension]: wholeExtension(present, staged) }
  const widens = !sameView(before, between)
  const narrows = !sameView(between, after)
  const first = widens ? [replace(entry, id, staged, version)] : []
  if (!narrows) return { first, last: [], standing }
  return { first, last: [replace(entry, id, wanted, widens ? {} : version)], standing }
}

interface RolePlan {
  readonly id: string
  readonly operations: readonly PlannedOperation[]
  readonly changes: readonly string[]
}

const kindOf = ({
  adminRole,
  availableToClients,
  availableToUsers,
  availableToGroups,
}: RoleKind) => ({
  adminRole,
  availableToClients,
  availableToUsers,
  availableToGroups,
})

/** Whom a role is for is part of what it is. */
const checkRoleKinds = (entry: ApiEntry, present: ReadonlyMap<string, Json>): readonly Mistake[] =>
  entry.roles.flatMap((role) => {
    const before = present.get(nameKey(role.name))
    const kind = Object.entries(kindOf(role))
    const changed = before && kind.find(([name, value]) => (before[name] === true) !== value)
    if (changed === undefined) return []
    const what = `The role "${role.name}" has another ${changed[0]}, which cannot be changed.`
    return [{ at: role.at, path: role.path, what, fix: 'Give the new role another name.' }]
  })

const scopesOfRole = (role: Json): readonly string[] => {
  const inside = role[roleExtension]
  const scopes = isObject(inside) ? inside['scopes'] : undefined
  return Array.isArray(scopes) ? scopes.filter((each) => typeof each === 'string') : []
}

const planRole = (
  role: RoleEntry,
  present: Json | undefined,
  owner: { readonly id: string; readonly about: string },
  bulkId: string,
): RolePlan => {
  const scopes = role.scopes.map(({ value }) => value)
  const isPublic = role.public
  const said = { description: role.description, public: isPublic, [roleExtension]: { scopes } }
  const { at } = role
  const { about } = owner
  if (present === undefined) {
    const data = {
      schemas: [roleSchema, roleExtension],
      displayName: role.name,
      app: { value: owner.id },
      ...kindOf(role),
      ...said,
    }
    const operation = { method: 'POST', path: '/AppRoles', bulkId, data, at, about } as const
    return { id: `bulkId:${bulkId}`, operations: [operation], changes: [] }
  }
  const id = textOf(present, 'id')
  const before = scopesOfRole(present)
  const changes = [
    ...(before.toSorted().join(' ') === scopes.toSorted().join(' ')
      ? []
      : [`role ${role.name}  ${before.join(' ') || '(none)'} → ${scopes.join(' ') || '(none)'}`]),
    ...(textOf(present, 'description') === (role.description ?? '')
      ? []
      : [`role ${role.name}  description changed`]),
    ...((present['public'] === true) === isPublic ? [] : [`role ${role.name}  public ${isPublic}`]),
  ]
  const data = { ...present, ...said }
  const operation = { method: 'PUT', path: `/AppRoles/${id}`, data, at, about } as const
  const version = versionOf(present)
  return { id, operations: changes.length > 0 ? [{ ...operation, ...version }] : [], changes }
}

const checkRoleScopes = (entry: ApiEntry): readonly Mistake[] => {
  const known = entry.scopes.map(({ value }) => value)
  return entry.roles.flatMap((role) =>
    role.scopes
      .filter(({ value }) => !known.includes(value))
      .map(({ value, at, path }) => {
        const fix = didYouMean(value, known)
        const what = `API "${entry.name}" has no scope "${value}".`
        return { at, path, what, ...(fix === undefined ? {} : { fix }) }
      }),
  )
}

const checkClientId = (entry: ApiEntry, present: Json | undefined): readonly Mistake[] => {
  const now = present === undefined ? null : textOf(present, 'name')
  if (now === null || entry.clientId === null || entry.clientId === now) return []
  const what = `The client id of "${entry.name}" is "${now}" and cannot be changed.`
  return [{ at: entry.at, path: `${entry.path}.clientId`, what }]
}

const rolesAfter = (entry: ApiEntry, present: readonly Json[]): readonly string[] => {
  const wanted = new Set(entry.roles.map(({ name }) => nameKey(name)))
  const left = present.map((role) => textOf(role, 'displayName'))
  return [
    ...entry.roles.map(({ name }) => name),
    ...left.filter((name) => !wanted.has(nameKey(name))),
  ]
}

const linesOf = (
  entry: ApiEntry,
  present: Json | undefined,
  presentRoles: readonly Json[],
  changes: readonly string[],
): readonly DiffLine[] => {
  const { name } = entry
  const line = (mark: DiffLine['mark'], text: string): DiffLine => ({
    mark,
    kind: 'api',
    name,
    text,
  })
  if (present === undefined) {
    const scopes = entry.scopes.map(({ value }) => value).join(' ')
    return [
      line('+', `(new)  audience ${entry.audience}${scopes === '' ? '' : `  scopes ${scopes}`}`),
    ]
  }
  const before = viewApp(present, noNames)
  const after = viewApp(apiBody(entry, present, keepNothing), noNames)
  const now = presentRoles.map((role) => textOf(role, 'displayName'))
  const then = rolesAfter(entry, presentRoles)
  const texts = [
    ...differences(before, after),
    ...(then.length === now.length
      ? []
      : [`roles  ${now.join(' ') || '(none)'} → ${then.join(' ')}`]),
    ...changes,
  ]
  const wanted = new Set(entry.roles.map((role) => nameKey(role.name)))
  const stray = now.filter((role) => !wanted.has(nameKey(role)))
  const kept = stray.map((role) => line('-', `role ${role}  will NOT be removed (needs --prune)`))
  return [...(texts.length === 0 ? [line('=', '')] : texts.map((text) => line('~', text))), ...kept]
}

/** What it takes to make one API as the file says. */
export const planApi = (
  entry: ApiEntry,
  index: number,
  present: Json | undefined,
  presentRoles: readonly Json[],
): ApiPlan => {
  const bulkId = `api${index}`
  const id = present === undefined ? `bulkId:${bulkId}` : textOf(present, 'id')
  const byName = new Map(presentRoles.map((role) => [nameKey(textOf(role, 'displayName')), role]))
  const owner = { id, about: `api ${entry.name}` }
  const plans = entry.roles.map((role, at) =>
    planRole(role, byName.get(nameKey(role.name)), owner, `${bulkId}role${at}`),
  )
  const roles = new Map([...byName].map(([key, role]) => [key, textOf(role, 'id')]))
  entry.roles.forEach((role, at) => {
    roles.set(nameKey(role.name), plans[at]?.id ?? '')
  })
  return {
    known: {
      name: entry.name,
      id,
      audience: entry.audience,
      secondaryAudiences: entry.secondaryAudiences,
      scopes: entry.scopes.map(({ value }) => value),
      roles,
      roleNames: rolesAfter(entry, presentRoles),
    },
    ...appOperations(entry, present, bulkId),
    roles: plans.flatMap(({ operations }) => operations),
    lines: linesOf(
      entry,
      present,
      presentRoles,
      plans.flatMap(({ changes }) => changes),
    ),
    mistakes: [
      ...checkRoleScopes(entry),
      ...checkRoleKinds(entry, byName),
      ...checkClientId(entry, present),
    ],
  }
}
