import type { SigningAlgorithm, TokenProfile } from '@mintmark/registry/application'
import type { ClientProof } from '@mintmark/registry/client-proof'
import type { ResourceServer } from '@mintmark/registry/snapshot'
import type { BudgetCharge } from '@mintmark/registry/token-allowance'

/** A token request as received: nothing in it is trusted yet. */
export interface TokenRequest {
  readonly grantType: string | null
  /** RFC 6749 §3.3 `scope` as sent; null: omitted. */
  readonly scope: string | null
  /** RFC 8707 `resource`, each value as sent. */
  readonly resources: readonly string[]
}

/** Where a token is for, and how it is written. */
export interface Target {
  /** null: the account-wide and tag-wide audiences, which no single resource server owns. */
  readonly resourceServer: ResourceServer | null
  readonly audience: readonly string[]
  readonly profile: TokenProfile
  readonly algorithm: SigningAlgorithm
}

/** `cnf`: what a sender of the token must hold; both null: a bearer token. */
export interface SenderBinding {
  /** RFC 8705 §3.1 `x5t#S256`. */
  readonly certificateThumbprint: string | null
  /** RFC 9449 §6.1 `jkt`. */
  readonly keyThumbprint: string | null
}

/** One token that may be issued: everything but its id and its instant. */
export interface TokenPlan {
  readonly target: Target
  /** Values of the resource server's scopes, audience prefix stripped. */
  readonly scopes: readonly string[]
  /** Names of the roles of the target that the client holds. */
  readonly roles: readonly string[]
  readonly lifetimeSeconds: number
  readonly binding: SenderBinding
}

/** The answer of `decideTokenRequest`: what to record and to sign. */
export interface TokenDecision {
  readonly tokens: readonly TokenPlan[]
  /** Several resource servers were asked for: the answer is `tokenResponses`. */
  readonly severalTargets: boolean
  /** RFC 6749 §5.1: `scope` is in the answer when what is granted differs from what was asked. */
  readonly scopeAnswered: boolean
  readonly proof: ClientProof
  /** The current token will do while so much of its life is left; null: a new one each time. */
  readonly reusePercent: number | null
  /** What a new token takes of budgets. */
  readonly charges: readonly BudgetCharge[]
}

export const isBound = ({ certificateThumbprint, keyThumbprint }: SenderBinding): boolean =>
  certificateThumbprint !== null || keyThumbprint !== null

/** The domain's own audience: administration tokens carry all its addresses. */
export const isAdministrationTarget = (target: Target, builtInId: string): boolean =>
  target.resourceServer?.application.id === builtInId
