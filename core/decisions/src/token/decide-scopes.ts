import { type Refusal, refuse } from '@mintmark/protocol/refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import {
  builtInApplicationId,
  type ResourceServer,
  type ScopeTarget,
  type Snapshot,
} from '@mintmark/registry/snapshot'
import { ambiguous, defaultServer, targetOf } from './decide-target.ts'
import { grantedScopes, mayHaveScope, reachableServers } from './granted-access.ts'
import type { Target } from './token-plan.ts'

/** Scopes of one target. */
export interface ScopesOfTarget {
  readonly target: Target
  readonly scopes: readonly string[]
}

const list = (scopes: readonly string[]): string =>
  scopes
    .slice(0, 20)
    .map((scope) => `'${scope}'`)
    .join(', ')

/** No scope was asked: everything of the target that the client was given (RFC 6749 §3.3). */
export const decideDefaultScopes = (
  snapshot: Snapshot,
  target: Target,
): Result<readonly ScopesOfTarget[], Refusal> => {
  const server = target.resourceServer
  const scopes = server === null ? [] : grantedScopes(snapshot, server)
  if (scopes.length === 0) {
    return refuse('SCOPE_NONE_AVAILABLE', { detail: 'This client holds no scope of that API' })
  }
  return ok([{ target, scopes }])
}

/**
 * The scopes that were asked by name, sorted by the resource server they belong to. One that the
 * client may not have refuses the whole request: nothing is granted in part.
 */
export const decideNamedScopes = (
  snapshot: Snapshot,
  named: readonly string[],
  requested: Target | null,
): Result<readonly ScopesOfTarget[], Refusal> => {
  const perServer = new Map<ResourceServer, string[]>()
  for (const name of named) {
    const found = resolveScope(snapshot, name, requested)
    if (!found.ok) return found
    const { resourceServer, scope } = found.value
    const scopes = perServer.get(resourceServer)
    if (scopes === undefined) perServer.set(resourceServer, [scope])
    else if (!scopes.includes(scope)) scopes.push(scope)
  }
  return ok(
    [...perServer].map(([server, scopes]) => ({
      target: requested ?? targetOf(server),
      scopes,
    })),
  )
}

/** Every scope that a name may mean, whether or not the client may have it. */
export const scopeCandidates = (
  snapshot: Snapshot,
  name: string,
  requested: Target | null,
): readonly ScopeTarget[] => [
  ...(snapshot.catalog.byFullyQualifiedScope.get(name) ?? []),
  ...shortSpellings(snapshot, name, requested),
]

/** One name to one scope of one resource server, if the client may have it. */
const resolveScope = (
  snapshot: Snapshot,
  name: string,
  requested: Target | null,
): Result<ScopeTarget, Refusal> => {
  const candidates = scopeCandidates(snapshot, name, requested)
  const mine = candidates.filter(
    ({ resourceServer, scope }) =>
      resourceServer.application.active && mayHaveScope(snapshot, resourceServer, scope),
  )
  const target = requested?.resourceServer ?? null
  const fitting = target === null ? mine : mine.filter((each) => each.resourceServer === target)
  const [first] = fitting
  if (first === undefined) return refuseScope(snapshot, name, candidates, target)
  const servers = [...new Set(fitting.map((each) => each.resourceServer))]
  // RFC 9068 §3: a name that means two things at two resource servers must not be guessed.
  if (servers.length > 1) return ambiguous(servers)
  return ok(first)
}

/** A short name is read at the named, else the default, else each resource server within reach. */
const shortSpellings = (
  snapshot: Snapshot,
  name: string,
  requested: Target | null,
): readonly ScopeTarget[] => {
  const at = (server: ResourceServer): readonly ScopeTarget[] =>
    server.scopes.has(name) ? [{ resourceServer: server, scope: name }] : []
  if (requested?.resourceServer) return at(requested.resourceServer)
  const fallback = defaultServer(snapshot)
  if (fallback?.scopes.has(name)) return at(fallback)
  const builtIn = snapshot.catalog.byId.get(builtInApplicationId)
  if (builtIn?.scopes.has(name)) return at(builtIn)
  return reachableServers(snapshot, builtInApplicationId).flatMap(at)
}

const refuseScope = (
  snapshot: Snapshot,
  name: string,
  candidates: readonly ScopeTarget[],
  target: ResourceServer | null,
): Result<never, Refusal> => {
  const elsewhere = candidates.filter((each) => each.resourceServer !== target)
  // RFC 8707 §2: `resource` names one API, the scope's own prefix another.
  if (target !== null && candidates.length > 0 && elsewhere.length === candidates.length) {
    return refuse('TARGET_CONFLICT', { detail: `Scope '${name}' is not of the API in resource` })
  }
  const server = candidates[0]?.resourceServer
  if (server === undefined)
    return refuse('SCOPE_UNKNOWN', { detail: `No API has a scope '${name}'` })
  const granted = grantedScopes(snapshot, server)
  const may = granted.length > 0 ? ` It may use: ${list(granted)}` : ''
  return refuse('SCOPE_NOT_GRANTED', { detail: `This client may not use '${name}'.${may}` })
}
