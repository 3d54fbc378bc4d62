import cluster, { type Worker } from 'node:cluster'
import { createEndedWorkers } from '../observability/ended-workers.ts'
import type { MetricsSnapshot } from '../observability/metrics.ts'
import type { Services } from '../services.ts'
import type { ListeningDoor } from '../writer/messages.ts'
import { createWorkerGroup } from '../writer/primary.ts'
import { createAddress } from './address.ts'
import type { Observability } from './observability.ts'
import type { OpenedWriter } from './open-writer.ts'
import type { ServerOptions } from './server-options.ts'
import type { Serve } from './serving.ts'
import { watchDisk } from './watch-disk.ts'

/** A server that answers. */
export interface RunningServer {
  readonly doors: readonly ListeningDoor[]
  /** The writer of this process; what `dev` seeds its domain through. */
  readonly writer: OpenedWriter
  readonly services: Services | null
  reload(): void
  /** Puts new workers in the place of those that are there, one by one, and logs how it went. */
  replaceWorkers(): void
  /** Fulfils with the reason when only a new start helps, and would. */
  mustEnd: Promise<string>
  /** SIGTERM: nothing new, what is under way finishes, within `timeoutMs`. */
  stop(timeoutMs: number): Promise<void>
}

const upkeepIntervalMs = 30_000

/** Starts one server: in this process, or as primary of `options.workers` worker processes. */
export const startServer = async (
  options: ServerOptions,
  observability: Observability,
): Promise<RunningServer> => {
  const address = createAddress(options)
  // They load their program while this process loads its own and opens the data.
  const count = options.workers > 1 ? options.workers : 0
  const forked = Array.from({ length: count }, () => cluster.fork())
  const { openWriter } = await import('./open-writer.ts')
  const opened = await openWriter(
    options,
    { address: address.now, issuer: options.issuer },
    {
      ...observability.log,
      auditGap: observability.auditGap,
      expiring: observability.expiring,
      auditSink: observability.auditSink,
    },
  ).catch((fault) => {
    for (const worker of forked) worker.process.kill('SIGKILL')
    throw fault
  })
  const serve = count > 0 ? serveByWorkers(forked) : await loadServeHere()
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
  const watch = watchDisk(opened.database, options.dataDirectory)
  for (const door of serving.doors) observability.log.info({ ...door }, 'listening')
  return {
    ...serving,
    writer: opened,
    mustEnd: watch.mustEnd,
    stop: async (timeoutMs) => {
      clearInterval(upkeep)
      watch.stop()
      await serving.close(timeoutMs)
      await opened.close()
    },
  }
}

/** A primary needs no doors of its own, and does not load them. */
const loadServeHere = async (): Promise<Serve> => (await import('./serve-here.ts')).serveHere

/** Several processes: workers answer, this one writes. */
const serveByWorkers =
  (forked: Worker[]): Serve =>
  async (options, opened, observability, address) => {
    const ended = createEndedWorkers()
    const group = createWorkerGroup({
      forked,
      writer: opened.writer,
      publisher: opened.publisher,
      log: observability.log,
      ownCounters: () => ended.addTo(observability.snapshot() as MetricsSnapshot),
      onRetired: (counters) => ended.add(counters as MetricsSnapshot),
      failure: () => opened.database.failure(),
    })
    const doors = await group.start(options.workers)
    address.opened(doors)
    const { reload, replaceWorkers, stop: close } = group
    return { doors, services: null, reload, replaceWorkers, close }
  }

export const isWorkerProcess = (): boolean => cluster.isWorker
