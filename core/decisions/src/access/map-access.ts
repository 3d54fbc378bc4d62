import type { AccessHolder } from '@mintmark/registry/access-holder'
import type { AuditEvent } from '@mintmark/registry/audit-event'
import type { Catalog, ResourceServer } from '@mintmark/registry/snapshot'
import { policyPaths, rolePaths } from './tell-paths.ts'

/** One thing that an application was given, of one API. */
export interface GivenAccess {
  readonly server: ResourceServer
  readonly kind: 'scope' | 'role' | 'group' | 'tag' | 'all'
  /** The scope, the role, the tag; empty: all resources. */
  readonly name: string
  /** The group that the role is held through. */
  readonly through: string | null
  /** What it comes to; empty: every scope of the API. */
  readonly scopes: readonly string[]
}

const givenByRole = (holder: AccessHolder, catalog: Catalog): readonly GivenAccess[] => {
  const owners = new Set(
    holder.holdings.flatMap(({ roleId }) => catalog.rolesById.get(roleId)?.applicationId ?? []),
  )
  return [...owners].flatMap((id) => {
    const server = catalog.byId.get(id)
    if (server === undefined) return []
    return rolePaths(holder, server).map(({ path, role }) => ({
      server,
      kind: path.kind === 'group' ? ('group' as const) : ('role' as const),
      name: role.displayName,
      through: path.kind === 'group' ? path.group : null,
      scopes: role.conferredScopes,
    }))
  })
}

/** Everything that an application was given, as it was given: nothing is inferred from it. */
export const mapAccess = (holder: AccessHolder, catalog: Catalog): readonly GivenAccess[] => {
  const { application } = holder
  const named = (application.client?.policy.allowedScopes ?? []).flatMap((fqs) =>
    (catalog.byFullyQualifiedScope.get(fqs) ?? []).map(
      ({ resourceServer, scope }): GivenAccess => ({
        server: resourceServer,
        kind: 'scope',
        name: scope,
        through: null,
        scopes: [scope],
      }),
    ),
  )
  const byPolicy =
    application.client === null || application.client.policy.trustScope === 'Explicit'
      ? []
      : [...catalog.byId.values()].flatMap((server) =>
          policyPaths(application, server).map(
            (path): GivenAccess => ({
              server,
              kind: path.kind === 'tag' ? 'tag' : 'all',
              name: path.kind === 'tag' ? `${path.key}=${path.value}` : '',
              through: null,
              scopes: [],
            }),
          ),
        )
  return [...named, ...givenByRole(holder, catalog), ...byPolicy]
}

/** When what was last used, in milliseconds, by `useKey`. */
export type AccessUses = ReadonlyMap<string, number>

const useKey = (clientId: string, api: string, scope: string): string =>
  JSON.stringify([clientId, api, scope])

/** Calls back for each scope of each API that a client got a token for; '' for any scope. */
const eachUse = (events: readonly AuditEvent[], note: (key: string, at: number) => void): void => {
  for (const { action, result, actor, at, detail } of events) {
    if (action !== 'token' || result !== 'ok' || actor === undefined) continue
    const { api, scope } = detail ?? {}
    const apis = Array.isArray(api) ? (api as readonly string[]) : []
    const scopes = typeof scope === 'string' ? scope.split(' ') : []
    for (const name of apis) {
      note(useKey(actor, name, ''), at)
      for (const each of scopes) note(useKey(actor, name, each), at)
    }
  }
}

/** Folds issued tokens into when each client last got each scope of each API, by its name. */
export const foldUses = (events: readonly AuditEvent[]): AccessUses => {
  const uses = new Map<string, number>()
  eachUse(events, (key, at) => {
    if ((uses.get(key) ?? 0) < at) uses.set(key, at)
  })
  return uses
}

/** The same, counted: how many tokens since then. */
export const countUses = (events: readonly AuditEvent[], sinceMs: number): AccessUses => {
  const counts = new Map<string, number>()
  eachUse(events, (key, at) => {
    if (at >= sinceMs) counts.set(key, (counts.get(key) ?? 0) + 1)
  })
  return counts
}

/** The most of what is known of any scope that was given; 0: nothing. */
const mostOf = (clientId: string, given: GivenAccess, known: AccessUses): number => {
  const api = given.server.application.displayName
  const scopes = given.scopes.length === 0 ? [''] : given.scopes
  return Math.max(...scopes.map((scope) => known.get(useKey(clientId, api, scope)) ?? 0))
}

/** When something that was given was last used, in milliseconds; null: not in the time folded. */
export const lastUseOf = (clientId: string, given: GivenAccess, uses: AccessUses): number | null =>
  mostOf(clientId, given, uses) || null

/** How many tokens carried what was given, of those counted. */
export const countOf = (clientId: string, given: GivenAccess, counts: AccessUses): number =>
  mostOf(clientId, given, counts)
