/**
 * One permission that a resource server defines; the fully qualified form has the audience before
 * it.
 */
export interface Scope {
  readonly value: string
  readonly displayName: string | null
  readonly description: string | null
  readonly requiresConsent: boolean
}

/** Audience followed by scope, one string, nothing between: the identity domain's `fqs`. */
export const fullyQualifiedScope = (audience: string, scope: string): string => audience + scope
