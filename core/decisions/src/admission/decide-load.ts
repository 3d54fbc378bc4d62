/** Whether one more request is taken, as a process that has too much to do decides it. */
export interface LoadStanding {
  readonly isShedding: boolean
  /** Since when requests have waited for too long; null: they do not. */
  readonly longSinceMs: number | null
  /** When it last stopped shedding. */
  readonly shedUntilMs: number
}

/** What is seen when a request arrives; milliseconds of one clock. */
export interface LoadSeen {
  /** How long it would wait for its turn, as things go. */
  readonly waitMs: number
  readonly nowMs: number
}

export interface LoadLimits {
  /** A wait that is no harm by itself. */
  readonly waitMsMax: number
  /** A longer wait is a burst until it has lasted for this long. */
  readonly burstMs: number
  /** Overload that comes back within this time is no burst. */
  readonly memoryMs: number
}

export const calm: LoadStanding = Object.freeze({
  isShedding: false,
  longSinceMs: null,
  shedUntilMs: Number.NEGATIVE_INFINITY,
})

/**
 * Tells a queue that stands from one that passes (as CoDel does, RFC 8289 §3): what counts is how
 * long the wait has been too long, not how many wait. While it stands, what comes is refused, so
 * that what was taken is still answered in time.
 * @returns the same object where nothing has changed
 */
export const decideLoad = (
  before: LoadStanding,
  { waitMs, nowMs }: LoadSeen,
  limits: LoadLimits,
): LoadStanding => {
  const { isShedding, longSinceMs, shedUntilMs } = before
  if (waitMs <= limits.waitMsMax) {
    if (isShedding) return { isShedding: false, longSinceMs: null, shedUntilMs: nowMs }
    return longSinceMs === null ? before : { ...before, longSinceMs: null }
  }
  if (isShedding) return before
  const isKnown = nowMs - shedUntilMs < limits.memoryMs
  const sinceMs = longSinceMs ?? nowMs
  if (isKnown || nowMs - sinceMs >= limits.burstMs) {
    return { isShedding: true, longSinceMs: sinceMs, shedUntilMs }
  }
  return longSinceMs === null ? { ...before, longSinceMs: nowMs } : before
}
