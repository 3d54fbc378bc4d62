/** What is told of many latencies, in milliseconds; NaN where there was none. */
export interface Latencies {
  readonly count: number
  readonly p50Millis: number
  readonly p99Millis: number
  readonly p999Millis: number
  readonly maxMillis: number
}

/** Each bucket ends this much above where it begins: what is read is at most 1 % too high. */
const growth = 1.01
const smallestMillis = 0.001
/** Up to about eleven minutes; what is longer falls into the last one. */
const buckets = 2_048
const logGrowth = Math.log(growth)

/** Latencies in a memory that does not grow with their number. */
export interface LatencyHistogram {
  readonly record: (millis: number) => void
  readonly read: () => Latencies
}

export function createLatencyHistogram(): LatencyHistogram {
  const counts = new Uint32Array(buckets)
  let count = 0
  let maxMillis = 0
  const at = (share: number): number => {
    if (count === 0) return Number.NaN
    let left = Math.max(1, Math.ceil(count * share))
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      left -= counts[bucket]!
      if (left <= 0) return Math.min(maxMillis, smallestMillis * growth ** (bucket + 1))
    }
    return maxMillis
  }
  return {
    record: (millis) => {
      const bucket = Math.floor(
        Math.log(Math.max(millis, smallestMillis) / smallestMillis) / logGrowth,
      )
      counts[Math.min(buckets - 1, bucket)]! += 1
      count += 1
      if (millis > maxMillis) maxMillis = millis
    },
    read: () => ({
      count,
      p50Millis: at(0.5),
      p99Millis: at(0.99),
      p999Millis: at(0.999),
      maxMillis: count === 0 ? Number.NaN : maxMillis,
    }),
  }
}
