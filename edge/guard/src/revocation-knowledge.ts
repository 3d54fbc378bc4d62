/** What a guard knows of revocations, how fresh that is, and which message comes next. */
import type { RevocationMessage } from './revocation-message.ts'
import type { RevocationStatus } from './revocation-options.ts'
import { createRevocationSet, type RevocationQuestion } from './revocation-set.ts'

/** A place in the feed. */
export interface HeardPlace {
  readonly epoch: string
  readonly cursor: string
  readonly number: number
}

/** What ends one connection; the next goes on from where this one was. */
export class FeedBroken extends Error {}

export interface KnowledgeOptions {
  readonly entriesMax: number
  readonly skewSeconds: number
  readonly staleMsMax: number
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number
  /** A clock that nobody sets. */
  readonly steadyMs: () => number
}

export type FeedCounts = Pick<
  RevocationStatus,
  'connections' | 'snapshots' | 'gaps' | 'duplicates' | 'forged'
>

export interface RevocationKnowledge {
  readonly counts: { -readonly [name in keyof FeedCounts]: FeedCounts[name] }
  /** null: everything must be read again. */
  place(): HeardPlace | null
  forgetPlace(): void
  /** A page of everything. @throws FeedBroken when there are more than may be held */
  hold(page: RevocationMessage): void
  /** All pages are held: the feed goes on from the first one's place. */
  arrive(first: RevocationMessage): void
  /** A message of the feed. @throws FeedBroken when others are missing before it */
  take(message: RevocationMessage): void
  judge(question: RevocationQuestion): 'live' | 'revoked' | 'unknown'
  isWithdrawn(kid: string): boolean
  readonly isFull: boolean
  status(): RevocationStatus
}

const placeOf = ({ epoch, cursor, number }: RevocationMessage): HeardPlace => ({
  epoch,
  cursor,
  number,
})

export const createRevocationKnowledge = (options: KnowledgeOptions): RevocationKnowledge => {
  const { steadyMs, nowMs, staleMsMax, skewSeconds, entriesMax } = options
  const set = createRevocationSet(entriesMax, nowMs)
  const counts = { connections: 0, snapshots: 0, gaps: 0, duplicates: 0, forged: 0 }
  let place: HeardPlace | null = null
  let heardAtMs = Number.NEGATIVE_INFINITY
  let saidAtSeconds = Number.NEGATIVE_INFINITY
  let isFull = false

  /** By when it came and by when it was said: neither silence nor delay passes for news. */
  const staleForMs = (): number =>
    Math.max(0, steadyMs() - heardAtMs, nowMs() - (saidAtSeconds + skewSeconds) * 1000)

  const isKnown = (): boolean => !isFull && staleForMs() <= staleMsMax

  const heard = ({ issuedAtSeconds }: RevocationMessage): void => {
    // What was said before is no sign of life, whoever says it again.
    if (issuedAtSeconds <= saidAtSeconds) return
    saidAtSeconds = issuedAtSeconds
    heardAtMs = steadyMs()
  }

  const hold = (message: RevocationMessage): void => {
    if (set.add(message.entries)) return
    isFull = true
    place = null
    throw new FeedBroken(`there are more than ${entriesMax} revocations; raise entriesMax`)
  }

  const take = (message: RevocationMessage): void => {
    if (place === null || message.snapshot !== null) {
      throw new FeedBroken('a message came that was not asked for')
    }
    if (message.epoch !== place.epoch) {
      place = null
      throw new FeedBroken('the feed is another one; everything is read again')
    }
    if (message.after === place.cursor) {
      hold(message)
      place = placeOf(message)
      heard(message)
    } else if (message.number < place.number || message.cursor === place.cursor) {
      // What is revoked stays so: nothing is lost by holding it twice.
      counts.duplicates += 1
      hold(message)
    } else {
      counts.gaps += 1
      throw new FeedBroken(
        `what came after number ${place.number} is missing; it is asked for again`,
      )
    }
  }

  const stateNow = (): RevocationStatus['state'] => {
    if (isFull) return 'full'
    if (heardAtMs === Number.NEGATIVE_INFINITY) return 'starting'
    return isKnown() ? 'following' : 'stale'
  }

  return {
    counts,
    place: () => place,
    forgetPlace: () => {
      place = null
    },
    hold,
    arrive: (first) => {
      isFull = false
      place = placeOf(first)
      heard(first)
    },
    take,
    judge: (question) => {
      if (set.isRevoked(question)) return 'revoked'
      return isKnown() ? 'live' : 'unknown'
    },
    isWithdrawn: set.isWithdrawn,
    get isFull() {
      return isFull
    },
    status: () => ({
      state: stateNow(),
      staleForMs: staleForMs(),
      number: place?.number ?? 0,
      entries: set.size,
      ...counts,
    }),
  }
}
