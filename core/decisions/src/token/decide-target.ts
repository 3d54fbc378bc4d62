import { type Refusal, refuse } from '@mintmark/protocol/refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import {
  builtInApplicationId,
  type ResourceServer,
  type Snapshot,
} from '@mintmark/registry/snapshot'
import { grantedScopes, heldRoles, mayHaveScope, reachableServers } from './granted-access.ts'
import type { Target } from './token-plan.ts'

/** A resource server as target; `requested` narrows the audience to one (RFC 8707 §2). */
export const targetOf = (server: ResourceServer, requested: string | null = null): Target => {
  const facet = server.application.resourceServer
  return {
    resourceServer: server,
    audience: requested === null ? server.audiences : [requested],
    profile: facet?.profile ?? 'identity-domain',
    algorithm: facet?.algorithm ?? 'RS256',
  }
}

const holdsAnything = (snapshot: Snapshot, server: ResourceServer): boolean =>
  heldRoles(snapshot, server).length > 0 ||
  grantedScopes(snapshot, server).length > 0 ||
  [...server.scopes].some((scope) => mayHaveScope(snapshot, server, scope))

/**
 * RFC 8707 §2: the resource server that `resource` names. Unknown and out of reach look the same.
 * Several values are one target only when they are names of one resource server.
 */
export const decideRequestedTarget = (
  snapshot: Snapshot,
  resources: readonly string[],
): Result<Target | null, Refusal> => {
  const [first, ...rest] = resources
  if (first === undefined) return ok(null)
  const server = snapshot.catalog.byAudience.get(first)
  if (server === undefined || !holdsAnything(snapshot, server)) {
    return refuse('TARGET_UNKNOWN', { detail: `No API for this client at '${first}'` })
  }
  if (rest.some((each) => snapshot.catalog.byAudience.get(each) !== server)) {
    return refuse('TARGET_AMBIGUOUS', {
      detail: 'One token is for one API: send one resource a request',
    })
  }
  return ok({ ...targetOf(server), audience: resources })
}

/**
 * Decision 12: no scope, no `resource`: the default, else the only, resource server of the client.
 */
export const decideDefaultTarget = (snapshot: Snapshot): Result<Target, Refusal> => {
  const fallback = defaultServer(snapshot)
  if (fallback !== null) return ok(targetOf(fallback))
  const servers = reachableServers(snapshot, builtInApplicationId)
  const [only] = servers
  if (only === undefined) {
    return refuse('SCOPE_NONE_AVAILABLE', {
      detail: 'This client holds no scope and no role that gives one',
    })
  }
  if (servers.length > 1) return ambiguous(servers)
  return ok(targetOf(only))
}

/** The resource server that an administrator chose for requests that name none. */
export const defaultServer = (snapshot: Snapshot): ResourceServer | null => {
  const id = snapshot.client.application.client?.defaultResourceServerId
  return (id && snapshot.catalog.byId.get(id)) || null
}

/** Several resource servers fit and none was named: says which, so that the client can choose. */
export const ambiguous = (servers: readonly ResourceServer[]) => {
  const names = servers.slice(0, 5).map((server) => `'${server.audience}'`)
  return refuse('TARGET_AMBIGUOUS', {
    detail:
      `This client may use ${servers.length} APIs and none is its default: ` +
      `add resource, one of ${names.join(', ')}`,
  })
}
