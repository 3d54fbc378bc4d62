import cluster from 'node:cluster'
import type { Services } from '../services.ts'
import type { ListeningDoor } from '../writer/messages.ts'
import { createWorkerGroup } from '../writer/primary.ts'
import { buildServices, openRegistry, openRevocations } from './build-services.ts'
import type { Observability } from './observability.ts'
import { type OpenDoors, openDoors } from './open-doors.ts'
import { type OpenedWriter, openWriter } from './open-writer.ts'
import type { ServerOptions } from './server-options.ts'

/** A server that answers. */
export interface RunningServer {
  readonly doors: readonly ListeningDoor[]
  /** The writer of this process; what `dev` seeds its domain through. */
  readonly writer: OpenedWriter
  readonly services: Services | null
  reload(): void
  /** SIGTERM: nothing new, what is under way finishes, within `timeoutMs`. */
  stop(timeoutMs: number): Promise<void>
}

const upkeepIntervalMs = 30_000

/** The address of the domain, as far as it is known before the doors are open. */
export const createAddress = (options: ServerOptions) => {
  let doors: readonly ListeningDoor[] = []
  const doorUrl = (name: ListeningDoor['name']) => doors.find((door) => door.name === name)?.url
  return {
    opened: (list: readonly ListeningDoor[]) => {
      doors = list
    },
    now: () => ({
      url: options.url ?? doorUrl('plain') ?? `http://localhost:${options.listen.port}`,
      secureUrl: options.secureUrl ?? doorUrl('tls') ?? null,
    }),
  }
}

/** Starts one server: in this process, or as primary of `options.workers` worker processes. */
export const startServer = async (
  options: ServerOptions,
  observability: Observability,
): Promise<RunningServer> => {
  const address = createAddress(options)
  const opened = await openWriter(
    options,
    { address: address.now, issuer: options.issuer },
    {
      ...observability.log,
      auditGap: observability.auditGap,
      expiring: observability.expiring,
    },
  )
  const serve = options.workers > 1 ? serveByWorkers : serveHere
  const serving = await serve(options, opened, observability, address).catch(async (fault) => {
    await opened.close()
    throw fault
  })
  const upkeep = setInterval(() => {
    opened
      .upkeep()
      .catch((error: Error) => observability.log.error({ error: error.message }, 'upkeep failed'))
  }, upkeepIntervalMs)
  upkeep.unref()
  for (const door of serving.doors) observability.log.info({ ...door }, 'listening')
  return {
    ...serving,
    writer: opened,
    stop: async (timeoutMs) => {
      clearInterval(upkeep)
      await serving.close(timeoutMs)
      await opened.close()
    },
  }
}

interface Serving {
  readonly doors: readonly ListeningDoor[]
  readonly services: Services | null
  reload(): void
  close(timeoutMs: number): Promise<void>
}

type Serve = (
  options: ServerOptions,
  opened: OpenedWriter,
  observability: Observability,
  address: ReturnType<typeof createAddress>,
) => Promise<Serving>

/** One process: the doors and the writer side by side. */
const serveHere: Serve = async (options, opened, observability, address) => {
  const { database, domain, writer, masterKey, publisher } = opened
  const metrics = observability.metrics(async () => [observability.snapshot()])
  const registry = openRegistry(database, domain.id, options.clientsMax, metrics)
  // Before anything is read: what the cache loads from now on is at least as new as this.
  registry.invalidate({ clientIds: [], catalog: true, sequence: publisher.sequence() })
  const revocations = openRevocations(database, domain.id, metrics)
  publisher.listen((invalidation) => {
    registry.invalidate(invalidation)
    revocations.note(invalidation.revocations ?? [])
  })
  await revocations.load()
  const services = buildServices({
    options,
    database,
    domainId: domain.id,
    registry,
    revocations,
    writer,
    masterKey,
    address: address.now,
    observe: observability.observe,
    fault: observability.fault,
    metrics,
    notReady: notReady(async () => database.failure(), registry),
  })
  const open: OpenDoors = await openDoors(services, options, observability.log)
  address.opened(open.doors)
  return { ...open, services }
}

/** Several processes: workers answer, this one writes. */
const serveByWorkers: Serve = async (options, opened, observability, address) => {
  const group = createWorkerGroup({
    writer: opened.writer,
    publisher: opened.publisher,
    log: observability.log,
    ownCounters: () => observability.snapshot(),
    failure: () => opened.database.failure(),
  })
  const doors = await group.start(options.workers)
  address.opened(doors)
  return { doors, services: null, reload: group.reload, close: group.stop }
}

/** Ready: the database answers, the catalog can be read, and there is a key of each algorithm. */
export const notReady =
  (
    failureOfStore: () => Promise<string | null>,
    registry: Pick<Services['registry'], 'catalog'>,
  ): Services['notReady'] =>
  async () => {
    const failure = await failureOfStore()
    if (failure !== null) return [`database: ${failure}`]
    try {
      const catalog = await registry.catalog()
      return Object.entries(catalog.activeKey)
        .filter(([, key]) => key === null)
        .map(([algorithm]) => `signing keys: none is active for ${algorithm}`)
    } catch (error) {
      return [`database: ${(error as Error).message}`]
    }
  }

export const isWorkerProcess = (): boolean => cluster.isWorker
