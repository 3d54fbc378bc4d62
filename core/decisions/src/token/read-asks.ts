import {
  consumerAllToken,
  type RequestedScopes,
  readIdentityDomainScopes,
} from '@mintmark/protocol/identity-domain-scope'
import { parseScope } from '@mintmark/protocol/rfc6749-scope'
import { parseResourceIndicators } from '@mintmark/protocol/rfc8707-resource-indicator'
import { decideNamedScopes, scopeCandidates } from './decide-scopes.ts'
import { decideRequestedTarget } from './decide-target.ts'
import type { Situation } from './explanation.ts'
import type { Target } from './token-plan.ts'

const nothing: RequestedScopes = {
  plain: [],
  myScopes: false,
  roleNames: [],
  consumerAll: false,
  expirySeconds: null,
  multiResource: false,
}

/** What a scope parameter asks for, if it can be read, with questions that an explanation has. */
export interface Asks {
  readonly ok: boolean
  readonly scopes: RequestedScopes
  /** Names that no API within reach defines. */
  unknownNames(situation: Situation): readonly string[]
  /** Names that exist and that the client may not have. */
  refusedNames(situation: Situation): readonly string[]
}

/** The target that `resource` names, if it names one that the client may use. */
export const requestedTarget = ({ request, snapshot }: Situation): Target | null => {
  const resources = parseResourceIndicators(request.resources)
  if (!resources.ok) return null
  const target = decideRequestedTarget(snapshot, resources.value)
  return target.ok ? target.value : null
}

const readScopes = (text: string | null) => {
  if (text === null) return { ok: true, scopes: nothing }
  const tokens = parseScope(text)
  const read = tokens.ok ? readIdentityDomainScopes(tokens.value) : tokens
  return read.ok ? { ok: true, scopes: read.value } : { ok: false, scopes: nothing }
}

/** Reads a scope parameter by the same readers as the decision. */
export const asksOf = (text: string | null): Asks => {
  const read = readScopes(text)
  const { consumerAll } = read.scopes
  // Where the policy is not wide, the all-embracing scope is a name like others.
  const plain = consumerAll ? [consumerAllToken] : read.scopes.plain
  const isUnknown = (situation: Situation, target: Target | null) => (name: string) =>
    scopeCandidates(situation.snapshot, name, target).length === 0
  return {
    ...read,
    unknownNames: (situation) => plain.filter(isUnknown(situation, requestedTarget(situation))),
    refusedNames: (situation) => {
      const target = requestedTarget(situation)
      return plain.filter((name) => {
        const decided = decideNamedScopes(situation.snapshot, [name], target)
        return !decided.ok && decided.failure.reason === 'SCOPE_NOT_GRANTED'
      })
    },
  }
}
