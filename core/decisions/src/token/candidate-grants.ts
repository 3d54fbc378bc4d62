import type { Refusal } from '@mintmark/protocol/refusal'
import { fullyQualifiedScope } from '@mintmark/registry/scope'
import {
  builtInApplicationId,
  type ResourceServer,
  type ScopeTarget,
} from '@mintmark/registry/snapshot'
import { scopeCandidates } from './decide-scopes.ts'
import type { FixChange, Situation } from './explanation.ts'
import { mayHaveScope, reachableServers } from './granted-access.ts'
import { asksOf, requestedTarget } from './read-asks.ts'

const alternativesMax = 3

const grantOf = (situation: Situation, targets: readonly ScopeTarget[]): readonly FixChange[] => {
  const scopes = targets
    .filter(({ resourceServer }) => resourceServer.application.id !== builtInApplicationId)
    .map(({ resourceServer, scope }) => fullyQualifiedScope(resourceServer.audience, scope))
  const applicationId = situation.snapshot.client.application.id
  return scopes.length === 0 ? [] : [{ kind: 'grant-scope', applicationId, scopes }]
}

/** A short name is read at the APIs in reach only: a grant brings the API into reach. */
export const grantsByShortName = (situation: Situation, name: string): readonly FixChange[] =>
  [...situation.snapshot.catalog.byId.values()]
    .filter((server) => server.scopes.has(name))
    .slice(0, alternativesMax)
    .flatMap((resourceServer) => {
      const target = { resourceServer, scope: name }
      return [...grantOf(situation, [target]), ...rolesFor(situation, target).slice(0, 1)]
    })

/** The app roles that confer a scope and that the client could be given. */
const rolesFor = (situation: Situation, { resourceServer, scope }: ScopeTarget) => {
  const { application, roleIds } = situation.snapshot.client
  return resourceServer.roles
    .filter(
      (role) =>
        role.availableToClients && role.conferredScopes.includes(scope) && !roleIds.has(role.id),
    )
    .toSorted((a, b) => a.conferredScopes.length - b.conferredScopes.length)
    .slice(0, alternativesMax)
    .map(
      (role): FixChange => ({
        kind: 'assign-role',
        roleApplicationId: role.applicationId,
        roleId: role.id,
        applicationId: application.id,
      }),
    )
}

/** A scope exists and is not given: give it, by name or by role, or make its API active. */
export const candidateGrants = (situation: Situation): readonly FixChange[] => {
  const { snapshot, request } = situation
  const asks = asksOf(request.scope)
  const target = requestedTarget(situation)
  const refused = asks.refusedNames(situation)
  const targets = refused.flatMap((name) => scopeCandidates(snapshot, name, target).slice(0, 1))
  const [first] = targets
  if (first === undefined) return candidateRolesByName(situation, asks.scopes.roleNames)
  const { application } = first.resourceServer
  if (!application.active) return [{ kind: 'activate', applicationId: application.id }]
  const active = targets.filter(({ resourceServer }) => resourceServer.application.active)
  const missing = active.filter(
    ({ resourceServer, scope }) => !mayHaveScope(snapshot, resourceServer, scope),
  )
  return [...grantOf(situation, missing), ...rolesFor(situation, first)]
}

/** `urn:opc:idm:role.NAME`: the roles of the domain that were asked for and are not held. */
const candidateRolesByName = (
  situation: Situation,
  names: readonly string[],
): readonly FixChange[] => {
  const { catalog, client } = situation.snapshot
  const roles = catalog.byId.get(builtInApplicationId)?.roles ?? []
  return roles
    .filter((role) => names.includes(role.displayName) && !client.roleIds.has(role.id))
    .slice(0, alternativesMax)
    .map((role) => ({
      kind: 'assign-role',
      roleApplicationId: role.applicationId,
      roleId: role.id,
      applicationId: client.application.id,
    }))
}

/** Nothing at all was given here: the least that would do. */
export const candidateRoles = (situation: Situation): readonly FixChange[] => {
  const { snapshot, request } = situation
  const { scopes } = asksOf(request.scope)
  if (scopes.myScopes || scopes.roleNames.length > 0) return leastRole(situation)
  const target = requestedTarget(situation)
  const defaultId = snapshot.client.application.client?.defaultResourceServerId ?? null
  const server = target?.resourceServer ?? (defaultId && snapshot.catalog.byId.get(defaultId))
  if (server) return grantsAt(situation, server)
  return [...snapshot.catalog.byId.values()]
    .filter((each) => !each.application.builtIn && each.application.active && each.scopes.size > 0)
    .slice(0, alternativesMax)
    .flatMap((each) => grantsAt(situation, each).slice(0, 1))
}

const grantsAt = (situation: Situation, server: ResourceServer): readonly FixChange[] => {
  if (server.application.id === builtInApplicationId) return leastRole(situation)
  const reached = [...server.scopes].find((each) => mayHaveScope(situation.snapshot, server, each))
  const [scope] = server.scopes
  return [
    ...(reached === undefined ? [] : [{ kind: 'change-request', scope: reached } as const]),
    ...(scope === undefined ? [] : grantOf(situation, [{ resourceServer: server, scope }])),
    ...(scope === undefined ? [] : rolesFor(situation, { resourceServer: server, scope })),
  ]
}

/** The role of the domain that gives least: never more power than it takes. */
const leastRole = (situation: Situation): readonly FixChange[] => {
  const { catalog, client } = situation.snapshot
  const [least] = (catalog.byId.get(builtInApplicationId)?.roles ?? [])
    .filter((role) => role.conferredScopes.length > 0 && role.availableToClients)
    .toSorted((a, b) => a.conferredScopes.length - b.conferredScopes.length)
  if (least === undefined) return []
  return [
    {
      kind: 'assign-role',
      roleApplicationId: least.applicationId,
      roleId: least.id,
      applicationId: client.application.id,
    },
  ]
}

/** The API is not named, not known, or not one. */
export const candidateTargets = (situation: Situation, refusal: Refusal): readonly FixChange[] => {
  const { snapshot, request } = situation
  const omitted: FixChange = { kind: 'change-request', resources: [] }
  if (refusal.reason === 'TARGET_UNKNOWN') {
    const server = snapshot.catalog.byAudience.get(request.resources[0] ?? '')
    if (server === undefined) return [omitted]
    const named = asksOf(request.scope).scopes.plain.flatMap((name) =>
      scopeCandidates(snapshot, name, null).filter((each) => each.resourceServer === server),
    )
    if (named.length > 0) return [...grantOf(situation, named), omitted]
    return [...grantsAt(situation, server), omitted]
  }
  if (request.resources.length > 1) {
    const one = request.resources.slice(0, alternativesMax)
    return [
      ...one.map((each): FixChange => ({ kind: 'change-request', resources: [each] })),
      omitted,
    ]
  }
  const servers = ambiguousServers(situation).slice(0, alternativesMax)
  const applicationId = snapshot.client.application.id
  return servers.flatMap((server): FixChange[] => [
    { kind: 'change-request', resources: [server.audience] },
    { kind: 'set-default-api', applicationId, resourceServerId: server.application.id },
  ])
}

const ambiguousServers = (situation: Situation): readonly ResourceServer[] => {
  const { snapshot, request } = situation
  const { plain } = asksOf(request.scope).scopes
  if (plain.length === 0) return reachableServers(snapshot, builtInApplicationId)
  const found = plain.flatMap((name) => scopeCandidates(snapshot, name, null))
  return [
    ...new Set(
      found
        .filter(({ resourceServer, scope }) => mayHaveScope(snapshot, resourceServer, scope))
        .map(({ resourceServer }) => resourceServer),
    ),
  ]
}
