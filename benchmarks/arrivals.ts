/** `constant`: evenly spaced. `poisson`: as independent callers come, with bursts and gaps. */
export type ArrivalPattern = 'constant' | 'poisson'

/** A stretch of an open-loop run with one rate. */
export interface Phase {
  readonly name: string
  readonly ratePerSecond: number
  readonly seconds: number
}

/** One request that is due. */
export interface Arrival {
  /** Milliseconds after the start of the run. */
  readonly dueMillis: number
  /** Which phase it belongs to, counted from 0. */
  readonly phase: number
}

/** Numbers from 0 to below 1 that are the same for the same seed (mulberry32). */
export function seededDraw(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * When requests are due, in order, whatever becomes of them.
 *
 * @param draw chance for the pattern `poisson`
 */
export function* arrivals(
  phases: readonly Phase[],
  pattern: ArrivalPattern,
  draw: () => number,
): Generator<Arrival, undefined> {
  let startMillis = 0
  for (const [phase, { ratePerSecond, seconds }] of phases.entries()) {
    const gapMillis = 1_000 / ratePerSecond
    const endMillis = startMillis + seconds * 1_000
    let count = 0
    let dueMillis = startMillis
    const next = (): number => {
      count += 1
      if (pattern === 'constant') return startMillis + count * gapMillis
      return dueMillis - Math.log(1 - draw()) * gapMillis
    }
    if (pattern === 'poisson') dueMillis = next()
    for (; dueMillis < endMillis; dueMillis = next()) yield { dueMillis, phase }
    startMillis = endMillis
  }
  return undefined
}
