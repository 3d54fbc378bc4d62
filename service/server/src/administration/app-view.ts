import {
  type ApplicationView,
  type ApplicationWish,
  type AtStake,
  type ScopeUser,
  useOf,
  whatIsAtStake,
} from '@mintmark/decisions/administration/application-wish'
import type { ResourceServerIndex } from '@mintmark/decisions/administration/resource-server-index'
import { consumerAllToken } from '@mintmark/protocol/identity-domain-scope'
import type { Application, ResourceServerFacet } from '@mintmark/registry/application'
import type { ClientCertificate } from '@mintmark/registry/client-credential'
import type { ApplicationFilter } from '@mintmark/registry/registry'
import { foldText } from '@mintmark/registry/search-definition'
import { type Exchange, findResourceServers, listAll, resourceServersOf } from './exchange.ts'
import { successionOf } from './standing.ts'

const one = { startIndex: 1, count: 1 }
const rolesOfOneMax = 1000

const findOther = async (
  exchange: Exchange,
  filter: ApplicationFilter,
  ownId: string | null,
): Promise<Application | null> => {
  const { items } = await exchange.context.transaction.listApplications(filter, one)
  const [found] = items
  return found === undefined || found.id === ownId ? null : found
}

/** Client ids are compared with their case by those who use them; two that differ in it mislead. */
const findSameClientId = async (
  { context }: Exchange,
  clientId: string,
  ownId: string | null,
): Promise<Application | null> => {
  const value = foldText(clientId)
  const where = { kind: 'compare', field: 'name', operator: 'eq', value } as const
  const page = { sort: null, startIndex: 1, count: 2 }
  const { items } = await context.transaction.search('application', { where, ...page })
  return items.find(({ id }) => id !== ownId) ?? null
}

/** Certificates by the aliases that were wished for; an alias is compared as it is written. */
const certificatesByAlias = async (
  exchange: Exchange,
  aliases: readonly string[],
): Promise<ReadonlyMap<string, ClientCertificate>> => {
  const found = new Map<string, ClientCertificate>()
  for (const alias of new Set(aliases)) {
    const { items } = await exchange.context.transaction.listCertificates({ alias }, one)
    if (items[0] !== undefined) found.set(alias, items[0])
  }
  return found
}

const usersOf = async (
  exchange: Exchange,
  owner: Application,
  stake: AtStake | null,
): Promise<readonly ScopeUser[]> => {
  if (stake === null) return []
  const { transaction } = exchange.context
  const clients = await listAll(transaction, { isClient: true })
  const claims = (await transaction.customClaims()).flatMap(({ name, scopes }) => {
    const uses = scopes.find((fqs) => stake.scopes.includes(fqs))
    return uses === undefined ? [] : [{ displayName: `the custom claim ${name}`, uses }]
  })
  return [...clients.flatMap((client) => useOf(client, stake, owner.id) ?? []), ...claims]
}

/** Who would lose something if this application stopped being what it is for others. */
export const readScopeUsers = (
  exchange: Exchange,
  present: Application,
  wished: ResourceServerFacet | null,
): Promise<readonly ScopeUser[]> => usersOf(exchange, present, whatIsAtStake(present, wished))

/** Audiences that tokens of the domain itself carry, and addresses that assertions are sent to. */
const reservedAudiences = async (exchange: Exchange): Promise<readonly string[]> => {
  const { context } = exchange
  const { url, secureUrl } = context.address()
  const { issuer } = await context.transaction.settings()
  const token = `${url}/oauth2/v1/token`
  const names = [url, token, secureUrl, context.pinnedIssuer, issuer]
  return names.filter((each) => each !== null)
}

/**
 * The resource servers that a wish may be about. An API must not clash with any other, and a scope
 * that nobody has is answered with one like it: for these all are read. What the client had counts
 * too, since tokens end with what is taken away.
 */
const serversFor = async (
  exchange: Exchange,
  wish: ApplicationWish,
  present: Application | null,
): Promise<ResourceServerIndex> => {
  if (wish.resourceServer !== null) return resourceServersOf(exchange)
  const scopes = wish.client?.policy.allowedScopes ?? []
  const before = present?.client?.policy.allowedScopes ?? []
  const defaultId = wish.client?.defaultResourceServerId ?? null
  const found = await findResourceServers(
    exchange,
    [...scopes, ...before],
    defaultId === null ? [] : [defaultId],
  )
  return scopes.every((fqs) => fqs === consumerAllToken || found.byFullyQualifiedScope.has(fqs))
    ? found
    : resourceServersOf(exchange)
}

/** What does not exist yet holds nothing and administers nothing. */
const unborn = { heldBuiltInRoles: [], otherDomainAdministrators: 0 }

/**
 * Reads all that a change of an application may look at.
 * @param present null: it does not exist yet
 */
export const readApplicationView = async (
  exchange: Exchange,
  wish: ApplicationWish,
  present: Application | null,
): Promise<ApplicationView> => {
  const { transaction, keyFault } = exchange.context
  const ownId = present?.id ?? null
  const { displayName, clientId } = wish
  const roles = present && { applicationId: present.id }
  const ownRoles = roles && (await transaction.listRoles(roles, { ...one, count: rolesOfOneMax }))
  const attached = present === null ? [] : await transaction.certificatesOf(present.id)
  return {
    sameDisplayName: await findOther(exchange, { displayName }, ownId),
    sameClientId:
      clientId === null || clientId === present?.clientId
        ? null
        : await findSameClientId(exchange, clientId, ownId),
    resourceServers: await serversFor(exchange, wish, present),
    reservedAudiences: wish.resourceServer === null ? [] : await reservedAudiences(exchange),
    certificatesByAlias: await certificatesByAlias(exchange, wish.certificateAliases),
    attachedCertificates: attached,
    ownRoles: ownRoles?.items ?? [],
    ...(present === null ? unborn : await successionOf(transaction, present.id)),
    scopeUsers:
      present === null ? [] : await readScopeUsers(exchange, present, wish.resourceServer),
    keyFault,
  }
}
