import type { BulkRequest } from '@mintmark/protocol/rfc7644-bulk'

/** How far a Bulk has come; what it says has been committed. */
export interface BulkStanding {
  /** What was asked, as the first slice has read it; null: it has not begun. */
  readonly request: BulkRequest | null
  /** Operations that are done. */
  readonly done: number
  /** What the bulkIds of those operations stand for. */
  readonly ids: ReadonlyMap<string, string>
  readonly results: readonly Readonly<Record<string, unknown>>[]
  readonly errors: number
  readonly isOver: boolean
}

/** Part of a Bulk in a transaction of its own. */
export interface BulkSlice {
  readonly from: BulkStanding
  /** Whether the next operation is for the next slice. */
  readonly isSpent: () => boolean
  /** Told at the end of the slice, before it is committed. */
  readonly reach: (standing: BulkStanding) => void
}

export const unbegunBulk: BulkStanding = {
  request: null,
  done: 0,
  ids: new Map(),
  results: [],
  errors: 0,
  isOver: false,
}
