import {
  consumerAllToken,
  coveringScopes,
  hierarchicalScopeCovers,
} from '@mintmark/protocol/identity-domain-scope'
import type { RefusalReason } from '@mintmark/protocol/refusal'
import type { AccessHolder } from '@mintmark/registry/access-holder'
import type { Application } from '@mintmark/registry/application'
import { fullyQualifiedScope } from '@mintmark/registry/scope'
import { builtInApplicationId, type ResourceServer } from '@mintmark/registry/snapshot'
import { canAct } from '../administration/application-wish.ts'

/** One way in which an application comes to a scope. */
export type AccessPath =
  /** Named among its allowed scopes; `fqs` is the spelling, maybe from above in a hierarchy. */
  | { readonly kind: 'scope'; readonly fqs: string }
  | { readonly kind: 'role'; readonly roleId: string; readonly role: string }
  | {
      readonly kind: 'group'
      readonly roleId: string
      readonly role: string
      readonly groupId: string
      readonly group: string
    }
  /** Its policy reaches all resource servers with this tag. */
  | { readonly kind: 'tag'; readonly key: string; readonly value: string }
  /** Its policy reaches all resource servers. */
  | { readonly kind: 'all' }

/** What applications must have, one of these at least, to reach something. */
export interface ReachClues {
  readonly scopes: readonly string[]
  readonly roleIds: readonly string[]
}

/** Among the applications with one of these clues are all that reach one of these scopes. */
export const cluesOf = (server: ResourceServer, scopes: readonly string[]): ReachClues => {
  const covering = new Set(scopes.flatMap((scope) => coveringScopes(scope)))
  const names = server.audiences.flatMap((audience) =>
    [...covering].map((scope) => fullyQualifiedScope(audience, scope)),
  )
  const isReachedByPolicy = server.application.id !== builtInApplicationId
  return {
    scopes: isReachedByPolicy ? [...names, consumerAllToken] : names,
    roleIds: server.roles
      .filter((role) => role.conferredScopes.some((each) => scopes.includes(each)))
      .map((role) => role.id),
  }
}

/** How the issuance policy reaches a resource server without naming its scopes. */
export const policyPaths = (
  { client }: Application,
  server: ResourceServer,
): readonly AccessPath[] => {
  const policy = client?.policy
  if (policy === undefined || policy.trustScope === 'Explicit') return []
  if (server.application.id === builtInApplicationId) return []
  if (!policy.allowedScopes.includes(consumerAllToken)) return []
  if (policy.trustScope === 'Account') return [{ kind: 'all' }]
  return policy.allowedTags
    .filter((tag) =>
      server.application.tags.some(({ key, value }) => key === tag.key && value === tag.value),
    )
    .map(({ key, value }) => ({ kind: 'tag', key, value }))
}

/** How an application comes to the roles of a resource server that it holds. */
export const rolePaths = (holder: AccessHolder, server: ResourceServer) =>
  server.roles.flatMap((role) =>
    holder.holdings
      .filter(({ roleId }) => roleId === role.id)
      .map(({ group }) => {
        const named = { roleId: role.id, role: role.displayName }
        const path: AccessPath =
          group === null
            ? { kind: 'role', ...named }
            : { kind: 'group', ...named, groupId: group.id, group: group.displayName }
        return { path, role }
      }),
  )

/** Every way in which an application comes to a scope of a resource server; empty: in none. */
export const tellPaths = (
  holder: AccessHolder,
  server: ResourceServer,
  scope: string,
): readonly AccessPath[] => {
  const { application } = holder
  if (application.client === null) return []
  const { allowedScopes } = application.client.policy
  const named = allowedScopes.filter((fqs) =>
    server.audiences.some(
      (audience) =>
        fqs.startsWith(audience) && hierarchicalScopeCovers(fqs.slice(audience.length), scope),
    ),
  )
  const conferring = rolePaths(holder, server).filter(({ role }) =>
    role.conferredScopes.includes(scope),
  )
  return [
    ...named.map((fqs): AccessPath => ({ kind: 'scope', fqs })),
    ...conferring.map(({ path }) => path),
    ...policyPaths(application, server),
  ]
}

/** Why an application gets no token at all, whatever it was given; null: nothing stands against. */
export const tellHindrance = (
  { active, client }: Application,
  server: ResourceServer,
): RefusalReason | null => {
  if (client === null) return 'CLIENT_UNKNOWN'
  if (client.clientType === 'public') return 'CLIENT_PUBLIC'
  if (!active) return 'CLIENT_INACTIVE'
  if (!server.application.active) return 'TARGET_UNKNOWN'
  return canAct({ active, client }) ? null : 'GRANT_TYPE_NOT_ALLOWED'
}
