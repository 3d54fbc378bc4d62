import { consumerAllToken, hierarchicalScopeCovers } from '@mintmark/protocol/identity-domain-scope'
import { fullyQualifiedScope } from '@mintmark/registry/scope'
import {
  builtInApplicationId,
  type ResourceServer,
  type Snapshot,
} from '@mintmark/registry/snapshot'
import type { Tag } from '@mintmark/registry/tag'

const shareTag = (left: readonly Tag[], right: readonly Tag[]): boolean =>
  left.some((a) => right.some((b) => a.key === b.key && a.value === b.value))

/** Whether a token for every resource server of the issuance policy is for this one too. */
export const isInReach = (snapshot: Snapshot, server: ResourceServer): boolean => {
  const policy = snapshot.client.application.client?.policy
  // Never the administration of the domain itself: that is reached by its roles alone.
  if (policy === undefined || server.application.id === builtInApplicationId) return false
  if (policy.trustScope === 'Account') return true
  return policy.trustScope === 'Tags' && shareTag(policy.allowedTags, server.application.tags)
}

/** Whether the issuance policy reaches a resource server without naming its scopes. */
const policyReaches = (snapshot: Snapshot, server: ResourceServer): boolean => {
  const policy = snapshot.client.application.client?.policy
  // A specific scope may be asked for only by a client that also lists the all-embracing one.
  return policy?.allowedScopes.includes(consumerAllToken) === true && isInReach(snapshot, server)
}

/** Roles of one resource server that the client holds. */
export const heldRoles = (snapshot: Snapshot, server: ResourceServer) =>
  server.roles.filter((role) => snapshot.client.roleIds.has(role.id))

/**
 * Whether the client may have this scope of this resource server: named among its allowed scopes
 * (directly or from above in the hierarchy), conferred by a role, or reached by its policy.
 */
export const mayHaveScope = (
  snapshot: Snapshot,
  server: ResourceServer,
  scope: string,
): boolean => {
  const allowed = snapshot.client.application.client?.policy.allowedScopes ?? []
  for (const audience of server.audiences) {
    for (const each of allowed) {
      if (!each.startsWith(audience)) continue
      if (hierarchicalScopeCovers(each.slice(audience.length), scope)) return true
    }
  }
  if (heldRoles(snapshot, server).some((role) => role.conferredScopes.includes(scope))) return true
  return policyReaches(snapshot, server)
}

/** Every scope of a resource server that the client was given by name or by role, in its order. */
export const grantedScopes = (snapshot: Snapshot, server: ResourceServer): readonly string[] => {
  const given: string[] = []
  for (const scope of server.scopes) if (isGivenByName(snapshot, server, scope)) given.push(scope)
  return given
}

const isGivenByName = (snapshot: Snapshot, server: ResourceServer, scope: string): boolean => {
  const allowed = snapshot.client.application.client?.policy.allowedScopes ?? []
  return (
    server.audiences.some((audience) => allowed.includes(fullyQualifiedScope(audience, scope))) ||
    heldRoles(snapshot, server).some((role) => role.conferredScopes.includes(scope))
  )
}

/**
 * Resource servers of which the client was given anything, the domain itself left out. Found from
 * what the client holds, so that it costs the same with ten resource servers or ten thousand.
 */
export const reachableServers = (
  snapshot: Snapshot,
  builtInId: string,
): readonly ResourceServer[] => {
  const { catalog, client } = snapshot
  const found = new Set<ResourceServer>()
  for (const fqs of client.application.client?.policy.allowedScopes ?? []) {
    for (const target of catalog.byFullyQualifiedScope.get(fqs) ?? []) {
      found.add(target.resourceServer)
    }
  }
  for (const roleId of client.roleIds) {
    const role = catalog.rolesById.get(roleId)
    const server = role && catalog.byId.get(role.applicationId)
    if (role && server && role.conferredScopes.length > 0) found.add(server)
  }
  return [...found].filter((server) => server.application.id !== builtInId)
}
