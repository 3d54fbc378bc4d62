/** A turn of the event loop in which nothing happened takes about a microsecond. */
const idleTurnMsMax = 0.01
/** In a server that is busy all the time some fifty requests come meanwhile, and share a commit. */
const apartMs = 8
/** Where each needs longer (RSA, a handshake) fewer come, and are waited for. */
const enough = 32
const apartMsMax = 24
/** Where hardly anybody comes, and something else keeps the process busy, nobody is waited for. */
const some = 3

/**
 * Makes what costs as much for sixty as for one (a commit, a message to the process that commits)
 * wait until this process has nothing else to do: by then all who can join have joined. Where the
 * event loop is never idle all wait for the processor anyway, and it begins after a while.
 * @param joined how many have joined
 * @param now milliseconds of a clock that nobody sets
 * @returns runs what it is given once, in a later turn of the event loop
 */
export const createWhenIdle = (
  joined: () => number,
  now: () => number = () => performance.now(),
): ((begin: () => void) => void) => {
  let beganAtMs = Number.NEGATIVE_INFINITY
  const isDue = (nowMs: number): boolean => {
    const count = joined()
    const waitMs = count >= some && count < enough ? apartMsMax : apartMs
    return nowMs - beganAtMs >= waitMs
  }
  return (begin) => {
    let turnSinceMs = now()
    const look = (): void => {
      const nowMs = now()
      const isIdle = nowMs - turnSinceMs <= idleTurnMsMax
      if (!isIdle && !isDue(nowMs)) {
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
