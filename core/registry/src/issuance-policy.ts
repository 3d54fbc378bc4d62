import type { Tag } from './tag.ts'

/** Specific, all or tagged resource servers: Oracle's `trustScope`. */
export type TrustScope = 'Explicit' | 'Account' | 'Tags'

/** How far a client may reach. */
export interface IssuancePolicy {
  readonly trustScope: TrustScope
  /** Fully qualified scopes: audience and scope in one string. */
  readonly allowedScopes: readonly string[]
  readonly allowedTags: readonly Tag[]
}
