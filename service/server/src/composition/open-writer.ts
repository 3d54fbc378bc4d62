import type { ExpiringCounts } from '@mintmark/decisions/upkeep/decide-expiry-notices'
import type { IdentityDomain } from '@mintmark/registry/identity-domain'
import { clientsEnded } from '@mintmark/registry/revocation'
import { countApplications } from '@mintmark/storage/application-counts'
import { openAuditReader } from '@mintmark/storage/audit-reader'
import { sweepAudit } from '@mintmark/storage/audit-sweep'
import { fillClientViews } from '@mintmark/storage/client-views'
import { type Database, type SharedDatabase, StorageFailed } from '@mintmark/storage/database'
import { type MigrationTelling, migrate, migrations } from '@mintmark/storage/migrations/migrate'
import { sweepPartitionedAudit } from '@mintmark/storage/postgres/audit-partitions'
import {
  createLedger,
  type LedgerSharing,
  type StoredLedger,
} from '@mintmark/storage/stored-ledger'
import { readRegistry } from '@mintmark/storage/stored-registry'
import { sweepChanges } from '@mintmark/storage/tables/change-entry'
import { beginFeed } from '@mintmark/storage/tables/revocation-entry'
import { type AdministrationParts, administrationContext } from '../administration/context.ts'
import type { SinkStanding } from '../audit-shipping/audit-sink.ts'
import type { Shipping } from '../audit-shipping/ship-audit.ts'
import type { ChangeHearer, ClusterMember } from '../cluster/cluster-member.ts'
import type { Writer } from '../services.ts'
import type { MasterKey } from '../signing/master-key.ts'
import { newEcid, newId } from '../signing/random-ids.ts'
import { changeKeys, type KeyCommand } from '../upkeep/change-keys.ts'
import { keepCheckpoint } from '../upkeep/keep-checkpoints.ts'
import { onceAnHour } from '../upkeep/once-an-hour.ts'
import { rotateKeys } from '../upkeep/rotate-keys.ts'
import { rotationPolicy } from '../upkeep/rotation-policy.ts'
import { tellExpiring } from '../upkeep/tell-expiring.ts'
import {
  type ChangePublisher,
  createChangePublisher,
  type SharedChanges,
} from '../writer/change-publisher.ts'
import type { ChangeRegistry } from '../writer/change-registry.ts'
import { createLocalWriter } from '../writer/local-writer.ts'
import { bootstrapAdministrator } from './bootstrap-administrator.ts'
import type { ServerLog } from './observability.ts'
import { type OpenedDatabase, openDatabase } from './open-database.ts'
import { openDomain } from './open-domain.ts'
import { openCheckedMasterKey } from './open-master-key.ts'
import { storeAsker } from './readiness.ts'
import type { ServerOptions } from './server-options.ts'

/** The part of a server that writes; there is one for a data directory, or any number. */
export interface OpenedWriter {
  readonly database: Database
  readonly domain: IdentityDomain
  readonly isNewDomain: boolean
  readonly masterKey: MasterKey
  readonly publisher: ChangePublisher
  readonly writer: Writer & { readonly change: ChangeRegistry }
  /** Why nothing in memory may be acted on; null: it may. */
  readonly outOfTouch: () => string | null
  /** Asks the database now whether it answers, in less than half a second. @returns why not */
  readonly askStore: () => Promise<string | null>
  /** Keys that are due are made or retired, rows that are past their time removed. */
  upkeep(): Promise<void>
  close(): Promise<void>
}

/** What the writer tells the operator. */
export interface WriterLog extends ServerLog {
  /** So many events could not be stored. */
  auditGap(events: number): void
  /** How many credentials end soon. */
  expiring(counts: ExpiringCounts): void
  /** How a place besides the database that keeps the audit stands. */
  auditSink(standing: SinkStanding): void
}

/**
 * Steps of removing old events in one hour, what is left waits for the next: more than are written
 * in an hour by 500 group commits a second.
 */
const auditSweepStepsMax = 10_000
const ledgerQueueMax = 20_000
/** Failures within five minutes lock for half a minute, then twice as long each time. */
const lock = { windowSeconds: 300, lockSeconds: 30, lockSecondsMax: 3600 }
/** Tokens that are none of ours, tried by one caller from one source. */
const wrongTokensMax = 200

/**
 * Opens the data directory as its only owner, brings the schema up to date, makes what is missing.
 */
export const openWriter = async (
  options: ServerOptions,
  administration: AdministrationParts,
  log: WriterLog,
): Promise<OpenedWriter> => {
  const opened = await openDatabase(options, (text) => log.warn({}, text))
  try {
    return await openWriterOn(opened, options, administration, log)
  } catch (fault) {
    await opened.close()
    throw fault
  }
}

/** The same on a database that is open already; the caller closes it when this fails. */
export const openWriterOn = async (
  opened: OpenedDatabase,
  options: ServerOptions,
  administration: AdministrationParts,
  log: WriterLog,
): Promise<OpenedWriter> => {
  const { database, shared, warning } = opened
  if (warning) log.warn({}, warning)
  await migrate(database, migrations, tellingOf(log))
  const { domain, isNew } = await openDomain(database, Date.now())
  const masterKey = await openCheckedMasterKey(database, domain, options)
  await database.transaction((statements) => beginFeed(statements, domain.id))
  const member = shared === null ? null : await loadMember(shared, domain, log)
  const publisher = createChangePublisher(member?.shared ?? null)
  const ledger = await openLedger(options, { database, domain, publisher }, log)
  const local = createLocalWriter({
    database,
    domainId: domain.id,
    ledger,
    publisher,
    context: administrationContext(administration, domain, masterKey),
    onBulkFault: ({ ecid, error }) =>
      log.error({ ecid, error: error.message }, 'a Bulk was stored in part'),
  })
  const rotation = {
    change: local.change,
    keys: () => readRegistry(database.read, domain.id).signingKeys(),
    masterKey,
    domainId: domain.id,
    policy: rotationPolicy(options),
  }
  const writer = { ...local, changeKeys: (command: KeyCommand) => changeKeys(command, rotation) }
  const audit = openAuditReader(database.lists, domain.id)
  const checkpoint = (nowMs: number) => keepCheckpoint({ ...rotation, audit }, nowMs)
  const isMine = () => member === null || member.isEldest()
  const hourly = hourlyUpkeep(options, { database, shared, domain, ledger, checkpoint }, log)
  const keep = async () => {
    await rotateKeys(rotation, Date.now)
    await ledger.sweep(Date.now())
    if (member?.isEldest()) await sweepHeard(database, domain)
  }
  const derived = fillingRows(database, domain, log)
  const upkeep = async () => {
    // Nobody waits for it: a webhook that is slow must not keep keys from being rotated.
    if (isMine()) {
      hourly().catch((error: Error) => log.warn({ error: error.message }, 'hourly upkeep failed'))
    }
    await keep()
    if (isMine()) derived.begin()
    await member?.seekOthers()
  }
  await member?.join(hearerOf(ledger, publisher))
  await tryAgain(keep)
  await bootstrap(options, isNew, writer.change, domain, log)
  const shipping = await openShipping(options, { database, domain, isMine }, log)
  return {
    database,
    domain,
    isNewDomain: isNew,
    masterKey,
    publisher,
    writer,
    upkeep,
    outOfTouch: () => member?.outOfTouch() ?? null,
    askStore: shared === null ? async () => null : storeAsker(shared.alone),
    close: async () => {
      await shipping?.close()
      await derived.close()
      await ledger.close()
      await member?.leave()
      await opened.close()
    },
  }
}

/** A step on a large database takes long, and nobody is answered here; on a new one, no time. */
const tellingOf = ({ info }: WriterLog): MigrationTelling => {
  let isNew = false
  return {
    begin: (number, last) => {
      isNew ||= number === 1
      if (!isNew) info({}, `schema step ${number} of ${last} begins; this server waits for it`)
    },
    goes: (words) => info({}, words),
  }
}

const startTriesMax = 3

/**
 * A start on a busy machine may stand still for so long that PostgreSQL gives its transaction up.
 * Only for what is decided from what is stored, each time.
 */
const tryAgain = async (act: () => Promise<void>): Promise<void> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof StorageFailed) || tries === startTriesMax) throw error
    }
  }
}

/** Nothing of it is loaded where the audit is kept in the database only. */
const openShipping = async (
  { auditSinks }: ServerOptions,
  parts: Pick<OpenedWriter, 'database' | 'domain'> & { readonly isMine: () => boolean },
  { auditSink, warn, info }: WriterLog,
): Promise<Shipping | null> => {
  if (auditSinks === undefined || Object.values(auditSinks).every((each) => each === null)) {
    return null
  }
  const { openSinks } = await import('../audit-shipping/open-sinks.ts')
  const { shipAudit } = await import('../audit-shipping/ship-audit.ts')
  const { database, domain, isMine } = parts
  const sinks = openSinks(auditSinks)
  return shipAudit({ database, domainId: domain.id, sinks, isMine, stands: auditSink, warn, info })
}

/** Nobody waits for it but who closes: it may take minutes after an upgrade. */
const fillingRows = (database: Database, { id }: IdentityDomain, log: WriterLog) => {
  let isClosed = false
  let filling: Promise<void> | null = null
  return {
    begin: (): void => {
      filling ??= fillClientViews(database, id, () => isClosed)
        .then(() => countApplications(database, id, () => isClosed))
        .catch((error: Error) => log.warn({ error: error.message }, 'derived rows are missing'))
        .finally(() => {
          filling = null
        })
    },
    close: async (): Promise<void> => {
      isClosed = true
      await filling
    },
  }
}

const loadMember = async (
  database: SharedDatabase,
  { id: domainId }: IdentityDomain,
  { warn, info }: WriterLog,
): Promise<ClusterMember> => {
  if (!database.hearsWakes()) {
    info({}, 'PostgreSQL is behind a pooler: changes of other servers are asked for, 25 a second')
  }
  const { createClusterMember } = await import('../cluster/cluster-member.ts')
  return createClusterMember({ database, domainId, serverId: newId(), warn })
}

/** What other servers have changed is known to the ledger before any cache says that it is new. */
const hearerOf = (ledger: StoredLedger, publisher: ChangePublisher): ChangeHearer => ({
  hear: ({ number, clientIds, catalog, revocations, attempts, latestMs = 0 }) => {
    if (catalog) ledger.markChanged('catalog', number)
    if (clientIds.length > 0) ledger.markChanged(clientIds, number)
    ledger.absorbAttempts(attempts)
    publisher.hear({ clientIds, catalog, revocations, latestMs, sequence: number })
  },
  hearEverything: (sequence) => {
    ledger.markChanged('catalog', sequence)
    publisher.hear({ clientIds: [], catalog: true, everything: true, sequence })
  },
})

/** Changes kept for servers that were away; who was away for longer forgets everything. */
const changesKept = 10_000
const changesSweptMax = 1000

const sweepHeard = (database: Database, { id }: IdentityDomain): Promise<number> =>
  database.transaction((statements) => sweepChanges(statements, id, changesKept, changesSweptMax))

/** What is looked at once an hour: events past their time, credentials near their end. */
const hourlyUpkeep = (
  options: ServerOptions,
  parts: Pick<OpenedWriter, 'database' | 'domain'> & HourlyParts,
  log: WriterLog,
) =>
  onceAnHour(async (nowMs) => {
    const { database, shared, domain, ledger } = parts
    const domainId = domain.id
    await parts.checkpoint(nowMs)
    const beforeMs = nowMs - options.auditRetentionMs
    const stepsMax = auditSweepStepsMax
    const sweep = { domainId, beforeMs, nowMs, newEcid, stepsMax }
    if (shared === null) await sweepAudit({ database, ...sweep })
    else await sweepPartitionedAudit({ database: shared, ...sweep })
    await tellExpiring({
      database,
      domainId,
      ledger,
      webhookUrl: options.expiryWebhookUrl,
      counted: log.expiring,
      warn: log.warn,
      nowMs,
    })
  })

interface HourlyParts {
  readonly shared: SharedDatabase | null
  readonly ledger: StoredLedger
  readonly checkpoint: (nowMs: number) => Promise<boolean>
}

const sharingBy = (shared: SharedChanges): LedgerSharing => ({
  tell: (statements, news) => {
    const clientIds = clientsEnded(news.revocations)
    return shared.enlist(statements, { clientIds, catalog: false, ...news })
  },
  told: shared.committed,
})

const openLedger = async (
  options: ServerOptions,
  { database, domain, publisher }: Pick<OpenedWriter, 'database' | 'domain' | 'publisher'>,
  log: WriterLog,
): Promise<StoredLedger> => {
  const ledger = await createLedger({
    database,
    domainId: domain.id,
    now: Date.now,
    mode: options.audit,
    queueMax: ledgerQueueMax,
    limits: {
      secret: { ...lock, failuresMax: options.failuresMax },
      token: { ...lock, failuresMax: wrongTokensMax },
    },
    onGap: log.auditGap,
    ...(publisher.shared !== null && { sharing: sharingBy(publisher.shared) }),
    onRevoked: (revocations, number) => {
      const sequence = number ?? publisher.next()
      const clientIds = clientsEnded(revocations)
      ledger.markChanged(clientIds, sequence)
      return publisher.publish({ clientIds, catalog: false, sequence, revocations })
    },
    onFailure: (error) => log.error({ err: error }, 'the record could not be written'),
  })
  return ledger
}

const bootstrap = async (
  options: ServerOptions,
  isNew: boolean,
  change: Parameters<typeof bootstrapAdministrator>[0],
  domain: IdentityDomain,
  log: WriterLog,
): Promise<void> => {
  if (options.bootstrap === null) return
  const { clientId } = options.bootstrap
  if (!isNew) {
    log.info({ clientId }, 'MINTMARK_BOOTSTRAP_CLIENT_ID is ignored: the domain already exists')
    return
  }
  await bootstrapAdministrator(change, domain.id, options.bootstrap)
  log.info({ clientId }, 'bootstrap application created; it holds Identity Domain Administrator')
}
