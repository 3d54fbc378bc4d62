import { relativeTime } from '../parts/relative-time.ts'
import { type AppRecord, appExtension, type SecretRecord, secretsOf } from '../server/records.ts'

/** One thing that an application needs before it gets a token; where it is missing, its fix. */
export interface Readiness {
  readonly ok: boolean
  readonly label: string
  /** Where it is mended; null: it is, or by the button that activates. */
  readonly fix: { readonly label: string; readonly href: string } | 'activate' | null
}

const isAfter = (at: string | undefined, nowMs: number): boolean =>
  at === undefined || Date.parse(at) > nowMs

/** Whether a secret proves anything now. */
export const isLive = ({ expires, ends }: SecretRecord, nowMs: number): boolean =>
  isAfter(expires, nowMs) && isAfter(ends, nowMs)

const provesByKey = (app: AppRecord): boolean => {
  const { jwks, jwksUri, certificateSubject } = app[appExtension] ?? {}
  const keys = jwks !== undefined || jwksUri !== undefined || certificateSubject !== undefined
  return keys || (app.certificates ?? []).length > 0
}

const proof = (app: AppRecord, nowMs: number): Readiness => {
  const href = `/applications/${app.id}?tab=credentials`
  const live = secretsOf(app).filter((secret) => isLive(secret, nowMs))
  if (live.length === 0) {
    if (provesByKey(app))
      return { ok: true, label: 'Proves itself by key or certificate', fix: null }
    return { ok: false, label: 'Has no valid secret', fix: { label: 'Make one', href } }
  }
  // a secret without an end outlives the others
  const ends = live.map(({ expires, ends: end }) => end ?? expires ?? '9')
  const last = ends.toSorted().at(-1) ?? '9'
  const until = last === '9' ? 'does not expire' : `ends ${relativeTime(last, nowMs)}`
  return { ok: true, label: `Has a valid secret (${until})`, fix: null }
}

const reach = (app: AppRecord): Readiness => {
  if (app.trustScope === 'Account') return { ok: true, label: 'May use every API', fix: null }
  if (app.trustScope === 'Tags') return { ok: true, label: 'May use APIs by their tags', fix: null }
  const apis = new Set([
    ...(app.allowedScopes ?? []).map(({ fqs, idOfDefiningApp = fqs }) => idOfDefiningApp),
    ...(app.grantedAppRoles ?? []).map(({ appId, value }) => appId ?? value),
  ])
  const label = `May use ${apis.size === 1 ? '1 API' : `${apis.size} APIs`}`
  if (apis.size > 0) return { ok: true, label, fix: null }
  const href = `/applications/${app.id}?tab=oauth`
  return { ok: false, label: 'May use no API', fix: { label: 'Add scopes', href } }
}

/**
 * What stands between a client and its tokens, in the order in which it is mended.
 * @param lastToken when it last got one; null: never, as far as is known; undefined: not told
 */
export const readinessOf = (
  app: AppRecord,
  lastToken: string | null | undefined,
  nowMs: number,
): readonly Readiness[] => {
  const active: Readiness = app.active
    ? { ok: true, label: 'Is active', fix: null }
    : { ok: false, label: 'Is inactive', fix: 'activate' }
  const href = `/playground?client=${app.id}`
  const told: Readiness =
    typeof lastToken === 'string'
      ? { ok: true, label: `Last token ${relativeTime(lastToken, nowMs)}`, fix: null }
      : { ok: false, label: 'Got no token yet', fix: { label: 'Get one', href } }
  return [active, proof(app, nowMs), reach(app), ...(lastToken === undefined ? [] : [told])]
}
