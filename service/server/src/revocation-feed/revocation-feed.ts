import type { Readable } from 'node:stream'
import type { Catalog } from '@mintmark/registry/snapshot'
import type { RevocationFeedReader, RevocationPage } from '@mintmark/storage/revocation-feed'
import type { FeedPlace } from '@mintmark/storage/tables/revocation-entry'
import type { KeyRing } from '../signing/key-ring.ts'
import type { Invalidation } from '../writer/change-publisher.ts'
import {
  cursorOf,
  type FeedHead,
  messageOf,
  type SignedStretch,
  signMessage,
  snapshotOf,
} from './feed-messages.ts'
import { type FeedStream, openFeedStream } from './feed-stream.ts'

/** One that wants to be told as it happens. */
export interface Follower {
  readonly clientId: string
  /** null: from now on. */
  readonly place: FeedPlace | null
  readonly heartbeatMs: number
  /** Asked at each heartbeat: whether it may still be told. */
  readonly mayGoOn: () => Promise<boolean>
}

/** The revocations of the domain as one process tells them. */
export interface RevocationFeed {
  /** A change was committed: whoever follows is told if it has ended tokens; nobody waits. */
  note(change: Pick<Invalidation, 'revocations'>): void
  /** null: the place is unknown here, and everything must be read again. */
  after(place: FeedPlace | null): Promise<SignedStretch | null>
  page(after: RevocationPage['next'], asked: string | null): Promise<string>
  /** A stream of server-sent events, `gone` as null of `after`, or `full`. */
  follow(follower: Follower): Promise<Readable | 'gone' | 'full'>
  /** Ends all streams, so that their followers come back elsewhere; new ones are taken. */
  endStreams(): void
  /** Ends all streams: the door closes. */
  close(): void
}

export interface RevocationFeedParts {
  readonly reader: RevocationFeedReader
  readonly keys: KeyRing
  readonly catalog: () => Catalog | Promise<Catalog>
  readonly issuer: (catalog: Catalog) => string
}

/** Entries of one message: about 80 KB at most. */
const entriesMax = 400
/** A message without news serves all who ask for the same within this time. */
const sharedMs = 200
const followersMax = 1000
const followersPerClientMax = 100

/** Puts together what one process tells of revocations. */
export const createRevocationFeed = (parts: RevocationFeedParts): RevocationFeed => {
  const { reader, keys } = parts
  const streams = new Map<FeedStream, string>()
  let shared = new Map<string, Promise<SignedStretch | null>>()
  let sharedSinceMs = 0
  let closed = false

  const signer = async () => {
    const catalog = await parts.catalog()
    const key = keys.active(catalog, 'ES256') ?? keys.active(catalog, 'RS256')
    if (key === null) throw new Error('no signing key is active')
    const head = (): FeedHead => ({ issuer: parts.issuer(catalog), nowMs: Date.now() })
    return { key, head }
  }

  const read = async (place: FeedPlace): Promise<SignedStretch | null> => {
    const { key, head } = await signer()
    // The instant before the look: a message says no more than was known at its time.
    const now = head()
    const stretch = await reader.after(place, entriesMax)
    if (stretch === null) return null
    const jws = signMessage(key, messageOf(place, stretch, now))
    return { jws, place: stretch.place, more: stretch.more }
  }

  /** One look and one signature for all who stand at one place. */
  const after = (place: FeedPlace): Promise<SignedStretch | null> => {
    if (Date.now() - sharedSinceMs > sharedMs) {
      shared = new Map()
      sharedSinceMs = Date.now()
    }
    const key = cursorOf(place)
    let message = shared.get(key)
    if (message === undefined) {
      message = read(place)
      shared.set(key, message)
    }
    return message
  }

  const follow: RevocationFeed['follow'] = async ({ clientId, place, ...wish }) => {
    const from = place ?? (await reader.end())
    if ((await after(from)) === null) return 'gone'
    const mine = [...streams.values()].filter((each) => each === clientId).length
    if (closed || streams.size >= followersMax || mine >= followersPerClientMax) return 'full'
    const stream = openFeedStream({ from, after, ...wish, closed: () => streams.delete(stream) })
    streams.set(stream, clientId)
    return stream.readable
  }

  const endStreams = (): void => {
    for (const stream of streams.keys()) stream.end()
  }

  return {
    note: ({ revocations = [] }) => {
      if (revocations.length === 0) return
      shared = new Map()
      for (const stream of streams.keys()) stream.wake()
    },
    after: async (place) => after(place ?? (await reader.end())),
    page: async (from, asked) => {
      const { key, head } = await signer()
      const now = head()
      return signMessage(key, snapshotOf(asked, await reader.page(from, entriesMax), now))
    },
    follow,
    endStreams,
    close: () => {
      closed = true
      endStreams()
    },
  }
}
