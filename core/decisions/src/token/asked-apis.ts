import {
  builtInApplicationId,
  type ResourceServer,
  type Snapshot,
} from '@mintmark/registry/snapshot'
import { scopeCandidates } from './decide-scopes.ts'
import { defaultServer } from './decide-target.ts'
import { reachableServers } from './granted-access.ts'
import { asksOf } from './read-asks.ts'
import type { TokenRequest } from './token-plan.ts'

/** One request can name many; the log tells the first. */
const askedMax = 5

/** Of an unknown scope in full the audience may still be one that the client knows. */
const byPrefix = (servers: readonly ResourceServer[], name: string): readonly ResourceServer[] =>
  servers.filter(({ audiences }) => audiences.some((audience) => name.startsWith(audience)))

/**
 * Which APIs a request meant that was refused, for the operator: those that `resource` names, else
 * those of its scopes, else the default or the only one, where short names are read. Empty: none
 * that is known.
 */
export const askedApis = (request: TokenRequest, snapshot: Snapshot): readonly string[] => {
  const { byAudience } = snapshot.catalog
  const named = request.resources.flatMap((resource) => byAudience.get(resource) ?? [])
  const names = asksOf(request.scope).scopes.plain
  const within = reachableServers(snapshot, builtInApplicationId)
  const scoped = names.flatMap((name) => {
    const found = scopeCandidates(snapshot, name, null).map((each) => each.resourceServer)
    return found.length > 0 ? found : byPrefix(within, name)
  })
  const usual = defaultServer(snapshot) ?? (within.length === 1 ? within[0] : undefined)
  const isUsual = request.resources.length === 0 && names.every((name) => !name.includes(':'))
  const fallback = isUsual && usual !== undefined ? [usual] : []
  const meant = [named, scoped, fallback].find((each) => each.length > 0) ?? []
  const shown = new Set(meant.map(({ application }) => application.displayName))
  return [...shown].slice(0, askedMax)
}
