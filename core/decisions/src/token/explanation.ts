import type { Refusal } from '@mintmark/protocol/refusal'
import type { ClientAuthenticationMethod } from '@mintmark/registry/application'
import type { Snapshot } from '@mintmark/registry/snapshot'
import type { TokenDecision, TokenRequest } from './token-plan.ts'

/** How a client is taken to have proven itself: nobody presents anything to an explanation. */
export interface PresumedProof {
  /** null: the first of the registered methods for which it has a credential. */
  readonly method: ClientAuthenticationMethod | null
  /** Id of a secret, a `kid`, a thumbprint; null: any credential that works. */
  readonly credential: string | null
  /** Base64url SHA-256 of the certificate that the request is taken to come with; null: none. */
  readonly certificateThumbprint: string | null
  /** RFC 7638 thumbprint of the key of the DPoP proof that it is taken to come with; null: none. */
  readonly keyThumbprint: string | null
}

/** One token request to be explained, with all that its decision looks at. */
export interface Situation {
  readonly request: TokenRequest
  readonly proof: PresumedProof
  readonly snapshot: Snapshot
  /** Milliseconds since the epoch. */
  readonly nowMs: number
}

export const explainedStages = [
  'client',
  'active',
  'credential',
  'method',
  'grant-type',
  'request',
  'api',
  'scope-exists',
  'scope-granted',
  'one-api',
  'binding',
  'allowance',
  'token',
] as const
export type ExplainedStage = (typeof explainedStages)[number]

/** One line of the story. */
export interface ExplainedStep {
  readonly step: ExplainedStage
  readonly ok: boolean
  /** What was looked at, in a few words. */
  readonly what: string
  /** What was found. */
  readonly detail: string
}

/** What of a request to send differently; members left out stay as they are. */
export interface RequestChange {
  readonly kind: 'change-request'
  readonly grantType?: string
  /** null: leave it out. */
  readonly scope?: string | null
  readonly resources?: readonly string[]
  readonly method?: ClientAuthenticationMethod
  /** Present the client's certificate at the secure domain URL. */
  readonly certificate?: true
  /** Send a DPoP proof. */
  readonly dpop?: true
}

/** One change that takes a request nearer to its token. */
export type FixChange =
  | RequestChange
  | { readonly kind: 'activate'; readonly applicationId: string }
  | { readonly kind: 'make-confidential'; readonly applicationId: string }
  | {
      readonly kind: 'allow-method'
      readonly applicationId: string
      readonly method: ClientAuthenticationMethod
    }
  | { readonly kind: 'add-credential'; readonly applicationId: string }
  | { readonly kind: 'allow-grant-type'; readonly applicationId: string }
  | {
      readonly kind: 'grant-scope'
      readonly applicationId: string
      /** Fully qualified. */
      readonly scopes: readonly string[]
    }
  | {
      readonly kind: 'assign-role'
      readonly roleApplicationId: string
      readonly roleId: string
      readonly applicationId: string
    }
  | { readonly kind: 'define-scope'; readonly resourceServerId: string; readonly scope: string }
  | {
      readonly kind: 'set-default-api'
      readonly applicationId: string
      readonly resourceServerId: string
    }

/** One request to the administration API. */
export interface ScimRequest {
  readonly method: 'POST' | 'PUT' | 'PATCH'
  /** Below the domain URL. */
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}

/** A change with its words, and how to make it; `scim` null: the client changes its request. */
export interface FixStep {
  readonly change: FixChange
  readonly sentence: string
  readonly scim: ScimRequest | null
}

/** All changes that together flip a refusal, in this order. */
export interface Fix {
  readonly kind: FixChange['kind']
  readonly sentence: string
  readonly steps: readonly FixStep[]
}

/** The story of one decision. */
export interface Explanation {
  readonly verdict: 'issued' | 'refused'
  /** null: a token is issued. */
  readonly refusal: Refusal | null
  readonly decision: TokenDecision | null
  readonly steps: readonly ExplainedStep[]
  /** Alternatives, the nearest first; each of them alone flips the verdict. */
  readonly fixes: readonly Fix[]
}
