/** How far a Bulk has come; what it says has been committed. */
export interface BulkStanding {
  /** Operations that are done. */
  readonly done: number
  /** What the bulkIds of those operations stand for. */
  readonly ids: ReadonlyMap<string, string>
  readonly results: readonly Readonly<Record<string, unknown>>[]
  readonly errors: number
  /** Built-in roles that its administrator held when it began; null: it has not begun. */
  readonly heldRoles: ReadonlySet<string> | null
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
  done: 0,
  ids: new Map(),
  results: [],
  errors: 0,
  heldRoles: null,
  isOver: false,
}
