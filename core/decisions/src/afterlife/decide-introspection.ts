import {
  builtInApplicationId,
  type ClientSnapshot,
  type Snapshot,
} from '@mintmark/registry/snapshot'
import { reachableServers } from '../token/granted-access.ts'
import { type EndedReason, isForServer, judgeToken } from './judge-token.ts'
import type { TokenFacts } from './token-facts.ts'

/** Why a token is inactive for this caller; the caller itself never learns it (RFC 7662 §2.2). */
export type InactiveReason =
  | 'NOT_OURS'
  | EndedReason
  | 'CALLER_MAY_NOT_INTROSPECT'
  | 'NOT_FOR_THIS_CALLER'

export type Introspection =
  | { readonly active: true; readonly token: TokenFacts }
  | { readonly active: false; readonly reason: InactiveReason }

/** All that the answer depends on, read before. */
export interface IntrospectionInput {
  /** null: not a token of this domain. */
  readonly token: TokenFacts | null
  readonly caller: Snapshot
  /** The client the token was issued to, as it is now; null: deleted. */
  readonly issuedTo: ClientSnapshot | null
  readonly revoked: boolean
  readonly nowSeconds: number
}

const inactive = (reason: InactiveReason): Introspection => ({ active: false, reason })

/** RFC 7662 §2.2: whether a token is active for this caller, and what it may read of it. */
export const decideIntrospection = (input: IntrospectionInput): Introspection => {
  const { token, caller } = input
  const client = caller.client.application.client
  if (client === null || !client.operations.includes('introspect')) {
    return inactive('CALLER_MAY_NOT_INTROSPECT')
  }
  if (token === null) return inactive('NOT_OURS')
  // §4: a token that is not for this caller tells it nothing, not even that it is one.
  if (!isForCaller(token, caller)) return inactive('NOT_FOR_THIS_CALLER')
  const ended = judgeToken(token, { ...input, catalog: caller.catalog })
  if (ended !== null) return inactive(ended)
  return { active: true, token }
}

/** The token's own audience belongs to the caller, or the token is the caller's own. */
const isForCaller = (token: TokenFacts, caller: Snapshot): boolean => {
  if (token.clientId === caller.client.application.clientId) return true
  const own = caller.catalog.byId.get(caller.client.application.id)
  if (own !== undefined) return isForServer(token, own)
  if (caller.client.application.client?.policy.trustScope === 'Account') {
    return !isForDomain(token, caller)
  }
  return reachableServers(caller, '').some((server) => isForServer(token, server))
}

/** Nobody's policy reaches the administration of the domain itself. */
const isForDomain = ({ audience }: TokenFacts, { catalog }: Snapshot): boolean =>
  audience.some((each) => catalog.byAudience.get(each)?.application.id === builtInApplicationId)

/**
 * What an active token's answer says; the same each time. Claims flat beside `active`; `token_type`
 * is the identity domain's word in its own profile.
 */
export const introspectionAnswer = (token: TokenFacts): Readonly<Record<string, unknown>> => ({
  active: true,
  ...token.claims,
  token_type: tokenTypeOf(token),
})

/** RFC 9449 §6.2: a key-bound token is `DPoP` in every profile, so that none takes it for less. */
const tokenTypeOf = ({ claims, profile }: TokenFacts): string => {
  const { cnf } = claims
  if (typeof cnf === 'object' && cnf !== null && 'jkt' in cnf) return 'DPoP'
  return profile === 'identity-domain' ? 'JWT' : 'Bearer'
}
