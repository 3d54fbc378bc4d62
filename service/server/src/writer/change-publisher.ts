import type { Revocation } from '@mintmark/registry/revocation'
import type { Statements } from '@mintmark/storage/database'
import type { Change } from '@mintmark/storage/tables/change-entry'

/** What one committed change makes old: clients' snapshots, or the catalog all requests share. */
export interface Invalidation {
  readonly clientIds: readonly string[]
  readonly catalog: boolean
  /** Nobody knows any more what has changed: everything may have. */
  readonly everything?: true
  readonly sequence: number
  /** Tokens that it has ended; absent: none. */
  readonly revocations?: readonly Revocation[]
  /** The latest instant on record with it: what it ended has ended by then. Absent: not known. */
  readonly latestMs?: number
}

/**
 * Someone with a cache: this process's own, or a worker's. Fulfils when the cache has forgotten.
 */
export type ChangeListener = (invalidation: Invalidation) => Promise<void> | void

/** How the servers that share a database tell one another of changes. */
export interface SharedChanges {
  /** Tells of a change inside the transaction that makes it. @returns its number */
  enlist(statements: Statements, change: Change): Promise<number>
  /** The transaction of this change has been committed; called before anything else happens. */
  committed(number: number): void
  /** Fulfils when no other server acts any more on what was true before. */
  known(number: number): Promise<void>
  /** The same for the newest change that this server has heard of, whoever made it. */
  allKnown(): Promise<void>
}

/**
 * Numbers the changes and tells every cache of them before the change's caller hears of success.
 */
export interface ChangePublisher {
  /** Called synchronously at the commit, so that numbers follow the order of commits. */
  next(): number
  publish(invalidation: Invalidation): Promise<void>
  /** Tells the caches of this server of a change that another one has made. */
  hear(invalidation: Invalidation): void
  /** Null: this server alone writes to its database, and changes have the numbers of `next`. */
  readonly shared: SharedChanges | null
  sequence(): number
  listen(listener: ChangeListener): () => void
}

export const createChangePublisher = (shared: SharedChanges | null = null): ChangePublisher => {
  const listeners = new Set<ChangeListener>()
  let sequence = 1
  const tell = async (invalidation: Invalidation): Promise<void> => {
    sequence = Math.max(sequence, invalidation.sequence)
    await Promise.all([...listeners].map((listener) => listener(invalidation)))
  }
  return {
    shared,
    hear: (invalidation) => void tell(invalidation),
    next: () => {
      sequence += 1
      return sequence
    },
    publish: async (invalidation) => {
      await tell(invalidation)
      await shared?.known(invalidation.sequence)
    },
    sequence: () => sequence,
    listen: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
