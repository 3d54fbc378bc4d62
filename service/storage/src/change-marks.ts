/** When each client and the catalog last changed: tells which decisions have been overtaken. */
export interface ChangeMarks {
  mark(change: Iterable<string> | 'catalog', sequence: number): void
  /** Whether a decision on this client, true up to `sequence`, has been overtaken by a change. */
  overtaken(clientId: string, sequence: number): boolean
}

/**
 * @param clientsMax clients remembered one by one; below the newest one forgotten, every decision
 *   counts as overtaken, which costs a reload and never lets an outdated one pass
 */
export const createChangeMarks = (clientsMax: number): ChangeMarks => {
  const changedAt = new Map<string, number>()
  let forgotten = 0
  let catalogChangedAt = 0
  return {
    mark: (change, sequence) => {
      if (change === 'catalog') {
        catalogChangedAt = Math.max(catalogChangedAt, sequence)
        return
      }
      for (const clientId of change) {
        changedAt.delete(clientId)
        changedAt.set(clientId, sequence)
        if (changedAt.size <= clientsMax) continue
        for (const [oldest, at] of changedAt) {
          changedAt.delete(oldest)
          forgotten = Math.max(forgotten, at)
          break
        }
      }
    },
    overtaken: (clientId, sequence) =>
      sequence < catalogChangedAt || sequence < (changedAt.get(clientId) ?? forgotten),
  }
}
