import type { CustomClaim } from '@mintmark/registry/custom-claim'
import { fullyQualifiedScope } from '@mintmark/registry/scope'
import type { TokenPlan } from './token-plan.ts'

/** Whether a claim is for access tokens that nobody has to ask it for. */
export const isForEveryAccessToken = (claim: CustomClaim): boolean =>
  claim.mode === 'always' && claim.tokenType !== 'IT'

const isForScopes = (claim: CustomClaim, plan: TokenPlan): boolean => {
  if (claim.allScopes) return true
  const audiences = plan.target.resourceServer?.audiences ?? []
  return audiences.some((audience) =>
    plan.scopes.some((scope) => claim.scopes.includes(fullyQualifiedScope(audience, scope))),
  )
}

/**
 * Adds what administrators have declared for tokens like this one, behind all that the server says
 * itself and never in place of it.
 * @param claims as the profile has them; it is added to
 */
export const addCustomClaims = (
  claims: Record<string, unknown>,
  plan: TokenPlan,
  customClaims: readonly CustomClaim[],
): Readonly<Record<string, unknown>> => {
  for (const claim of customClaims) {
    if (!isForEveryAccessToken(claim) || !isForScopes(claim, plan)) continue
    if (!Object.hasOwn(claims, claim.name)) claims[claim.name] = claim.value
  }
  return claims
}
