/** A turn of the event loop in which nothing happened takes about a microsecond. */
const idleTurnMsMax = 0.01
/** In a server that is busy all the time some fifty requests come meanwhile, and share a commit. */
const apartMsUsual = 8

/**
 * Makes what costs as much for sixty as for one (a commit, a message to the process that commits)
 * wait until this process has nothing else to do: by then all who can join have joined. Where the
 * event loop is never idle all wait for the processor anyway, and it begins after a while.
 * @param apartMsMax then, after the last beginning
 * @param now milliseconds of a clock that nobody sets
 * @returns runs what it is given once, in a later turn of the event loop
 */
export const createWhenIdle = (
  apartMsMax = apartMsUsual,
  now: () => number = () => performance.now(),
): ((begin: () => void) => void) => {
  let beganAtMs = Number.NEGATIVE_INFINITY
  return (begin) => {
    let turnSinceMs = now()
    const look = (): void => {
      const nowMs = now()
      const isIdle = nowMs - turnSinceMs <= idleTurnMsMax
      if (!isIdle && nowMs - beganAtMs < apartMsMax) {
        turnSinceMs = nowMs
        setImmediate(look)
        return
      }
      beganAtMs = nowMs
      begin()
    }
    setImmediate(look)
  }
}
