/**
 * Tells what comes again soon from what comes once, so that only the former is kept: keeping each
 * of a great many for a while is what a garbage collector does worst.
 *
 * @param slots a power of two; about as many different hashes later, one is taken for new again
 * @returns notes a hash, and says whether it was noted lately
 */
export const createSeenLately = (slots: number): ((hash: number) => boolean) => {
  const noted = new Float64Array(slots)
  return (hash) => {
    const at = (hash % 0x100000000) & (slots - 1)
    if (noted[at] === hash) return true
    noted[at] = hash
    return false
  }
}
