/** Smallest, middle and largest of some rounds. */
export interface Spread {
  readonly min: number
  readonly median: number
  readonly max: number
}

/** The spread of some figures, NaN for none; an even count's median is its middle two's mean. */
export function spreadOf(figures: readonly number[]): Spread {
  const sorted = [...figures].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const at = (index: number): number => sorted[index] ?? Number.NaN
  return {
    min: at(0),
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    max: at(sorted.length - 1),
  }
}
