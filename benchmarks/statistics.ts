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

/** A line through noisy points, as steep as the median of all pairs of them. */
export interface Slope {
  readonly perUnit: number
  /** 95 % of such samples have their slope within, if their noise is independent. */
  readonly low: number
  readonly high: number
}

/**
 * The slope of Theil and Sen, which no outlier moves, with Kendall's interval; NaN below 3 points.
 *
 * @param points pairs of x and y
 */
export function slopeOf(points: readonly (readonly [number, number])[]): Slope {
  const slopes: number[] = []
  for (const [at, [x, y]] of points.entries()) {
    for (const [otherX, otherY] of points.slice(at + 1)) slopes.push((otherY - y) / (otherX - x))
  }
  slopes.sort((a, b) => a - b)
  const count = points.length
  if (count < 3) return { perUnit: Number.NaN, low: Number.NaN, high: Number.NaN }
  const spread = 1.96 * Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18)
  const at = (rank: number): number =>
    slopes[Math.min(slopes.length - 1, Math.max(0, Math.round(rank)))]!
  const middle = (slopes.length - 1) / 2
  return {
    perUnit: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    low: at((slopes.length - spread) / 2 - 1),
    high: at((slopes.length + spread) / 2),
  }
}
