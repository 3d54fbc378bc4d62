import type { Catalog, ClientSnapshot, Snapshot } from '@mintmark/registry/snapshot'
import { LRUCache } from 'lru-cache'
import type { LoadedClient } from './client-snapshot.ts'
import { createSeenLately } from './seen-lately.ts'
import { textHash } from './text-hash.ts'
import { createTextMemory } from './text-memory.ts'

export interface CachedRegistryOptions {
  /** A client as text, which is how most are kept; null: nobody has this client id. */
  readonly load: (clientId: string) => Promise<string | null>
  /** Gives the client that a loaded text says. */
  readonly read: (text: string, clientId: string) => LoadedClient
  readonly loadCatalog: () => Promise<Catalog>
  /** Clients of usual size kept; what has not been asked for goes first. */
  readonly clientsMax: number
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

/** Bytes that the text of a usual client takes. */
const usualBytes = 384
/** Clients asked for again and again are kept ready too, up to so many and so many characters. */
const readyMax = 4096
const readyCharsMax = 4_194_304

/** Loads begun anew because the answer was outdated on arrival. */
const reloadsMax = 16

interface Loaded {
  readonly text: string
  readonly snapshot: ClientSnapshot
}

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

/** Clients in two forms: all as text, and those that come again and again ready too. */
const createKnownClients = ({ clientsMax, read }: CachedRegistryOptions) => {
  const texts = createTextMemory({ bytesMax: clientsMax * usualBytes })
  const ready = new LRUCache<string, { snapshot: ClientSnapshot }>({
    max: Math.min(readyMax, clientsMax),
    maxSize: readyCharsMax,
  })
  const comesAgain = createSeenLately(readyMax)
  const makeReady = (clientId: string, text: string, sequence: number): ClientSnapshot => {
    const snapshot = { ...read(text, clientId), sequence, state: text }
    // those that come once would only pass through the heap
    if (comesAgain(textHash(clientId))) ready.set(clientId, { snapshot }, { size: text.length })
    return snapshot
  }
  return {
    /** @param sequence the newest change: nothing said until then has been about what is here */
    find: (clientId: string, sequence: number): ClientSnapshot | null => {
      const kept = ready.get(clientId)
      if (kept !== undefined) {
        if (kept.snapshot.sequence !== sequence) kept.snapshot = { ...kept.snapshot, sequence }
        return kept.snapshot
      }
      const text = texts.get(clientId)
      return text === undefined ? null : makeReady(clientId, text, sequence)
    },
    keep: (clientId: string, text: string): void => texts.set(clientId, text),
    forget: (clientId: string): void => {
      ready.delete(clientId)
      texts.delete(clientId)
    },
    forgetAll: (): void => {
      ready.clear()
      texts.clear()
    },
  }
}

/** Keeps the registry in memory, bounded, until told that something has changed. */
export const createCachedRegistry = (options: CachedRegistryOptions): CachedRegistry => {
  const known = createKnownClients(options)
  const unknown = new LRUCache<string, true>({
    max: options.unknownMax ?? 1000,
    ttl: options.unknownForMs ?? 1000,
  })
  let catalogKept: Catalog | null = null
  let sequence = 0

  const clientFlights = createFlights<Loaded | null>((clientId, loaded) => {
    if (loaded === null) unknown.set(clientId, true)
    else known.keep(clientId, loaded.text)
  })
  const catalogFlights = createFlights<Catalog>((_, catalog) => {
    catalogKept = catalog
  })

  const load = async (clientId: string): Promise<Loaded | null> => {
    const begun = sequence
    const text = await options.load(clientId)
    if (text === null) return null
    const snapshot = { ...options.read(text, clientId), sequence: begun, state: text }
    return { text, snapshot }
  }

  const fetchClient = async (clientId: string): Promise<ClientSnapshot | null> =>
    (await clientFlights.join(clientId, () => load(clientId)))?.snapshot ?? null

  const client: CachedRegistry['client'] = (clientId) => {
    const found = known.find(clientId, sequence)
    if (found !== null) return found
    return unknown.has(clientId) ? null : fetchClient(clientId)
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
        known.forget(clientId)
        unknown.delete(clientId)
        clientFlights.outdate(clientId)
      }
      if (invalidation.everything) {
        known.forgetAll()
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
