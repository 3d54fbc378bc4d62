/** A quota as a client is told it. */
export interface ToldQuota {
  /** RFC 9651 §3.3.3: printable ASCII; ours are letters and hyphens. */
  readonly name: string
  readonly quota: number
  readonly windowSeconds: number
  readonly left: number
  /** Until it begins anew. */
  readonly resetSeconds: number
}

/**
 * The fields of draft-ietf-httpapi-ratelimit-headers-10, lists of structured fields (RFC 9651):
 * §3 says the policy (`q` in a window of `w` seconds), §4 what is left of it (`r`) and for how long
 * (`t`).
 * @returns names and values; empty where there is no quota
 */
export const rateLimitFields = (quotas: readonly ToldQuota[]): Readonly<Record<string, string>> => {
  if (quotas.length === 0) return {}
  const policy = quotas.map((each) => `"${each.name}";q=${each.quota};w=${each.windowSeconds}`)
  const limit = quotas.map((each) => `"${each.name}";r=${each.left};t=${each.resetSeconds}`)
  return { 'RateLimit-Policy': policy.join(', '), RateLimit: limit.join(', ') }
}
