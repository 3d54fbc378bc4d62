import type { FastifyRequest } from 'fastify'
import { sameDigest } from '../proof/secret-digest.ts'
import type { Services } from '../services.ts'
import { csrfTokenOf, isSecure, readSessionToken, type SessionToken } from './session-cookie.ts'

const safe: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/** Why a request with a session does not count. */
export type Forgery = 'SITE_FOREIGN' | 'CSRF_TOKEN_WRONG'

const fieldOf = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name]
  return typeof value === 'string' ? value : undefined
}

const originOf = (url: string | null): string | null => URL.parse(url ?? '')?.origin ?? null

/** The origins at which this server itself is shown. */
export const isOwnOrigin = async (
  origin: string,
  request: FastifyRequest,
  services: Services,
): Promise<boolean> => {
  const { url, secureUrl } = services.address(await services.registry.catalog())
  const scheme = (await isSecure(request, services)) ? 'https' : 'http'
  const asked = originOf(`${scheme}://${request.headers.host ?? ''}`)
  return [originOf(url), originOf(secureUrl), asked].includes(origin)
}

/**
 * Whether a page of another origin may have sent this. `Sec-Fetch-Site` is the word of the browser,
 * which no page can change; one that does not say it names the origin at least.
 * @param unsaid what counts where neither is there: no browser sends that
 */
export const isForeign = async (
  request: FastifyRequest,
  services: Services,
  unsaid: 'own' | 'foreign',
): Promise<boolean> => {
  const site = fieldOf(request, 'sec-fetch-site')
  if (site === 'same-origin') return false
  if (site !== undefined) return !(site === 'none' && safe.has(request.method))
  const origin = fieldOf(request, 'origin')
  if (origin === undefined) return unsaid === 'foreign' && !safe.has(request.method)
  return !(await isOwnOrigin(origin, request, services))
}

/** What speaks against a request with this session; null: it comes from the console. */
export const judgeSite = async (
  request: FastifyRequest,
  token: SessionToken,
  services: Services,
): Promise<Forgery | null> => {
  if (await isForeign(request, services, 'foreign')) return 'SITE_FOREIGN'
  if (safe.has(request.method)) return null
  const shown = fieldOf(request, 'x-csrf-token') ?? ''
  return sameDigest(shown, csrfTokenOf(token, services)) ? null : 'CSRF_TOKEN_WRONG'
}

/** The session that a request may act by; a bearer beside it counts instead. */
export const sessionTokenOf = async (
  request: FastifyRequest,
  services: Services,
): Promise<SessionToken | null> => {
  const { authorization, cookie } = request.headers
  if (authorization !== undefined || cookie === undefined) return null
  return readSessionToken(cookie, await isSecure(request, services))
}
