import { setTimeout as wait } from 'node:timers/promises'

/** What the client takes from its surroundings; tests put their own in place. */
export interface World {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Milliseconds since the epoch. */
  nowMs(): number
  /** Milliseconds since some moment; never goes back, whatever happens to the clock. */
  monotonicMs(): number
  /** From 0 up to 1. */
  random(): number
  /** @throws the signal's reason when it is aborted meanwhile */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

export const realWorld: World = {
  environment: process.env,
  nowMs: Date.now,
  monotonicMs: () => performance.now(),
  random: Math.random,
  sleep: async (ms, signal) => {
    try {
      await wait(ms, undefined, { signal })
    } catch (error) {
      throw signal.aborted ? signal.reason : error
    }
  },
}
