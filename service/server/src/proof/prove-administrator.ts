import { administrationAudience } from '@mintmark/decisions/administration/built-in-application'
import {
  revocationQuestion,
  type TokenFacts,
  wasIssuedTo,
} from '@mintmark/decisions/afterlife/token-facts'
import type { Catalog, ClientSnapshot } from '@mintmark/registry/snapshot'
import { builtInApplicationId } from '@mintmark/registry/snapshot'
import type { FastifyRequest } from 'fastify'
import { findSession, proveSession } from '../console/prove-session.ts'
import { sessionTokenOf } from '../console/request-site.ts'
import type { Services } from '../services.ts'
import type { Principal } from './principal.ts'
import { isSenderProven } from './prove-sender.ts'

const field = /^(Bearer|DPoP) +([A-Za-z0-9\-._~+/]+=*)$/i

/** A token that is good, and whose; who shows it is not yet known. */
interface GoodToken {
  readonly principal: Principal
  readonly text: string
  readonly scheme: 'bearer' | 'dpop'
  readonly facts: TokenFacts
  readonly catalog: Catalog
}

/**
 * RFC 6750 §2.1, RFC 9449 §7.1: reads the token of a request to the administration API, or the
 * session of the console where there is no token. The rights are read from the registry, so that a
 * role that was taken away ends at once.
 * @returns null when the token is missing, not ours, expired, revoked, not for this API, or bound
 * to a key or a certificate that the request does not prove
 */
export const proveAdministrator = async (
  request: FastifyRequest,
  services: Services,
  nowMs: number,
): Promise<Principal | null> => {
  const { authorization } = request.headers
  if (authorization === undefined) {
    return (await proveSession(request, services, nowMs))?.principal ?? null
  }
  const token = await readToken(authorization, services, nowMs)
  if (token === null) return null
  const isProven = await isSenderProven({ ...token, request }, token.catalog, services, nowMs)
  return isProven ? token.principal : null
}

/** The rights of a caller that was proven before, as they are now: a long answer asks again. */
export const reproveAdministrator = async (
  request: FastifyRequest,
  services: Services,
  nowMs: number,
): Promise<Principal | null> => {
  const { authorization } = request.headers
  if (authorization !== undefined) {
    return (await readToken(authorization, services, nowMs))?.principal ?? null
  }
  const session = await sessionTokenOf(request, services)
  if (session === null) return null
  return (await findSession(session, services, nowMs))?.principal ?? null
}

const readToken = async (
  authorization: string | undefined,
  services: Services,
  nowMs: number,
): Promise<GoodToken | null> => {
  const [, name = '', text] = field.exec(authorization ?? '') ?? []
  if (text === undefined) return null
  const catalog = await services.registry.catalog()
  const facts = services.readToken(text, catalog)
  if (facts === null || facts.expiresAtSeconds * 1000 <= nowMs) return null
  if (facts.profile !== 'identity-domain' || !isForDomain(facts.audience, catalog)) return null
  const client = await services.registry.client(facts.clientId)
  if (client === null || !client.application.active) return null
  if (!wasIssuedTo(facts, client.application)) return null
  if (await services.isRevoked(revocationQuestion(facts, client.application.id))) return null
  const scopes = String(facts.claims['scope'] ?? '').split(' ')
  const principal = principalOf(client, catalog, scopes)
  const scheme = name.toLowerCase() === 'dpop' ? 'dpop' : 'bearer'
  return { principal, text, scheme, facts, catalog }
}

const isForDomain = (audience: readonly string[], catalog: Catalog): boolean =>
  audience.includes(administrationAudience(catalog.domain.id))

/**
 * A token asked for one role carries the scopes of that role only, and so has no other's rights.
 */
const principalOf = (
  client: ClientSnapshot,
  catalog: Catalog,
  scopes: readonly string[],
): Principal => {
  const roles = catalog.byId.get(builtInApplicationId)?.roles ?? []
  const held = roles.filter(
    (role) =>
      client.roleIds.has(role.id) && role.conferredScopes.every((scope) => scopes.includes(scope)),
  )
  const { id, clientId, displayName } = client.application
  return {
    type: 'App',
    applicationId: id,
    clientId,
    displayName,
    roleNames: held.map((role) => role.displayName),
  }
}
