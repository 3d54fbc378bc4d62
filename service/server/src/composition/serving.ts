import type { Services } from '../services.ts'
import type { ListeningDoor } from '../writer/messages.ts'
import type { createAddress } from './address.ts'
import type { Observability } from './observability.ts'
import type { OpenedWriter } from './open-writer.ts'
import type { ServerOptions } from './server-options.ts'

/** What answers requests, in this process or by others. */
export interface Serving {
  readonly doors: readonly ListeningDoor[]
  readonly services: Services | null
  reload(): void
  /** Puts new workers in the place of those that are there, one by one. */
  replaceWorkers(): void
  close(timeoutMs: number): Promise<void>
}

export type Serve = (
  options: ServerOptions,
  opened: OpenedWriter,
  observability: Observability,
  address: ReturnType<typeof createAddress>,
) => Promise<Serving>
