/**
 * What is still under way when its token ends: a stream of events, a WebSocket, a long download.
 * It goes on for as long as a new request with the same token would be let in.
 */
import type { Refused } from '@mintmark/guard/guard'
import type { Passed } from './upstream.ts'

export interface Watched {
  /** It has no end of its own: it is over when the token is, without the skew of clocks. */
  endAtExpiry(): void
  /** It has ended by itself. */
  forget(): void
}

export interface TokenWatch {
  /** @param end called once at most: with the refusal, or null where a stream is over in time */
  watch(passed: Passed, end: (refused: Refused | null) => void): Watched
  /** How many are watched now. */
  readonly size: number
  close(): void
}

/** A token is looked at so often; what it opened ends so long after it at the latest. */
const roundMs = 500

interface Entry {
  readonly expiresAtMs: number
  endsAtMs: number
  isAsking: boolean
  recheck(): Promise<Refused | null>
  end(refused: Refused | null): void
}

const unwatched: Watched = { endAtExpiry: () => {}, forget: () => {} }

/** @param report told when a token cannot be judged, which ends what it opened */
export const createTokenWatch = (report: (message: string) => void): TokenWatch => {
  const entries = new Set<Entry>()

  const end = (entry: Entry, refused: Refused | null): void => {
    if (entries.delete(entry)) entry.end(refused)
  }

  const ask = async (entry: Entry): Promise<void> => {
    entry.isAsking = true
    try {
      const refused = await entry.recheck()
      if (refused !== null) end(entry, refused)
    } catch (error) {
      report(`A token could not be judged again: ${error instanceof Error ? error.stack : error}`)
      end(entry, null)
    } finally {
      entry.isAsking = false
    }
  }

  const look = (): void => {
    const nowMs = Date.now()
    for (const entry of entries) {
      if (nowMs >= entry.endsAtMs) end(entry, null)
      else if (!entry.isAsking) void ask(entry)
    }
  }
  const timer = setInterval(look, roundMs)
  timer.unref()

  return {
    watch: ({ caller, recheck }, onEnd) => {
      if (caller === null || recheck === null) return unwatched
      const expiresAtMs = caller.token.expiresAtSeconds * 1000
      const endsAtMs = Number.POSITIVE_INFINITY
      const entry: Entry = { expiresAtMs, endsAtMs, isAsking: false, recheck, end: onEnd }
      entries.add(entry)
      return {
        endAtExpiry: () => {
          // One that was let in after its end, as clocks differ, is the guard's to judge.
          if (Date.now() < expiresAtMs) entry.endsAtMs = expiresAtMs
        },
        forget: () => void entries.delete(entry),
      }
    },
    get size() {
      return entries.size
    },
    close: () => clearInterval(timer),
  }
}
