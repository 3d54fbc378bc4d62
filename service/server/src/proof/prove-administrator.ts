import { administrationAudience } from '@mintmark/decisions/administration/built-in-application'
import { wasIssuedTo } from '@mintmark/decisions/afterlife/token-facts'
import type { Catalog, ClientSnapshot } from '@mintmark/registry/snapshot'
import { builtInApplicationId } from '@mintmark/registry/snapshot'
import type { Services } from '../services.ts'

/** Who calls the administration API, as proven by an access token of the domain itself. */
export interface Principal {
  readonly applicationId: string
  readonly clientId: string
  readonly displayName: string
  /** Roles of the built-in application that it holds now and that the token carries. */
  readonly roleNames: readonly string[]
}

const bearer = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i

/**
 * RFC 6750 §2.1: reads the bearer token of a request to the administration API. Its rights are read
 * from the registry, not from the token, so that a role that was taken away ends at once.
 * @returns null when the token is missing, not ours, expired, revoked, or not for this API
 */
export const proveAdministrator = async (
  authorization: string | undefined,
  services: Services,
  nowMs: number,
): Promise<Principal | null> => {
  const text = bearer.exec(authorization ?? '')?.[1]
  if (text === undefined) return null
  const catalog = await services.registry.catalog()
  const token = services.readToken(text, catalog)
  if (token === null || token.expiresAtSeconds * 1000 <= nowMs) return null
  if (token.profile !== 'identity-domain' || !isForDomain(token.audience, catalog)) return null
  const client = await services.registry.client(token.clientId)
  if (client === null || !client.application.active) return null
  if (!wasIssuedTo(token, client.application)) return null
  const { jti, issuedAtMs } = token
  const applicationId = client.application.id
  if (await services.isRevoked({ jti, issuedAtMs, applicationId })) return null
  return principalOf(client, catalog, String(token.claims['scope'] ?? '').split(' '))
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
    applicationId: id,
    clientId,
    displayName,
    roleNames: held.map((role) => role.displayName),
  }
}
