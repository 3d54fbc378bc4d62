import { closestName } from '@mintmark/protocol/closest-name'
import {
  consumerAllToken,
  expiryPrefix,
  multiResourceToken,
} from '@mintmark/protocol/identity-domain-scope'
import type { Refusal } from '@mintmark/protocol/refusal'
import { isScopeToken } from '@mintmark/protocol/rfc6749-scope'
import { isResourceIndicator } from '@mintmark/protocol/rfc8707-resource-indicator'
import {
  candidateGrants,
  candidateRoles,
  candidateTargets,
  grantsByShortName,
} from './candidate-grants.ts'
import { decideClientFitness, provableMethods } from './decide-client-fitness.ts'
import type { FixChange, Situation } from './explanation.ts'
import { asksOf } from './read-asks.ts'

/**
 * Changes that may take one refusal out of the way, the nearest first. Whether one does is for
 * `proposeFixes` to try.
 */
export const candidateFixes = (situation: Situation, refusal: Refusal): readonly FixChange[] => {
  const applicationId = situation.snapshot.client.application.id
  switch (refusal.reason) {
    case 'CLIENT_PUBLIC':
      return [{ kind: 'make-confidential', applicationId }]
    case 'CLIENT_INACTIVE':
      return [{ kind: 'activate', applicationId }]
    case 'CREDENTIALS_MISSING':
    case 'EXPIRED_SECRET':
    case 'OLD_SECRET':
      return candidateCredentials(situation)
    case 'METHOD_NOT_REGISTERED':
      return candidateMethods(situation)
    case 'GRANT_TYPE_MISSING':
    case 'GRANT_TYPE_UNSUPPORTED':
      return [{ kind: 'change-request', grantType: 'client_credentials' }]
    case 'GRANT_TYPE_NOT_ALLOWED':
      return [{ kind: 'allow-grant-type', applicationId }]
    case 'SCOPE_MALFORMED':
    case 'EXPIRY_MALFORMED':
    case 'SCOPE_STANDS_ALONE':
    case 'TARGET_MALFORMED':
    case 'SCOPES_OF_SEVERAL_APIS':
    case 'TARGET_CONFLICT':
      return candidateSpellings(situation, refusal)
    case 'SCOPE_UNKNOWN':
      return candidateNames(situation)
    case 'SCOPE_NOT_GRANTED':
      return candidateGrants(situation)
    case 'SCOPE_NONE_AVAILABLE':
      return candidateRoles(situation)
    case 'TARGET_UNKNOWN':
    case 'TARGET_AMBIGUOUS':
      return candidateTargets(situation, refusal)
    case 'BINDING_REQUIRED':
      return [{ kind: 'change-request', certificate: true }]
    case 'DPOP_REQUIRED':
      return [{ kind: 'change-request', dpop: true }]
    default:
      return []
  }
}

const usableMethod = ({ snapshot, nowMs }: Situation) =>
  provableMethods(snapshot.client, nowMs).find(
    (each) => decideClientFitness(snapshot.client, each) === null,
  )

const candidateCredentials = (situation: Situation): readonly FixChange[] => {
  const applicationId = situation.snapshot.client.application.id
  const usable = usableMethod(situation)
  return [
    { kind: 'add-credential', applicationId },
    ...(usable === undefined ? [] : [{ kind: 'change-request', method: usable } as const]),
  ]
}

const candidateMethods = (situation: Situation): readonly FixChange[] => {
  const { proof, snapshot, nowMs } = situation
  const applicationId = snapshot.client.application.id
  const method = proof.method ?? provableMethods(snapshot.client, nowMs)[0]
  const usable = usableMethod(situation)
  return [
    ...(usable === undefined ? [] : [{ kind: 'change-request', method: usable } as const]),
    ...(method === undefined ? [] : [{ kind: 'allow-method', applicationId, method } as const]),
    { kind: 'add-credential', applicationId },
  ]
}

const joined = (tokens: readonly string[]): string | null =>
  tokens.length === 0 ? null : [...new Set(tokens)].join(' ')

/** The client says it differently. */
const candidateSpellings = (situation: Situation, refusal: Refusal): readonly FixChange[] => {
  const { scope, resources } = situation.request
  const tokens = (scope ?? '').split(/\s+/).filter(isScopeToken)
  switch (refusal.reason) {
    case 'SCOPE_MALFORMED': {
      const kept = tokens.filter((token) => asksOf(token).ok)
      return [
        { kind: 'change-request', scope: joined(kept) },
        { kind: 'change-request', scope: null },
      ]
    }
    case 'EXPIRY_MALFORMED': {
      const kept = tokens.filter((token) => !token.startsWith(expiryPrefix))
      return [{ kind: 'change-request', scope: joined(kept) }]
    }
    case 'SCOPE_STANDS_ALONE': {
      const kept = tokens.filter((token) => token !== consumerAllToken)
      return [
        { kind: 'change-request', scope: joined(kept) },
        { kind: 'change-request', scope: consumerAllToken },
      ]
    }
    case 'SCOPES_OF_SEVERAL_APIS':
      return [{ kind: 'change-request', scope: joined([...tokens, multiResourceToken]) }]
    case 'TARGET_MALFORMED':
      return [
        { kind: 'change-request', resources: resources.filter(isResourceIndicator).slice(0, 1) },
        { kind: 'change-request', resources: [] },
      ]
    default:
      return [{ kind: 'change-request', resources: [] }]
  }
}

/** Names that a mistyped one is compared with. */
const scopesComparedMax = 5000

/** A scope that no API has: another name was meant, or the scope is still to be defined. */
const candidateNames = (situation: Situation): readonly FixChange[] => {
  const { snapshot, request } = situation
  const asks = asksOf(request.scope)
  const unknown = asks.ok ? asks.unknownNames(situation) : []
  const changes: FixChange[] = []
  const [name] = unknown
  if (name === undefined) return []
  const { catalog } = snapshot
  changes.push(...grantsByShortName(situation, name))
  const known = [...catalog.byId.values()].flatMap((server) => [...server.scopes])
  const others = known.slice(0, scopesComparedMax).filter((each) => each !== name)
  const near = closestName(name, others)
  if (near !== null) {
    const scope = joined(
      (request.scope ?? '').split(' ').map((each) => (each === name ? near : each)),
    )
    changes.push({ kind: 'change-request', scope })
  }
  const server = [...catalog.byId.values()].find(
    (each) =>
      !each.application.builtIn &&
      (each.audiences.includes(request.resources[0] ?? '') ||
        each.audiences.some((audience) => name.startsWith(audience))),
  )
  if (server !== undefined) {
    const prefix = server.audiences.find((audience) => name.startsWith(audience)) ?? ''
    const value = name.slice(prefix.length)
    const resourceServerId = server.application.id
    if (value !== '') changes.push({ kind: 'define-scope', resourceServerId, scope: value })
  }
  const rest = (request.scope ?? '').split(' ').filter((each) => !unknown.includes(each))
  changes.push({ kind: 'change-request', scope: joined(rest) })
  return changes
}
