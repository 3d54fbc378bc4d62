import { openSqlite } from '@mintmark/storage/sqlite/sqlite-database'
import { listIdentityDomains } from '@mintmark/storage/tables/identity-domain'
import type { LivePeers } from '../live-requests/live-requests.ts'
import type { ToPrimary, ToWorker } from '../writer/messages.ts'
import { createRemoteWriter, type RemoteWriter } from '../writer/remote-writer.ts'
import { createAddress } from './address.ts'
import { buildServices, openRegistry, openRevocations } from './build-services.ts'
import { databaseFile } from './database-file.ts'
import type { Observability } from './observability.ts'
import { type OpenDoors, openDoors } from './open-doors.ts'
import { openMasterKeyOf } from './open-master-key.ts'
import { notReady } from './readiness.ts'
import type { ServerOptions } from './server-options.ts'

const drainTimeoutMs = 9000
/** How long connections may take to end by themselves, and what is then still under way. */
const retireMs = 9000
const lastAnswersMs = 1000

/** Tells the primary, which can tell the operator, and ends this process. */
const giveUp = (error: NodeJS.ErrnoException & { address?: string; port?: number }) => {
  const { message, code, address, port } = error
  const fault = {
    message,
    ...(code !== undefined && { code }),
    ...(address !== undefined && { address }),
    ...(port !== undefined && { port }),
  }
  return new Promise<never>(() => {
    process.send?.({ kind: 'failed', fault } satisfies ToPrimary, () => process.exit(1))
  })
}

/** What the primary says, in its order; what comes before anybody obeys is kept until then. */
const hearPrimary = () => {
  const { promise: opened, resolve } = Promise.withResolvers<number>()
  const early: ToWorker[] = []
  let obey = (message: ToWorker): void => void early.push(message)
  process.on('message', (message: ToWorker) => {
    if (message.kind === 'open') resolve(message.sequence)
    else obey(message)
  })
  return {
    opened,
    obey: (handle: (message: ToWorker) => void): void => {
      obey = handle
      for (const message of early.splice(0)) handle(message)
    },
  }
}

/** Requests that other workers answer, by way of the primary. */
const livePeers = (send: (message: ToPrimary) => void, remote: RemoteWriter): LivePeers => ({
  listening: (isListening) => send({ kind: 'live-listening', isListening }),
  pass: (batch) => send({ kind: 'live', batch }),
  recent: () => remote.call('recall', null) as ReturnType<LivePeers['recent']>,
})

/** A worker process: answers requests from its own cache, writes through the primary. */
export const startWorker = async (
  options: ServerOptions,
  observability: Observability,
): Promise<void> => {
  const send = (message: ToPrimary): void => void process.send?.(message)
  // The terminal signals the whole group, and so may systemd; it is the primary that obeys.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2']) process.on(signal, () => {})
  // Without its primary a worker can record nothing, and would honour what has been ended.
  process.on('disconnect', () => process.exit(0))
  const primary = hearPrimary()
  const sequence = await primary.opened
  const database = openSqlite({ path: databaseFile(options.dataDirectory), readOnly: true })
  const [domain] = await listIdentityDomains(database.read)
  if (domain === undefined) throw new Error('the primary has not made the domain yet')
  const remote = createRemoteWriter(send)
  const metrics = observability.metrics(() => remote.call('metrics', null) as Promise<unknown[]>)
  const registry = openRegistry(database, domain.id, options.clientsMax, metrics)
  const revocations = openRevocations(database, domain.id, metrics)
  const address = createAddress(options)
  const services = buildServices({
    options,
    database,
    domainId: domain.id,
    registry,
    revocations,
    writer: remote.writer,
    masterKey: openMasterKeyOf(options, false),
    address: address.now,
    observe: observability.observe,
    peers: livePeers(send, remote),
    fault: observability.fault,
    countShed: observability.countShed,
    metrics,
    // it hears of every change, or is ended
    outOfTouch: () => null,
    notReady: notReady(() => remote.call('failure', null) as Promise<string | null>, registry),
  })
  let open: OpenDoors | null = null
  const stop = async (): Promise<void> => {
    try {
      await open?.close(drainTimeoutMs)
      await database.close()
    } finally {
      process.exit(0)
    }
  }
  const retire = async (): Promise<void> => {
    try {
      await open?.retire(retireMs)
      await open?.close(lastAnswersMs)
    } finally {
      // the last thing it does: what it says is counted in its stead from then on
      const last: ToPrimary = { kind: 'retired', snapshot: observability.snapshot() }
      process.send?.(last, () => process.exit(0))
    }
  }
  primary.obey((message) => {
    if (message.kind === 'invalidate') {
      registry.invalidate(message.invalidation)
      const { revocations: ended = [], latestMs } = message.invalidation
      revocations.note(ended, latestMs)
      services.revocationFeed.note(message.invalidation)
      send({ kind: 'ack', sequence: message.invalidation.sequence })
    } else if (message.kind === 'count') {
      send({ kind: 'counted', id: message.id, snapshot: observability.snapshot() })
    } else if (message.kind === 'recall') {
      send({ kind: 'counted', id: message.id, snapshot: services.liveRequests.remembered() })
    } else if (message.kind === 'live') services.liveRequests.hear(message.batch)
    else if (message.kind === 'live-wanted') services.liveRequests.passOn(message.isWanted)
    else if (message.kind === 'reload') open?.reload()
    else if (message.kind === 'retire') void retire()
    else if (message.kind === 'stop') void stop()
    else remote.receive(message)
  })
  // Before anything is read: what the cache loads from now on is at least as new as this.
  registry.invalidate({ clientIds: [], catalog: true, sequence })
  await revocations.load()
  open = await openDoors(services, options, observability.log).catch(giveUp)
  address.opened(open.doors)
  send({ kind: 'listening', doors: open.doors })
}
