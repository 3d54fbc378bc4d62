const hourMs = 3_600_000

/**
 * Upkeep that need not run with every turn: what is asked within an hour of the last run, or while
 * it goes on, is left out. A run that fails is not repeated before the next hour, and its fault is
 * the caller's.
 */
export const onceAnHour = (
  work: (nowMs: number) => Promise<void>,
  now: () => number = Date.now,
): (() => Promise<void>) => {
  let lastMs = Number.NEGATIVE_INFINITY
  let isRunning = false
  return async () => {
    const nowMs = now()
    // a clock that was set back must not stop it for long
    if (isRunning || (nowMs >= lastMs && nowMs - lastMs < hourMs)) return
    lastMs = nowMs
    isRunning = true
    try {
      await work(nowMs)
    } finally {
      isRunning = false
    }
  }
}
