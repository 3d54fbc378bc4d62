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

/** Folds issued tokens into when each client last got each scope of each API, by its name. */
export const foldUses = (events: readonly AuditEvent[]): AccessUses => {
  const uses = new Map<string, number>()
  const note = (key: string, at: number): void => {
    if ((uses.get(key) ?? 0) < at) uses.set(key, at)
  }
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
  return uses
}

/** When something that was given was last used, in milliseconds; null: not in the time folded. */
export const lastUseOf = (
  clientId: string,
  given: GivenAccess,
  uses: AccessUses,
): number | null => {
  const api = given.server.application.displayName
  const scopes = given.scopes.length === 0 ? [''] : given.scopes
  const last = Math.max(...scopes.map((scope) => uses.get(useKey(clientId, api, scope)) ?? 0))
  return last === 0 ? null : last
}
