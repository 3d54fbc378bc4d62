import type { Revocation } from '@mintmark/registry/revocation'

/** What one committed change makes old: clients' snapshots, or the catalog all requests share. */
export interface Invalidation {
  readonly clientIds: readonly string[]
  readonly catalog: boolean
  readonly sequence: number
  /** Tokens that it has ended; absent: none. */
  readonly revocations?: readonly Revocation[]
}

/**
 * Someone with a cache: this process's own, or a worker's. Fulfils when the cache has forgotten.
 */
export type ChangeListener = (invalidation: Invalidation) => Promise<void> | void

/**
 * Numbers the changes and tells every cache of them before the change's caller hears of success.
 */
export interface ChangePublisher {
  /** Called synchronously at the commit, so that numbers follow the order of commits. */
  next(): number
  publish(invalidation: Invalidation): Promise<void>
  sequence(): number
  listen(listener: ChangeListener): () => void
}

export const createChangePublisher = (): ChangePublisher => {
  const listeners = new Set<ChangeListener>()
  let sequence = 1
  return {
    next: () => {
      sequence += 1
      return sequence
    },
    publish: async (invalidation) => {
      await Promise.all([...listeners].map((listener) => listener(invalidation)))
    },
    sequence: () => sequence,
    listen: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
