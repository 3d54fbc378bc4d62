import type { Services } from '../services.ts'
import {
  buildServices,
  openRegistry,
  openRevocations,
  type ServiceParts,
} from './build-services.ts'
import type { Observability } from './observability.ts'
import { openDoors } from './open-doors.ts'
import type { OpenedWriter } from './open-writer.ts'
import { notReady } from './readiness.ts'
import type { ServerOptions } from './server-options.ts'
import type { Serve } from './serving.ts'

type Observed = Pick<
  Observability,
  'log' | 'observe' | 'fault' | 'countShed' | 'metrics' | 'snapshot'
>

/** What the doors of the process that writes need; it hears of changes from now on. */
export const openServices = async (
  options: ServerOptions,
  opened: OpenedWriter,
  observability: Observed,
  address: ServiceParts['address'],
): Promise<Services> => {
  const { database, domain, writer, masterKey, publisher, outOfTouch, askStore } = opened
  const metrics = observability.metrics(async () => [observability.snapshot()])
  const registry = openRegistry(database, domain.id, options.clientsMax, metrics)
  // Before anything is read: what the cache loads from now on is at least as new as this.
  registry.invalidate({ clientIds: [], catalog: true, sequence: publisher.sequence() })
  const revocations = openRevocations(database, domain.id, metrics)
  publisher.listen((invalidation) => {
    registry.invalidate(invalidation)
    revocations.note(invalidation.revocations ?? [], invalidation.latestMs)
    if (invalidation.everything !== true) return
    revocations.distrust().catch((error: Error) => {
      // until it is loaded, each token is asked about
      observability.log.warn({ error: error.message }, 'revocations were not read again')
    })
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
    address,
    observe: observability.observe,
    peers: null,
    fault: observability.fault,
    countShed: observability.countShed,
    metrics,
    outOfTouch,
    notReady: notReady(async () => database.failure() ?? outOfTouch() ?? askStore(), registry),
  })
  publisher.listen((invalidation) => services.revocationFeed.note(invalidation))
  return services
}

/** One process: the doors and the writer side by side. */
export const serveHere: Serve = async (options, opened, observability, address) => {
  const services = await openServices(options, opened, observability, address.now)
  const open = await openDoors(services, options, observability.log)
  address.opened(open.doors)
  const replaceWorkers = (): void =>
    observability.log.warn({}, 'no worker is replaced: this one process answers and writes')
  return { ...open, services, replaceWorkers }
}
