import { normalizeDpopUrl } from '@mintmark/protocol/rfc9449-dpop-proof'
import type { PublicJwk } from '@mintmark/registry/application'
import type { DomainAddress } from '@mintmark/registry/identity-domain'
import type { Catalog } from '@mintmark/registry/snapshot'
import { openAccessReader } from '@mintmark/storage/access-reader'
import { openAuditReader } from '@mintmark/storage/audit-reader'
import { type CachedRegistry, createCachedRegistry } from '@mintmark/storage/cached-registry'
import { loadCatalog } from '@mintmark/storage/catalog-snapshot'
import { loadClientText } from '@mintmark/storage/client-views'
import type { Database } from '@mintmark/storage/database'
import { listExpiring } from '@mintmark/storage/expiring-credentials'
import { readStanding } from '@mintmark/storage/migrations/standing'
import { openRevocationFeed } from '@mintmark/storage/revocation-feed'
import { createRevocationMemory, type RevocationMemory } from '@mintmark/storage/revocation-memory'
import { isRevoked } from '@mintmark/storage/revocations'
import { listSealedSecrets } from '@mintmark/storage/sealed-secrets'
import { readRegistry } from '@mintmark/storage/stored-registry'
import { findLatestRecord } from '@mintmark/storage/tables/audit-pack'
import { findSecretByDigest } from '@mintmark/storage/tables/client-secret'
import { createSharedParts, readClientView } from '@mintmark/storage/tables/client-view'
import { findConsoleAccount } from '@mintmark/storage/tables/console-account'
import {
  findConsoleChallenge,
  findConsoleSession,
  listConsoleSessions,
} from '@mintmark/storage/tables/console-session'
import { listRevocations } from '@mintmark/storage/tables/revocation'
import { listServers } from '@mintmark/storage/tables/server-member'
import { listUnusedApplications } from '@mintmark/storage/unused-applications'
import { builtInRolesOf } from '../administration/standing.ts'
import { createAdmission } from '../admission/admission.ts'
import { createWorkload } from '../admission/workload.ts'
import { createBackups } from '../backup/make-backup.ts'
import { openClientAuthorities } from '../certificates/client-authorities.ts'
import { createCurrentTokens } from '../endpoints/current-tokens.ts'
import { addressMatcher, trustedProxies } from '../http/trusted-proxies.ts'
import { createLiveRequests, type LivePeers } from '../live-requests/live-requests.ts'
import { createDpopNonces } from '../proof/dpop-nonces.ts'
import type { FindSecret } from '../proof/prove-secret.ts'
import { createRevocationFeed } from '../revocation-feed/revocation-feed.ts'
import type { ConsoleRecords, Observation, Services, Writer } from '../services.ts'
import { createKeyRing } from '../signing/key-ring.ts'
import type { MasterKey } from '../signing/master-key.ts'
import { createTokenReader } from '../signing/read-token.ts'
import { rotationPolicy } from '../upkeep/rotation-policy.ts'
import type { ServerOptions } from './server-options.ts'

/** What one serving process adds to the options. */
export interface ServiceParts {
  readonly options: ServerOptions
  readonly database: Database
  readonly domainId: string
  readonly registry: CachedRegistry
  readonly revocations: RevocationMemory
  readonly writer: Writer
  readonly masterKey: MasterKey
  /** Where the doors were opened; asked late, because ports are known late. */
  readonly address: () => { readonly url: string; readonly secureUrl: string | null }
  readonly observe: (observation: Observation) => void
  /** Other processes that answer requests of this server; null: there are none. */
  readonly peers: LivePeers | null
  readonly fault: Services['fault']
  readonly countShed: Services['countShed']
  readonly metrics: Services['metrics']
  readonly outOfTouch: Services['outOfTouch']
  readonly notReady: () => Promise<readonly string[]>
}

const admissionPairsMax = 50_000
const revocationsMax = 50_000
const currentTokensKept = { tokensMax: 16_384, charsMax: 16_000_000 }
const tokensRemembered = { tokensMax: 24_576, charsMax: 24_000_000 }

/** The cache over the store; every look into the store is counted and timed. */
export const openRegistry = (
  database: Database,
  domainId: string,
  clientsMax: number,
  metrics: Services['metrics'],
): CachedRegistry => {
  const shared = createSharedParts(domainId)
  return createCachedRegistry({
    load: async (clientId) => {
      const started = performance.now()
      const text = await loadClientText(database.read, domainId, clientId)
      metrics.storeAsked('client', performance.now() - started)
      return text === null ? null : shared.shorten(text)
    },
    read: (text, clientId) => readClientView(text, clientId, shared),
    loadCatalog: () => timed(metrics, 'catalog', () => loadCatalog(database.read, domainId)),
    clientsMax,
  })
}

/** What has been ended, in memory while it is little; a look into the store is timed. */
export const openRevocations = (
  database: Database,
  domainId: string,
  metrics: Services['metrics'],
): RevocationMemory =>
  createRevocationMemory({
    load: (rowsMax) =>
      timed(metrics, 'revocation', () => listRevocations(database.read, domainId, rowsMax)),
    latest: () => findLatestRecord(database.read, domainId),
    ask: (question) =>
      timed(metrics, 'revocation', () => isRevoked(database.read, domainId, question)),
    now: Date.now,
    revocationsMax,
  })

const timed = async <T>(
  metrics: Services['metrics'],
  operation: string,
  ask: () => Promise<T>,
): Promise<T> => {
  const started = performance.now()
  const answer = await ask()
  metrics.storeAsked(operation, performance.now() - started)
  return answer
}

/** Puts together what the doors of one process need. */
export const buildServices = (parts: ServiceParts): Services => {
  const { options, database, domainId, registry, writer, masterKey } = parts
  const isExempt = addressMatcher(options.exemptSources)
  const keys = createKeyRing(masterKey)
  const address = addressOf(parts)
  const liveRequests = createLiveRequests(parts.peers)
  const findSecret = secretFinder(database, domainId)
  return {
    registry,
    access: openAccessReader(database.lists, domainId, database.dialect),
    audit: openAuditReader(database.lists, domainId),
    listExpiring: (fromMs, untilMs) =>
      listExpiring(database.lists, database.dialect, domainId, { fromMs, untilMs }),
    listUnused: (beforeMs, max) => listUnusedApplications(database.lists, domainId, beforeMs, max),
    findClientId: clientFinder(database, domainId),
    ledger: writer.ledger,
    administer: writer.administer,
    console: consoleRecords(parts),
    changeKeys: writer.changeKeys,
    masterKeySource: options.masterKeyCommand ? 'command' : 'file',
    backUp: createBackups(options, domainId),
    sealedSecrets: () => listSealedSecrets(database.lists, domainId),
    rotationPolicy: rotationPolicy(options),
    domainFiles: options.domainFiles ?? null,
    judgeCall: options.judgeCall ?? null,
    settings: options.settings ?? [],
    tellData: dataTeller(parts),
    admission: createAdmission({
      requestsPerMinute: options.requestsPerMinute,
      isExempt,
      pairsMax: admissionPairsMax,
    }),
    workload: createWorkload(),
    currentTokens: createCurrentTokens(currentTokensKept),
    proxies: trustedProxies(options.trustedProxies),
    masterKey,
    keys,
    readToken: createTokenReader(keys, tokensRemembered),
    findSecret: (digest) => timed(parts.metrics, 'secret', () => findSecret(digest)),
    payLookUp: async (clientId) => registry.client(`?${clientId}`),
    remoteKeys: remoteKeys(options.privateKeySets),
    isRevoked: parts.revocations.isRevoked,
    nowMs: () => parts.revocations.afterMarks(Date.now()),
    revocationFeed: createRevocationFeed({
      reader: openRevocationFeed(database.read, domainId),
      keys,
      catalog: registry.catalog,
      issuer: (catalog) => address(catalog).issuer,
    }),
    clientAuthorities: openClientAuthorities(options.clientAuthorityFiles),
    isExempt,
    address,
    realm: () => options.issuer ?? parts.address().url,
    acceptedAudiences: acceptedAudiences(address),
    tokenEndpoints: tokenEndpoints(address),
    dpopNonces: options.dpopNonces ? createDpopNonces(masterKey) : null,
    liveRequests,
    observe: (observation) => {
      parts.observe(observation)
      liveRequests.note(observation)
    },
    countShed: parts.countShed,
    fault: parts.fault,
    metrics: parts.metrics,
    outOfTouch: parts.outOfTouch,
    notReady: parts.notReady,
  }
}

/** Decision 6: pinned by configuration, else the domain's setting, else the domain URL. */
const addressOf = (parts: ServiceParts) =>
  oncePerCatalog((catalog): DomainAddress => {
    const { url, secureUrl } = parts.address()
    const issuer = parts.options.issuer ?? catalog.settings.issuer ?? url
    return { issuer, url, secureUrl }
  })

/** Made once for as long as a catalog is in use. */
const oncePerCatalog = <Value>(make: (catalog: Catalog) => Value) => {
  const made = new WeakMap<Catalog, { readonly value: Value }>()
  return (catalog: Catalog): Value => {
    const before = made.get(catalog)
    if (before !== undefined) return before.value
    const value = make(catalog)
    made.set(catalog, { value })
    return value
  }
}

/**
 * Decision 15: the names of ours that an Oracle-style assertion may be addressed to. From
 * configuration alone, never from a Host header.
 */
const acceptedAudiences = (address: (catalog: Catalog) => DomainAddress) =>
  oncePerCatalog((catalog): ReadonlySet<string> => {
    const { issuer, url, secureUrl } = address(catalog)
    const names = new Set([issuer])
    for (const base of secureUrl === null ? [url] : [url, secureUrl]) {
      for (const spelling of [base, withDefaultPort(base)]) {
        names.add(spelling).add(`${spelling}/`).add(`${spelling}/oauth2/v1/token`)
      }
    }
    return names
  })

/** RFC 9449 §4.3: `htu` of a proof is the address that the request went to, at either door. */
const tokenEndpoints = (address: (catalog: Catalog) => DomainAddress) =>
  oncePerCatalog((catalog): readonly string[] => {
    const { url, secureUrl } = address(catalog)
    const bases = secureUrl === null ? [url] : [url, secureUrl]
    return bases.flatMap((base) => normalizeDpopUrl(`${base}/oauth2/v1/token`) ?? [])
  })

const withDefaultPort = (base: string): string => {
  const { protocol, port, pathname } = new URL(base)
  if (protocol !== 'https:' || port !== '' || pathname !== '/') return base
  return `${base}:443`
}

const secretFinder =
  (database: Database, domainId: string): FindSecret =>
  async (digest) => {
    const secret = await findSecretByDigest(database.read, domainId, digest)
    if (secret === null) return null
    const owner = await readRegistry(database.read, domainId).findApplication(secret.applicationId)
    return { secret, clientId: owner?.clientId ?? 'a deleted application' }
  }

const consoleRecords = ({ database, domainId, writer }: ServiceParts): ConsoleRecords => {
  const registry = readRegistry(database.lists, domainId)
  return {
    findSession: (digest) => findConsoleSession(database.lists, domainId, digest),
    findUser: async (id) => {
      const user = await registry.findUser(id)
      if (user === null) return null
      return { user, roleNames: await builtInRolesOf(registry, 'User', id) }
    },
    findUserByName: (userName) => registry.findUserByName(userName),
    findAccount: (userId) => findConsoleAccount(database.lists, domainId, userId),
    findChallenge: (wanted) => findConsoleChallenge(database.lists, domainId, wanted),
    listSessions: (nowMs) => listConsoleSessions(database.lists, domainId, nowMs),
    clientIdOf: async (id) => (await registry.findApplication(id))?.clientId ?? null,
    write: writer.console,
  }
}

/** One statement of each kind that is asked for health; what it costs is part of the answer. */
const dataTeller =
  ({ database, domainId, options }: ServiceParts): Services['tellData'] =>
  async () => {
    const started = performance.now()
    const { schema } = await readStanding(database.lists)
    const milliseconds = performance.now() - started
    const kind = options.databaseUrl === null ? 'sqlite' : 'postgresql'
    return { kind, schema, milliseconds, servers: await listServers(database.lists, domainId) }
  }

/** Exact names first: a display name may look like somebody else's id. */
const clientFinder =
  (database: Database, domainId: string) =>
  async (name: string): Promise<string | null> => {
    const registry = readRegistry(database.lists, domainId)
    const page = { startIndex: 1, count: 1 }
    const byId = await registry.findApplication(name)
    if (byId !== null) return byId.clientId
    for (const filter of [{ clientId: name }, { displayName: name }]) {
      const [found] = (await registry.listApplications(filter, page)).items
      if (found !== undefined) return found.clientId
    }
    return null
  }

/** The fetcher is loaded at the first `jwks_uri`: most servers never need it. */
const remoteKeys = (allowPrivateAddresses: boolean) => {
  let sets: ReturnType<typeof loadRemoteKeySets> | null = null
  return async (uri: string, kid: string | null): Promise<readonly PublicJwk[] | null> => {
    sets ??= loadRemoteKeySets(allowPrivateAddresses)
    const found = await (await sets).keysFor(uri, kid)
    return found.ok ? (found.value as readonly PublicJwk[]) : null
  }
}

const loadRemoteKeySets = async (allowPrivateAddresses: boolean) => {
  const { createRemoteKeySets } = await import('../proof/remote-key-set.ts')
  return createRemoteKeySets({ allowPrivateAddresses })
}
