/**
 * The key sets that clients keep behind a `jwks_uri` (RFC 7591 §2): fetched seldom, kept bounded.
 */
import { lookup } from 'node:dns/promises'
import { fail, ok, type Result } from '@mintmark/protocol/result'
import type { PublicJwk } from '@mintmark/registry/application'
import { LRUCache } from 'lru-cache'
import {
  fetchKeySet,
  type KeySetFailure,
  type KeySetLimits,
  type ResolveHost,
} from './fetch-key-set.ts'

export type { KeySetFailure } from './fetch-key-set.ts'

export interface RemoteKeySetOptions {
  /** Lets key sets be in a private network, and on loopback also without TLS. */
  readonly allowPrivateAddresses: boolean
  readonly resolve?: ResolveHost
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number
  readonly totalTimeoutMs?: number
  readonly bytesMax?: number
  /** How many sources are remembered. */
  readonly cacheMax?: number
}

export interface RemoteKeySets {
  /**
   * @param uri the registered `jwks_uri`
   * @param wantedKid asks the source again, once in a while, when its known keys lack it
   * @returns all keys of the source; whether one fits is for the caller to see
   */
  keysFor(
    uri: string,
    wantedKid: string | null,
  ): Promise<Result<readonly PublicJwk[], KeySetFailure>>
}

const freshMs = 300_000
const staleMs = 86_400_000
const failureMs = 10_000
const unknownKidMs = 30_000
/** Bounds sockets and memory: with a body of 64 kB each, 16 MB. */
const flightsMax = 256

/** What is known about one source. */
interface Source {
  /** null: never fetched. */
  readonly found: { readonly keys: readonly PublicJwk[]; readonly atMs: number } | null
  /** Of the last fetch. */
  readonly failure: { readonly kind: KeySetFailure; readonly atMs: number } | null
  /** When it was last asked again for a `kid` it did not have. */
  readonly askedAgainAtMs: number
}

const unknown: Source = { found: null, failure: null, askedAgainAtMs: Number.NEGATIVE_INFINITY }

const isFresh = ({ found }: Source, nowMs: number): boolean =>
  found !== null && nowMs - found.atMs < freshMs

const hasJustFailed = ({ failure }: Source, nowMs: number): boolean =>
  failure !== null && nowMs - failure.atMs < failureMs

/** Old keys outlive a source that is down, not one that answers with something else. */
const usableKeys = (source: Source, nowMs: number): Result<readonly PublicJwk[], KeySetFailure> => {
  const { found, failure } = source
  if (found !== null) {
    const lifeMs = failure?.kind === 'unreachable' ? staleMs : freshMs
    if (nowMs - found.atMs < lifeMs) return ok(found.keys)
  }
  return fail(failure?.kind ?? 'unreachable')
}

/** Remembers the key sets of one process, and asks each source once at a time. */
export const createRemoteKeySets = (options: RemoteKeySetOptions): RemoteKeySets => {
  const now = options.now ?? (() => performance.now())
  const limits: KeySetLimits = {
    allowPrivateAddresses: options.allowPrivateAddresses,
    resolve: options.resolve ?? ((hostname) => lookup(hostname, { all: true })),
    totalTimeoutMs: options.totalTimeoutMs ?? 2000,
    bytesMax: options.bytesMax ?? 65_536,
  }
  const sources = new LRUCache<string, Source>({ max: options.cacheMax ?? 1000 })
  const flights = new Map<string, Promise<Source>>()

  const fly = async (uri: string): Promise<Source> => {
    const startedAtMs = now()
    const answer = await fetchKeySet(uri, limits)
    const before = sources.get(uri) ?? unknown
    const after: Source = answer.ok
      ? { ...before, found: { keys: answer.value, atMs: startedAtMs }, failure: null }
      : { ...before, failure: { kind: answer.failure, atMs: now() } }
    sources.set(uri, after)
    return after
  }

  /** Not remembered: the source has done nothing wrong. */
  const asIfDown = (uri: string): Source => ({
    ...(sources.get(uri) ?? unknown),
    failure: { kind: 'unreachable', atMs: now() },
  })

  const fetchOnce = (uri: string): Promise<Source> => {
    const running = flights.get(uri)
    if (running !== undefined) return running
    if (flights.size >= flightsMax) return Promise.resolve(asIfDown(uri))
    const flight = fly(uri).finally(() => flights.delete(uri))
    flights.set(uri, flight)
    return flight
  }

  /** A key that was added just now is found at once; a made-up `kid` cannot make us ask and ask. */
  const askAgain = async (uri: string): Promise<Source> => {
    const running = flights.get(uri)
    if (running !== undefined) return running
    const source = sources.get(uri) ?? unknown
    const nowMs = now()
    if (nowMs - source.askedAgainAtMs < unknownKidMs || hasJustFailed(source, nowMs)) return source
    sources.set(uri, { ...source, askedAgainAtMs: nowMs })
    return fetchOnce(uri)
  }

  return {
    async keysFor(uri, wantedKid) {
      let source = sources.get(uri) ?? unknown
      let isNew = false
      if (!isFresh(source, now()) && !hasJustFailed(source, now())) {
        isNew = !flights.has(uri) // one that was under way may have missed a change
        source = await fetchOnce(uri)
      }
      const usable = usableKeys(source, now())
      if (!usable.ok || isNew || wantedKid === null) return usable
      if (usable.value.some(({ kid }) => kid === wantedKid)) return usable
      return usableKeys(await askAgain(uri), now())
    },
  }
}
