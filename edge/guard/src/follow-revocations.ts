/**
 * Follows the issuer's revocations: everything once, then each as it is committed. A gap, another
 * history or a forged message is noticed and read again; until that has worked nothing counts as
 * heard, and after a stated time nobody can be let in on what was heard before.
 */
import { createFeedRequests, type FeedRequestsOptions } from './feed-requests.ts'
import {
  createRevocationKnowledge,
  FeedBroken,
  type RevocationKnowledge,
} from './revocation-knowledge.ts'
import type { RevocationStatus } from './revocation-options.ts'
import type { RevocationQuestion } from './revocation-set.ts'

export interface FollowOptions extends Omit<FeedRequestsOptions, 'knowledge' | 'heartbeatSeconds'> {
  readonly staleMsMax: number
  readonly entriesMax: number
  readonly steadyMs: () => number
  readonly report: (message: string) => void
}

export interface RevocationFollower {
  /** What is known of a token: `unknown` when nothing was heard for too long. */
  judge(question: RevocationQuestion): 'live' | 'revoked' | 'unknown'
  /** Fulfils when everything was read once, or after `timeoutMs`. */
  begun(timeoutMs: number): Promise<void>
  status(): RevocationStatus
  close(): void
}

const heartbeatSecondsMax = 60
const retryMsMin = 100
const retryMsMax = 5000
/** Too many revocations go away when they expire, not sooner. */
const fullRetryMs = 30_000

/** Waits, at most until the guard is closed. */
const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((fulfil) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      fulfil()
    }
    const timer = setTimeout(end, ms)
    timer.unref?.()
    signal.addEventListener('abort', end, { once: true })
  })

/** A connection that ends with the guard, or when nothing came for `ms` after the last `alive`. */
const watch = (ms: number, stopped: AbortSignal) => {
  const connection = new AbortController()
  const end = (): void => connection.abort()
  const start = () => {
    const timer = setTimeout(end, ms)
    timer.unref?.()
    return timer
  }
  stopped.addEventListener('abort', end, { once: true })
  let timer = start()
  return {
    signal: connection.signal,
    alive: (): void => {
      clearTimeout(timer)
      timer = start()
    },
    end: (): void => {
      clearTimeout(timer)
      stopped.removeEventListener('abort', end)
      end()
    },
  }
}

/** Pauses between connections: longer after each failure, and not the same for all guards. */
const pauseMs = (failures: number, isFull: boolean, staleMsMax: number): number => {
  const ms = Math.min(retryMsMax, staleMsMax / 4, retryMsMin * 2 ** Math.min(failures, 10))
  return (isFull ? fullRetryMs : ms) * (0.5 + Math.random() / 2)
}

const messageOf = (error: unknown): string =>
  error instanceof FeedBroken ? error.message : `the connection ended: ${(error as Error).message}`

/** Starts at once and goes on until it is closed. */
export const followRevocations = (options: FollowOptions): RevocationFollower => {
  const { staleMsMax } = options
  const knowledge: RevocationKnowledge = createRevocationKnowledge(options)
  const heartbeatSeconds = Math.min(heartbeatSecondsMax, Math.max(1, Math.floor(staleMsMax / 4000)))
  const requests = createFeedRequests({ ...options, knowledge, heartbeatSeconds })
  const silenceMsMax = heartbeatSeconds * 2000 + 500
  const stopped = new AbortController()
  const { promise: beginning, resolve: begin } = withResolvers()
  let failures = 0
  let lastTrouble = ''

  const connect = async (): Promise<void> => {
    if (knowledge.place() === null) await requests.readSnapshot(stopped.signal)
    begin()
    const place = knowledge.place()
    if (place === null) return
    const connection = watch(silenceMsMax, stopped.signal)
    const { gaps, forged } = knowledge.counts
    try {
      await requests.readStream(place, connection.signal, connection.alive)
    } finally {
      connection.end()
      const isSound = gaps === knowledge.counts.gaps && forged === knowledge.counts.forged
      if (isSound && knowledge.place()?.cursor !== place.cursor) failures = 0
    }
  }

  const run = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      try {
        await connect()
        failures = 0
        lastTrouble = ''
      } catch (error) {
        const message = messageOf(error)
        // Once for each kind of trouble, until something works again.
        if (message !== lastTrouble && !stopped.signal.aborted) {
          options.report(`Revocations: ${message}`)
        }
        lastTrouble = message
        failures += 1
      }
      await sleep(pauseMs(failures, knowledge.isFull, staleMsMax), stopped.signal)
    }
  }
  void run()

  return {
    judge: knowledge.judge,
    begun: (timeoutMs) => Promise.race([beginning, sleep(timeoutMs, stopped.signal)]),
    status: () => {
      const status = knowledge.status()
      return stopped.signal.aborted ? { ...status, state: 'closed' } : status
    },
    close: () => stopped.abort(),
  }
}

/** `Promise.withResolvers` of Node 22, for Node 20. */
const withResolvers = (): { promise: Promise<void>; resolve: () => void } => {
  let resolve: () => void = () => {}
  const promise = new Promise<void>((fulfil) => {
    resolve = fulfil
  })
  return { promise, resolve }
}
