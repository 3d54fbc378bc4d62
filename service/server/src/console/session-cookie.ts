import { createHmac, randomBytes } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { FastifyRequest } from 'fastify'
import { isLoopback, isLoopbackUrl } from '../configuration/network-types.ts'
import { digestMinted } from '../proof/secret-digest.ts'
import type { Services } from '../services.ts'

/** What a browser holds of its session: 256 random bits, base64url. */
export type SessionToken = string

const tokenPattern = /^[A-Za-z0-9_-]{43}$/
const secureName = '__Host-mintmark'
/** Browsers do not take `__Host-` over plain HTTP, which is for this computer only. */
const plainName = 'mintmark'

/**
 * Whether the browser's own connection is TLS: at this door, or at a proxy in front of it. In the
 * clear it is believed to be on this computer only; from elsewhere the cookie is Secure all the
 * same, so that a browser that came in the clear does not keep it.
 */
export const isSecure = async (request: FastifyRequest, services: Services): Promise<boolean> => {
  const { socket } = request
  const peer = socket.remoteAddress ?? ''
  if ((socket as TLSSocket).encrypted || !isLoopback(peer)) return true
  if (!services.proxies.trusts(peer)) return false
  return !isLoopbackUrl(services.address(await services.registry.catalog()).url)
}

/** The session that a request names; null: none, or more than one. */
export const readSessionToken = (
  cookie: string | undefined,
  secure: boolean,
): SessionToken | null => {
  if (cookie === undefined) return null
  const name = secure ? secureName : plainName
  const found: string[] = []
  for (const pair of cookie.split(';')) {
    const at = pair.indexOf('=')
    if (at !== -1 && pair.slice(0, at).trim() === name) found.push(pair.slice(at + 1).trim())
  }
  const [token] = found
  return found.length === 1 && token !== undefined && tokenPattern.test(token) ? token : null
}

const attributes = (secure: boolean): string =>
  `; Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`

/** RFC 6265 §4.1: kept until the browser ends, readable by no script, sent by no other site. */
export const sessionCookie = (token: SessionToken, secure: boolean): string =>
  `${secure ? secureName : plainName}=${token}${attributes(secure)}`

export const endedCookie = (secure: boolean): string =>
  `${secure ? secureName : plainName}=; Max-Age=0${attributes(secure)}`

export const newSessionToken = (): SessionToken => randomBytes(32).toString('base64url')

/** What is kept of a session: nothing that could be sent in its place. */
export const sessionDigest = (token: SessionToken): string => digestMinted(token)

/**
 * What requests that change something show beside the cookie. It follows from the session, so that
 * nothing more is kept of it, and says nothing of the cookie.
 */
export const csrfTokenOf = (token: SessionToken, { masterKey }: Services): string =>
  createHmac('sha256', masterKey.derive('console/csrf')).update(token).digest('base64url')
