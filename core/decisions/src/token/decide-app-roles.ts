import { type Refusal, refuse } from '@mintmark/protocol/refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import { builtInApplicationId, type Snapshot } from '@mintmark/registry/snapshot'
import type { ScopesOfTarget } from './decide-scopes.ts'
import { targetOf } from './decide-target.ts'
import { heldRoles } from './granted-access.ts'

/**
 * Decision 13, `urn:opc:idm:__myscopes__` and `urn:opc:idm:role.NAME`: the scopes that the roles of
 * the built-in application confer on the client; with names, of those roles only.
 */
export const decideRoleScopes = (
  snapshot: Snapshot,
  roleNames: readonly string[] | null,
): Result<ScopesOfTarget, Refusal> => {
  const domain = snapshot.catalog.byId.get(builtInApplicationId)
  if (domain === undefined) return refuse('SCOPE_NONE_AVAILABLE')
  const held = heldRoles(snapshot, domain)
  const chosen =
    roleNames === null ? held : held.filter((role) => roleNames.includes(role.displayName))
  if (roleNames !== null && chosen.length < new Set(roleNames).size) {
    return refuse('SCOPE_NOT_GRANTED', { detail: 'This client does not hold that role' })
  }
  const scopes = [...new Set(chosen.flatMap((role) => role.conferredScopes))]
  if (scopes.length === 0) {
    return refuse('SCOPE_NONE_AVAILABLE', {
      detail: 'This client holds no role of the identity domain',
    })
  }
  return ok({ target: targetOf(domain), scopes })
}
