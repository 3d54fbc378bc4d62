import { hash } from 'node:crypto'
import { parseIpAddress } from '@mintmark/protocol/rfc4291-ip-address'
import type { FailedAttempt } from '@mintmark/registry/ledger'
import type { AttemptCount, AttemptKey } from './tables/failed-attempt.ts'

/** How often one client may fail from one source, and what follows. */
export interface AttemptLimit {
  /** So many failures inside the window lock the pair. */
  readonly failuresMax: number
  readonly windowSeconds: number
  /** Length of the first lock; each further one is twice as long … */
  readonly lockSeconds: number
  /** … but never longer than this. Forgotten after as much time without a failure. */
  readonly lockSecondsMax: number
}

export type AttemptLimits = Readonly<Record<FailedAttempt['kind'], AttemptLimit>>

export interface AttemptCountersOptions {
  readonly limits: AttemptLimits
  /** Pairs of client and source counted at the same time. */
  readonly pairsMax: number
  /** Pairs of one source counted apart; those beyond share one count. */
  readonly pairsPerSourceMax: number
  /**
   * Part of a millisecond by which failures of one moment are told apart, where servers add up
   * theirs.
   */
  readonly tellApart?: () => number
}

/**
 * Failures by client and source, in memory; what changes has to be stored by the caller.
 *
 * Bounded, and so that nobody flushes anybody else's count: a source with too many clients shares
 * one count among the rest; when all is full, the pair that failed longest ago and is not locked
 * gives way. A success resets nothing.
 */
export interface AttemptCounters {
  /** Seconds until the pair may try again; 0: now. Cheap for a source that never failed. */
  lockedFor(attempt: Omit<FailedAttempt, 'reason'>, nowMs: number): number
  /** Counts a failure and gives the seconds of the lock, if it is locked now. */
  fail(attempt: Omit<FailedAttempt, 'reason'>, nowMs: number): number
  restore(counts: readonly AttemptCount[]): void
  /** Takes in what other servers have counted, beside what was counted here. */
  absorb(counts: readonly AttemptCount[], nowMs: number): void
  /** Counts as they stand now, in place of such as were taken before. */
  latest(changes: AttemptChanges): AttemptChanges
  /** Drops what has expired; the stored rows are swept on their own. */
  sweep(nowMs: number): void
  /** Takes the counts that changed since they were last taken. */
  takeChanged(): AttemptChanges
  /** What was taken could not be stored. */
  giveBack(changes: AttemptChanges): void
}

export interface AttemptChanges {
  readonly put: readonly AttemptCount[]
  readonly removed: readonly AttemptKey[]
}

/** Stands for all clients of a source beyond those counted apart. No hash looks like it. */
const everyOther = '*'
/** Pairs looked at for one that may give way. */
const lookedAtMax = 256

/** No counts. */
export const nothingChanged: AttemptChanges = Object.freeze({ put: [], removed: [] })

type Attempt = Omit<FailedAttempt, 'reason'>

/**
 * What is counted of an address: of IPv6 the network that a host is given whole (RFC 6177 §2), or
 * it would have more guesses than there are secrets.
 */
const networkOf = (source: string): string => {
  if (!source.includes(':')) return source
  const bytes = parseIpAddress(source)
  if (bytes === null) return source
  const groups = [0, 2, 4, 6].map((at) =>
    (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16),
  )
  return `${groups.join(':')}::/64`
}

const clientKeyOf = (clientId: string): string => hash('sha256', clientId, 'base64url')

const ownKeyOf = ({ kind, clientId, source }: Attempt): AttemptKey => ({
  kind,
  clientKey: clientKeyOf(clientId),
  source: networkOf(source),
})

const nameOf = ({ kind, clientKey, source }: AttemptKey): string =>
  `${kind}\n${clientKey}\n${source}`

/** The count after one more failure: locked when the window is full. */
const countFailure = (
  limit: AttemptLimit,
  key: AttemptKey,
  before: AttemptCount | undefined,
  failedMs: number,
): AttemptCount => {
  const nowMs = Math.floor(failedMs)
  const windowBeginsMs = nowMs - limit.windowSeconds * 1000
  const failedAtMs = (before?.failedAtMs ?? []).filter((at) => at > windowBeginsMs)
  failedAtMs.push(failedMs)
  const { kind, clientKey, source } = key
  let locks = before?.locks ?? 0
  let lockedUntilMs = before?.lockedUntilMs ?? 0
  if (failedAtMs.length >= limit.failuresMax) {
    const seconds = Math.min(limit.lockSeconds * 2 ** Math.min(locks, 30), limit.lockSecondsMax)
    locks += 1
    lockedUntilMs = nowMs + seconds * 1000
    failedAtMs.length = 0
  }
  const restMs = Math.max(limit.windowSeconds, limit.lockSecondsMax) * 1000
  const expiresAtMs = Math.max(nowMs, lockedUntilMs) + restMs
  return { kind, clientKey, source, failedAtMs, locks, lockedUntilMs, expiresAtMs }
}

/** Each failure once for every time that one of both lists has it. */
const mergeTimes = (a: readonly number[], b: readonly number[]): readonly number[] => {
  const rest = [...b]
  for (const at of a) {
    const found = rest.indexOf(at)
    if (found !== -1) rest.splice(found, 1)
  }
  return [...a, ...rest].toSorted((left, right) => left - right)
}

/**
 * One count from those of two servers. A lock has counted what was before it, so the count with
 * more locks stands; with as many, the failures of both are added up, and may lock.
 */
const mergeCounts = (
  limit: AttemptLimit,
  mine: AttemptCount,
  other: AttemptCount,
  nowMs: number,
): AttemptCount => {
  const most = other.locks > mine.locks ? other : mine
  const expiresAtMs = Math.max(mine.expiresAtMs, other.expiresAtMs)
  const lockedUntilMs = Math.max(mine.lockedUntilMs, other.lockedUntilMs)
  if (mine.locks !== other.locks) return { ...most, expiresAtMs, lockedUntilMs }
  const windowBeginsMs = nowMs - limit.windowSeconds * 1000
  const failedAtMs = mergeTimes(mine.failedAtMs, other.failedAtMs).filter(
    (at) => at > windowBeginsMs,
  )
  const merged = { ...mine, failedAtMs, expiresAtMs, lockedUntilMs }
  if (failedAtMs.length < limit.failuresMax) return merged
  // the last of them is counted once more, so that the lock is made in one place
  const before = { ...merged, failedAtMs: failedAtMs.slice(0, -1) }
  return countFailure(limit, merged, before, failedAtMs.at(-1) ?? nowMs)
}

const secondsLeft = (
  limit: AttemptLimit,
  count: AttemptCount | undefined,
  nowMs: number,
): number => {
  if (count === undefined || count.lockedUntilMs <= nowMs) return 0
  const seconds = Math.ceil((count.lockedUntilMs - nowMs) / 1000)
  // a clock that was ahead when it locked must not lock for longer than any lock lasts
  return Math.min(seconds, limit.lockSecondsMax)
}

/** Counts in the order of their last failure, with the number of each source. */
const createShelf = () => {
  const counts = new Map<string, AttemptCount>()
  const ofSource = new Map<string, number>()
  const remove = (name: string, count: AttemptCount): void => {
    counts.delete(name)
    const left = (ofSource.get(count.source) ?? 1) - 1
    if (left === 0) ofSource.delete(count.source)
    else ofSource.set(count.source, left)
  }
  const put = (name: string, count: AttemptCount): void => {
    if (counts.delete(name)) counts.set(name, count)
    else {
      counts.set(name, count)
      ofSource.set(count.source, (ofSource.get(count.source) ?? 0) + 1)
    }
  }
  /** The longest idle pair that is not locked, among the first few. */
  const findIdle = (nowMs: number): [string, AttemptCount] | null => {
    let looked = 0
    for (const [name, count] of counts) {
      if (count.lockedUntilMs <= nowMs) return [name, count]
      looked += 1
      if (looked === lookedAtMax) return null
    }
    return null
  }
  return { counts, ofSource, put, remove, findIdle }
}

export const createAttemptCounters = (options: AttemptCountersOptions): AttemptCounters => {
  const { limits, pairsMax, pairsPerSourceMax } = options
  const shelf = createShelf()
  const changed = new Map<string, AttemptCount>()
  const removed = new Map<string, AttemptKey>()

  /** The pair's own key, or the shared one where its source has no room for another. */
  const keyOf = (attempt: Attempt): AttemptKey => {
    const own = ownKeyOf(attempt)
    const { kind, source } = own
    if (shelf.counts.has(nameOf(own))) return own
    if ((shelf.ofSource.get(source) ?? 0) < pairsPerSourceMax) return own
    return { kind, clientKey: everyOther, source }
  }

  const makeRoom = (nowMs: number): boolean => {
    if (shelf.counts.size < pairsMax) return true
    const idle = shelf.findIdle(nowMs)
    if (idle === null) return false
    const [name, count] = idle
    shelf.remove(name, count)
    changed.delete(name)
    removed.set(name, count)
    return true
  }

  const fail: AttemptCounters['fail'] = (attempt, nowMs) => {
    const limit = limits[attempt.kind]
    const key = keyOf(attempt)
    const name = nameOf(key)
    const before = shelf.counts.get(name)
    const living = before !== undefined && before.expiresAtMs >= nowMs ? before : undefined
    // everything is locked: this one cannot be counted, so it is answered as if it were locked
    if (before === undefined && !makeRoom(nowMs)) return limit.lockSeconds
    const failedMs = nowMs + (options.tellApart?.() ?? 0)
    const count = countFailure(limit, key, living, failedMs)
    shelf.put(name, count)
    changed.set(name, count)
    removed.delete(name)
    return secondsLeft(limit, count, nowMs)
  }

  return {
    lockedFor: (attempt, nowMs) => {
      if (shelf.counts.size === 0 || !shelf.ofSource.has(networkOf(attempt.source))) return 0
      const count = shelf.counts.get(nameOf(keyOf(attempt)))
      return secondsLeft(limits[attempt.kind], count, nowMs)
    },
    fail,
    restore: (counts) => {
      for (const count of counts) shelf.put(nameOf(count), count)
    },
    absorb: (counts, nowMs) => {
      for (const count of counts) {
        const name = nameOf(count)
        const mine = shelf.counts.get(name)
        if (mine === undefined && !makeRoom(nowMs)) continue
        const merged =
          mine === undefined ? count : mergeCounts(limits[count.kind], mine, count, nowMs)
        shelf.put(name, merged)
      }
    },
    latest: ({ put, removed: gone }) => ({
      put: put.map((count) => shelf.counts.get(nameOf(count)) ?? count),
      removed: gone,
    }),
    sweep: (nowMs) => {
      for (const [name, count] of shelf.counts) {
        if (count.expiresAtMs < nowMs) shelf.remove(name, count)
      }
    },
    takeChanged: () => {
      if (changed.size === 0 && removed.size === 0) return nothingChanged
      const changes = { put: [...changed.values()], removed: [...removed.values()] }
      changed.clear()
      removed.clear()
      return changes
    },
    giveBack: (changes) => {
      for (const count of changes.put) {
        const name = nameOf(count)
        if (shelf.counts.has(name) && !changed.has(name)) changed.set(name, count)
      }
      for (const key of changes.removed) {
        const name = nameOf(key)
        if (!shelf.counts.has(name)) removed.set(name, key)
      }
    },
  }
}
