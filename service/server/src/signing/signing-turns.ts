/** Runs work at once, or in a later turn of the event loop; in the order in which it was given. */
export type SignInTurns = <T>(work: () => T) => T | Promise<T>

/**
 * Signatures of one group commit would all be made in one turn of the event loop, and 128 of RSA
 * hold up everybody else for 33 ms. So each turn makes as many as fit into a slice, and between
 * slices the sockets are looked at.
 *
 * @param sliceMs after so many milliseconds of work, the rest waits for the next turn
 * @param now milliseconds of a clock that is never set
 */
export const createSigningTurns = (
  sliceMs: number,
  now: () => number = () => performance.now(),
): SignInTurns => {
  let spentMs = 0
  let isTurnWatched = false
  let waiting: (() => void)[] = []
  let next = 0

  const timed = <T>(work: () => T): T => {
    const started = now()
    try {
      return work()
    } finally {
      spentMs += now() - started
    }
  }
  const watchTurn = (): void => {
    if (isTurnWatched) return
    isTurnWatched = true
    setImmediate(beginTurn)
  }
  const beginTurn = (): void => {
    isTurnWatched = false
    spentMs = 0
    if (next === waiting.length) return
    while (next < waiting.length && spentMs < sliceMs) (waiting[next++] as () => void)()
    if (next === waiting.length) {
      waiting = []
      next = 0
    }
    watchTurn()
  }

  return (work) => {
    watchTurn()
    if (waiting.length === 0 && spentMs < sliceMs) return timed(work)
    return new Promise((fulfil, reject) => {
      waiting.push(() => {
        try {
          fulfil(timed(work))
        } catch (fault) {
          reject(fault)
        }
      })
    })
  }
}
