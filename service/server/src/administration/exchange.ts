import type { Change, ChangeStep, Stamp } from '@mintmark/decisions/administration/change'
import { decideFreshProof } from '@mintmark/decisions/administration/decide-fresh-proof'
import {
  addResourceServer,
  type GrowingResourceServerIndex,
  indexResourceServers,
  type ResourceServerIndex,
} from '@mintmark/decisions/administration/resource-server-index'
import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { RequestedProjection } from '@mintmark/protocol/rfc7644-search-request'
import type { Application } from '@mintmark/registry/application'
import type { ApplicationFilter, RegistryTransaction } from '@mintmark/registry/registry'
import type {
  AdministrationAnswer,
  AdministrationCommand,
  AdministrationContext,
} from './command.ts'

const pageCount = 1000

/** Resource servers that were read: what the index says is true, but it may not say all. */
interface KnownResourceServers {
  readonly index: GrowingResourceServerIndex
  readonly areAll: boolean
}

/** What several operations of one transaction share: read once, forgotten when it changes. */
export interface TransactionMemory {
  resourceServers: KnownResourceServers | null
}

/** Keeps what is remembered true: thousands of clients may be made among thousands of servers. */
const remember = (memory: TransactionMemory, step: ChangeStep): void => {
  if (memory.resourceServers === null) return
  const { index } = memory.resourceServers
  if (step.step === 'delete-application') {
    if (index.byId.has(step.id)) memory.resourceServers = null
  } else if (step.step === 'put-application') {
    if (index.byId.has(step.application.id)) memory.resourceServers = null
    else addResourceServer(index, step.application)
  }
}

/** One operation under way: a command of its own, or one of a Bulk. */
export interface Exchange {
  readonly command: AdministrationCommand
  readonly context: AdministrationContext
  readonly memory: TransactionMemory
  /** Part of the path behind the endpoint; null: the endpoint itself. */
  readonly id: string | null
  /** What of a resource the answer shall have. */
  readonly projection: RequestedProjection
  /** Where `chosenDigests` keeps the digest of this operation. */
  readonly digestKey: string
  readonly domain: string
}

/** The request as a whole, before its path is read. */
export type Received = Omit<Exchange, 'id' | 'projection'>

export type Outcome = Result<AdministrationAnswer, AdministrationRefusal>
export type Handler = (exchange: Exchange) => Promise<Outcome>

export const stampOf = ({ context, command, domain }: Exchange): Stamp => ({
  domain,
  id: context.newId(),
  nowMs: command.nowMs,
  administrator: command.principal,
})

/** Every application that matches, page by page. */
export const listAll = async (
  transaction: Pick<RegistryTransaction, 'listApplications'>,
  filter: ApplicationFilter,
): Promise<readonly Application[]> => {
  const all: Application[] = []
  for (;;) {
    const page = { startIndex: all.length + 1, count: pageCount }
    const { total, items } = await transaction.listApplications(filter, page)
    all.push(...items)
    if (items.length === 0 || all.length >= total) return all
  }
}

/** The resource servers as this transaction sees them now. */
export const resourceServersOf = async (exchange: Exchange): Promise<ResourceServerIndex> => {
  const { memory, context } = exchange
  if (memory.resourceServers?.areAll) return memory.resourceServers.index
  const applications = await listAll(context.transaction, { isResourceServer: true })
  const index = indexResourceServers(applications)
  memory.resourceServers = { index, areAll: true }
  return index
}

/**
 * An index that has whoever defines these scopes, or has one of these ids; what is not in it, no
 * resource server has. There may be thousands of others, which are not read for it.
 */
export const findResourceServers = async (
  exchange: Exchange,
  scopes: readonly string[],
  ids: readonly string[] = [],
): Promise<ResourceServerIndex> => {
  const { memory, context } = exchange
  memory.resourceServers ??= { index: indexResourceServers([]), areAll: false }
  const { index, areAll } = memory.resourceServers
  if (areAll) return index
  const unknown = [...new Set(scopes)].filter((fqs) => !index.byFullyQualifiedScope.has(fqs))
  const found = unknown.length === 0 ? [] : await context.transaction.scopeDefiners(unknown)
  for (const application of found) addResourceServer(index, application)
  for (const id of ids) {
    const application = index.byId.has(id) ? null : await context.transaction.findApplication(id)
    if (application !== null) addResourceServer(index, application)
  }
  return index
}

type NounStep = Extract<
  ChangeStep,
  { readonly step: `${string}-${'user' | 'group' | 'members' | 'claim' | 'partner-certificate'}` }
>

/** People, groups, claims and trusted authorities. */
const runNounStep = async (transaction: RegistryTransaction, step: NounStep): Promise<void> => {
  switch (step.step) {
    case 'put-user':
      return transaction.putUser(step.user)
    case 'delete-user':
      return transaction.deleteUser(step.id)
    case 'put-group':
      return transaction.putGroup(step.group)
    case 'delete-group':
      return transaction.deleteGroup(step.id)
    case 'put-members':
      return transaction.putMembers(step.groupId, step.members)
    case 'put-custom-claim':
      return transaction.putCustomClaim(step.claim)
    case 'delete-custom-claim':
      return transaction.deleteCustomClaim(step.id)
    case 'put-partner-certificate':
      return transaction.putPartnerCertificate(step.certificate)
    case 'delete-partner-certificate':
      return transaction.deletePartnerCertificate(step.id)
  }
}

const runStep = async (transaction: RegistryTransaction, step: ChangeStep): Promise<void> => {
  switch (step.step) {
    case 'put-application':
      return transaction.putApplication(step.application)
    case 'delete-application':
      return transaction.deleteApplication(step.id)
    case 'put-role':
      return transaction.putRole(step.role)
    case 'delete-role':
      return transaction.deleteRole(step.id)
    case 'put-grant':
      return transaction.putGrant(step.grant)
    case 'delete-grant':
      return transaction.deleteGrant(step.grant.id)
    case 'put-secret':
      return transaction.putSecret(step.secret)
    case 'delete-secret':
      return transaction.deleteSecret(step.applicationId, step.id)
    case 'put-certificate':
      return transaction.putCertificate(step.certificate)
    case 'delete-certificate':
      return transaction.deleteCertificate(step.id)
    case 'attach-certificates':
      return transaction.attachCertificates(step.applicationId, step.certificateIds)
    case 'put-settings':
      return transaction.putSettings(step.settings)
    case 'put-revocation':
      return transaction.putRevocation(step.revocation)
    default:
      return runNounStep(transaction, step)
  }
}

const auditBytesMax = 16_384

/** Too much for one audit event: then the names of what changed must do. */
const bounded = (detail: Readonly<Record<string, unknown>>, change: Change) =>
  JSON.stringify(detail).length <= auditBytesMax
    ? detail
    : { changed: Object.keys(change.after ?? change.before ?? {}) }

/**
 * Does what was decided, and puts it on record in the same transaction; nothing of it when a
 * session would first have to prove itself.
 */
export const carryOut = async (
  exchange: Exchange,
  change: Change,
): Promise<Result<null, AdministrationRefusal>> => {
  if (change.steps.length === 0) return ok(null)
  const { command, context, memory } = exchange
  const proof = decideFreshProof(command.principal, change, command.nowMs)
  if (!proof.ok) return proof
  for (const step of change.steps) {
    await runStep(context.transaction, step)
    remember(memory, step)
  }
  const { before, after, action, object } = change
  await context.transaction.audit({
    at: command.nowMs,
    ecid: command.ecid,
    action,
    result: 'ok',
    actor: command.principal.clientId,
    ...(command.source === undefined ? {} : { source: command.source }),
    object,
    detail: bounded({ before, after }, change),
  })
  return ok(null)
}

export const notFound = (resourceType: string, id: string): Result<never, AdministrationRefusal> =>
  refuseChange('RESOURCE_NOT_FOUND', `No ${resourceType} has the id "${id.slice(0, 100)}".`)

/**
 * RFC 7644 §3.14: a change may name the version it is based on.
 * @param version entity tag of the resource as it is
 */
export const checkVersion = (
  exchange: Exchange,
  version: string,
): Result<null, AdministrationRefusal> => {
  const header = exchange.command.headers['if-match']
  if (header === undefined) return ok(null)
  const tags = header.split(',').map((each) => each.trim().replace(/^(?:W\/)?"?|"$/g, ''))
  if (tags.includes('*') || tags.includes(version)) return ok(null)
  return refuseChange('VERSION_STALE', "The resource has changed: the version doesn't match.", {
    fix: 'Read it again, and repeat the change on what it is now.',
  })
}
