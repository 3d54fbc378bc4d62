import {
  consumerAllToken,
  type RequestedScopes,
  readIdentityDomainScopes,
} from '@mintmark/protocol/identity-domain-scope'
import { type Refusal, refuse } from '@mintmark/protocol/refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import { parseScope } from '@mintmark/protocol/rfc6749-scope'
import { parseResourceIndicators } from '@mintmark/protocol/rfc8707-resource-indicator'
import type { ClientProof } from '@mintmark/registry/client-proof'
import type { Snapshot } from '@mintmark/registry/snapshot'
import { chargesOf, decideReuse } from './decide-allowance.ts'
import { decideRoleScopes } from './decide-app-roles.ts'
import { decideLifetime } from './decide-lifetime.ts'
import { decideDefaultScopes, decideNamedScopes, type ScopesOfTarget } from './decide-scopes.ts'
import { decideSenderBinding } from './decide-sender-binding.ts'
import { decideDefaultTarget, decideRequestedTarget } from './decide-target.ts'
import { heldRoles } from './granted-access.ts'
import type { Target, TokenDecision, TokenPlan, TokenRequest } from './token-plan.ts'

/** The domain's own names for client credentials over mutual TLS, and the standard one. */
const clientCredentialsNames: ReadonlySet<string> = new Set([
  'client_credentials',
  'tls_client_auth',
  'tls_cert_auth',
])

/**
 * RFC 6749 §4.4: decides a token request of a proven client. Synchronous and pure: the same
 * request,
 * proof and snapshot give the same tokens, or the same refusal.
 */
export const decideTokenRequest = (
  request: TokenRequest,
  proof: ClientProof,
  snapshot: Snapshot,
): Result<TokenDecision, Refusal> => {
  const grant = decideGrantType(request.grantType, snapshot)
  if (!grant.ok) return grant
  const asked = readScopes(request.scope)
  if (!asked.ok) return asked
  const resources = parseResourceIndicators(request.resources)
  if (!resources.ok) return resources
  const scopes = decideTargetsAndScopes(asked.value, resources.value, snapshot)
  if (!scopes.ok) return scopes
  if (scopes.value.length > 1 && asked.value?.multiResource !== true) {
    return refuse('SCOPES_OF_SEVERAL_APIS', {
      detail:
        'One token is for one API: ask per API, or add the scope ' +
        'urn:opc:resource:multiresourcescope',
    })
  }
  const tokens: TokenPlan[] = []
  for (const each of scopes.value) {
    const plan = planToken(each, asked.value?.expirySeconds ?? null, proof, snapshot)
    if (!plan.ok) return plan
    tokens.push(plan.value)
  }
  return ok({
    tokens,
    severalTargets: asked.value?.multiResource === true,
    scopeAnswered: differsFromAsked(asked.value),
    proof,
    reusePercent: decideReuse(tokens, snapshot.client.application),
    charges: chargesOf(tokens, snapshot.client.application),
  })
}

/** Order of RFC 6749 §5.2: missing, unknown, and only then not allowed for this client. */
const decideGrantType = (name: string | null, snapshot: Snapshot): Result<null, Refusal> => {
  if (name === null) return refuse('GRANT_TYPE_MISSING')
  if (!clientCredentialsNames.has(name)) return refuse('GRANT_TYPE_UNSUPPORTED')
  const client = snapshot.client.application.client
  const allowed =
    client !== null &&
    client.clientType !== 'public' &&
    client.grantTypes.some((each) => clientCredentialsNames.has(each))
  return allowed ? ok(null) : refuse('GRANT_TYPE_NOT_ALLOWED')
}

/** RFC 6749 §3.3 grammar first, then the identity domain's own forms among the tokens. */
const readScopes = (text: string | null): Result<RequestedScopes | null, Refusal> => {
  if (text === null) return ok(null)
  const tokens = parseScope(text)
  return tokens.ok ? readIdentityDomainScopes(tokens.value) : tokens
}

const asksForNothing = (scopes: RequestedScopes): boolean =>
  scopes.plain.length === 0 &&
  !scopes.myScopes &&
  !scopes.consumerAll &&
  scopes.roleNames.length === 0

const decideTargetsAndScopes = (
  scopes: RequestedScopes | null,
  resources: readonly string[],
  snapshot: Snapshot,
): Result<readonly ScopesOfTarget[], Refusal> => {
  const requested = decideRequestedTarget(snapshot, resources)
  if (!requested.ok) return requested
  if (scopes === null || asksForNothing(scopes)) {
    const target = requested.value ? ok(requested.value) : decideDefaultTarget(snapshot)
    return target.ok ? decideDefaultScopes(snapshot, target.value) : target
  }
  if (scopes.consumerAll) return decideEveryResource(resources, snapshot)
  const found: ScopesOfTarget[] = []
  if (scopes.myScopes || scopes.roleNames.length > 0) {
    const mine = decideRoleScopes(snapshot, scopes.myScopes ? null : scopes.roleNames)
    if (!mine.ok) return mine
    // RFC 8707 §2: who names an API sends it the token, and that must not administer the domain
    const named = requested.value?.resourceServer
    if (named && named !== mine.value.target.resourceServer) {
      const detail = 'Roles of the identity domain are not of the API in resource'
      return refuse('TARGET_CONFLICT', { detail })
    }
    found.push(mine.value)
  }
  const named = decideNamedScopes(snapshot, scopes.plain, requested.value)
  if (!named.ok) return named
  return ok(mergeByServer([...found, ...named.value]))
}

const mergeByServer = (parts: readonly ScopesOfTarget[]): readonly ScopesOfTarget[] => {
  const merged = new Map<unknown, ScopesOfTarget>()
  for (const part of parts) {
    const key = part.target.resourceServer
    const before = merged.get(key)
    const scopes = before ? [...new Set([...before.scopes, ...part.scopes])] : part.scopes
    merged.set(key, { target: part.target, scopes })
  }
  return [...merged.values()]
}

/**
 * The bare `urn:opc:resource:consumer::all`: one token for every resource server that the policy
 * reaches, with an audience of its own. A client limited to specific scopes cannot ask for it.
 */
const decideEveryResource = (
  resources: readonly string[],
  snapshot: Snapshot,
): Result<readonly ScopesOfTarget[], Refusal> => {
  const policy = snapshot.client.application.client?.policy
  const audience = policy && everyResourceAudience(policy)
  if (!audience || resources.length > 0) {
    // Not wide: then it is a scope like others, of the API that is named or the only one with it.
    const requested = decideRequestedTarget(snapshot, resources)
    return requested.ok
      ? decideNamedScopes(snapshot, [consumerAllToken], requested.value)
      : requested
  }
  const target: Target = {
    resourceServer: null,
    audience: [audience],
    profile: 'identity-domain',
    algorithm: 'RS256',
  }
  return ok([{ target, scopes: [consumerAllToken] }])
}

const everyResourceAudience = (policy: {
  readonly trustScope: string
  readonly allowedTags: readonly { readonly key: string; readonly value: string }[]
}): string | null => {
  if (policy.trustScope === 'Account') return 'urn:opc:resource:scope:account'
  if (policy.trustScope !== 'Tags' || policy.allowedTags.length === 0) return null
  const tags = policy.allowedTags.map(({ key, value }) => ({ key, value }))
  const bytes = new TextEncoder().encode(JSON.stringify({ tags }))
  return `urn:opc:resource:scope:tag=${btoa(String.fromCharCode(...bytes))}`
}

const planToken = (
  part: ScopesOfTarget,
  requestedSeconds: number | null,
  proof: ClientProof,
  snapshot: Snapshot,
): Result<TokenPlan, Refusal> => {
  const binding = decideSenderBinding(snapshot, part.target, proof)
  if (!binding.ok) return binding
  const server = part.target.resourceServer
  const facet = server?.application.resourceServer ?? null
  return ok({
    target: part.target,
    scopes: part.scopes,
    roles: server === null ? [] : heldRoles(snapshot, server).map((role) => role.displayName),
    lifetimeSeconds: decideLifetime(facet?.tokenLifetimeSeconds ?? null, requestedSeconds),
    binding: binding.value,
  })
}

/** Decision 12: an omitted scope, my-scopes and roles are answered with what they came to. */
const differsFromAsked = (scopes: RequestedScopes | null): boolean =>
  scopes === null || asksForNothing(scopes) || scopes.myScopes || scopes.roleNames.length > 0
