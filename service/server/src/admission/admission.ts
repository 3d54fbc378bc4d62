import { LRUCache } from 'lru-cache'

/** Limits how often a proven client may ask from one source. */
export interface Admission {
  /** Takes one request; 0: admitted, otherwise the seconds to wait. */
  take(clientId: string, source: string, nowMs: number): number
}

export interface AdmissionLimits {
  /** Requests of one client from one source in a minute; 0: no limit. */
  readonly requestsPerMinute: number
  readonly isExempt: (source: string) => boolean
  /** Pairs remembered; the one longest silent goes first. */
  readonly pairsMax: number
}

interface Bucket {
  tokens: number
  filledAtMs: number
}

/**
 * A token bucket per client and source: a minute's worth may come at once, then as they refill.
 * Kept in memory by each worker: it protects the machine. What protects secrets is durable, see the
 * ledger's failed attempts.
 */
export const createAdmission = (limits: AdmissionLimits): Admission => {
  const buckets = new LRUCache<string, Bucket>({ max: limits.pairsMax })
  const perMs = limits.requestsPerMinute / 60_000
  return {
    take: (clientId, source, nowMs) => {
      if (limits.requestsPerMinute === 0 || limits.isExempt(source)) return 0
      const key = `${source} ${clientId}`
      let bucket = buckets.get(key)
      if (bucket === undefined) {
        bucket = { tokens: limits.requestsPerMinute, filledAtMs: nowMs }
        buckets.set(key, bucket)
      }
      const refill = Math.max(0, nowMs - bucket.filledAtMs) * perMs
      bucket.tokens = Math.min(limits.requestsPerMinute, bucket.tokens + refill)
      bucket.filledAtMs = nowMs
      if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / perMs / 1000))
      bucket.tokens -= 1
      return 0
    },
  }
}
