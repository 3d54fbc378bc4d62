import type { Catalog, ClientSnapshot, Snapshot } from '@mintmark/registry/snapshot'
import { LRUCache } from 'lru-cache'
import type { LoadedClient } from './client-snapshot.ts'

export interface CachedRegistryOptions {
  readonly load: (clientId: string) => Promise<LoadedClient | null>
  readonly loadCatalog: () => Promise<Catalog>
  /** Clients of usual size kept; the least recently used goes first. */
  readonly clientsMax: number
  /** How many of usual size one takes the room of; 1 if nothing is said. */
  readonly weigh?: (client: LoadedClient) => number
  /** Client ids kept that nobody has; apart from the clients, so that strangers evict none. */
  readonly unknownMax?: number
  /** Milliseconds an unknown client id is kept. */
  readonly unknownForMs?: number
}

/** What a committed change has made untrue. */
export interface Invalidation {
  readonly clientIds: Iterable<string>
  readonly catalog: boolean
  /** Nobody knows any more what has changed: everything may have. */
  readonly everything?: true
  /** Place of the change in the order of all changes; grows by at least one with each. */
  readonly sequence: number
}

/**
 * The registry as decisions see it: warm answers come at once, without a promise.
 *
 * A snapshot's `sequence` says up to which change it is known to be true. Who asks for client and
 * catalog apart must take the client first, or a change between the two could go unnoticed;
 * `snapshot` does it right.
 */
export interface CachedRegistry {
  client(clientId: string): ClientSnapshot | null | Promise<ClientSnapshot | null>
  catalog(): Catalog | Promise<Catalog>
  /** Client and catalog for one decision; null: no such client. */
  snapshot(clientId: string): Snapshot | null | Promise<Snapshot | null>
  invalidate(invalidation: Invalidation): void
  /** The newest change that this cache has heard of. */
  sequence(): number
}

/** Loads begun anew because the answer was outdated on arrival. */
const reloadsMax = 16

interface Flight<Value> {
  readonly arrival: Promise<Value>
  outdated: boolean
}

/** Loads once for all who ask meanwhile, and again when a change came in between. */
const createFlights = <Value>(keep: (key: string, value: Value) => void) => {
  const flights = new Map<string, Flight<Value>>()
  const fly = async (flight: { outdated: boolean }, key: string, load: () => Promise<Value>) => {
    try {
      for (let reloads = 0; ; reloads += 1) {
        flight.outdated = false
        const value = await load()
        if (!flight.outdated) {
          keep(key, value)
          return value
        }
        if (reloads === reloadsMax) throw new Error('the registry changes faster than it is read')
      }
    } finally {
      flights.delete(key)
    }
  }
  return {
    join: (key: string, load: () => Promise<Value>): Promise<Value> => {
      const under = flights.get(key)
      if (under !== undefined) return under.arrival
      const flight = { outdated: false } as { outdated: boolean; arrival: Promise<Value> }
      flights.set(key, flight)
      flight.arrival = fly(flight, key, load)
      return flight.arrival
    },
    outdate: (key: string): void => {
      const flight = flights.get(key)
      if (flight !== undefined) flight.outdated = true
    },
    outdateAll: (): void => {
      for (const flight of flights.values()) flight.outdated = true
    },
  }
}

const isPromise = <Value>(value: Value | Promise<Value>): value is Promise<Value> =>
  value instanceof Promise

/** Keeps the registry in memory, bounded, until told that something has changed. */
export const createCachedRegistry = (options: CachedRegistryOptions): CachedRegistry => {
  const weigh = options.weigh ?? (() => 1)
  const clients = new LRUCache<string, ClientSnapshot>({
    max: options.clientsMax,
    maxSize: options.clientsMax,
    sizeCalculation: weigh,
  })
  const unknown = new LRUCache<string, true>({
    max: options.unknownMax ?? 1000,
    ttl: options.unknownForMs ?? 1000,
  })
  let catalogKept: Catalog | null = null
  let sequence = 0

  const clientFlights = createFlights<ClientSnapshot | null>((clientId, snapshot) => {
    if (snapshot === null) unknown.set(clientId, true)
    else clients.set(clientId, snapshot)
  })
  const catalogFlights = createFlights<Catalog>((_, catalog) => {
    catalogKept = catalog
  })

  const load = async (clientId: string): Promise<ClientSnapshot | null> => {
    const begun = sequence
    const loaded = await options.load(clientId)
    return loaded === null ? null : { ...loaded, sequence: begun }
  }

  const client: CachedRegistry['client'] = (clientId) => {
    const kept = clients.get(clientId)
    if (kept !== undefined) {
      if (kept.sequence === sequence) return kept
      // nothing said since has been about this client: it is true up to now
      const confirmed = { ...kept, sequence }
      clients.set(clientId, confirmed)
      return confirmed
    }
    if (unknown.has(clientId)) return null
    return clientFlights.join(clientId, () => load(clientId))
  }

  const catalog: CachedRegistry['catalog'] = () =>
    catalogKept ?? catalogFlights.join('', options.loadCatalog)

  const assemble = async (
    asked: ClientSnapshot | null | Promise<ClientSnapshot | null>,
  ): Promise<Snapshot | null> => {
    const snapshot = await asked
    return snapshot === null ? null : { client: snapshot, catalog: await catalog() }
  }

  return {
    client,
    catalog,
    snapshot: (clientId) => {
      const asked = client(clientId)
      if (asked === null) return null
      if (isPromise(asked) || catalogKept === null) return assemble(asked)
      return { client: asked, catalog: catalogKept }
    },
    invalidate: (invalidation) => {
      sequence = Math.max(sequence, invalidation.sequence)
      for (const clientId of invalidation.clientIds) {
        clients.delete(clientId)
        unknown.delete(clientId)
        clientFlights.outdate(clientId)
      }
      if (invalidation.everything) {
        clients.clear()
        unknown.clear()
        clientFlights.outdateAll()
      }
      if (invalidation.catalog || invalidation.everything) {
        catalogKept = null
        catalogFlights.outdate('')
      }
    },
    sequence: () => sequence,
  }
}
