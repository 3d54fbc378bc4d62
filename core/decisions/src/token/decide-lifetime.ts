import { tokenLifeSecondsMax } from '@mintmark/registry/revocation'

/** Lifetime of an access token when neither resource server nor request says otherwise. */
export const lifetimeSecondsDefault = 3600
/** No token lives longer, whatever is asked: one year. */
export const lifetimeSecondsMax = tokenLifeSecondsMax

/**
 * Lifetime in seconds: the smaller of what the resource server sets and what the request asks by
 * `urn:opc:resource:expiry`; the default where neither speaks.
 */
export const decideLifetime = (
  resourceSeconds: number | null,
  requestedSeconds: number | null,
): number => {
  if (resourceSeconds === null && requestedSeconds === null) return lifetimeSecondsDefault
  return Math.min(
    resourceSeconds ?? lifetimeSecondsMax,
    requestedSeconds ?? lifetimeSecondsMax,
    lifetimeSecondsMax,
  )
}
