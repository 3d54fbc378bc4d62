/**
 * The work of one process, a few milliseconds in each turn of the event loop: what else the process
 * has to do (refusing, health, administration) waits no longer than that, however much there is.
 */
export interface WorkQueue {
  /**
   * Runs it now if this turn has room and nobody waits, else in its order.
   * @param drop called in place of `work` when, in its turn, nobody waits for it any more
   */
  begin(work: () => void, isWanted: () => boolean, drop: () => void): void
  /** Whether what has been begun may go on now, within this turn. */
  hasRoom(): boolean
  /** Goes on with what has been begun in a later turn, before what has not. */
  finish(work: () => void): void
  /**
   * Makes the next turn a short one: a connection has come, and others may wait behind it. libuv
   * accepts one in each turn, so that turns of full length would keep them waiting for seconds
   * where there is more to do than time.
   */
  hurry(): void
}

/** Long enough that turning costs little: an RSA signature takes an eighth of it. */
const turnMsMax = 2
const shortTurnMsMax = 0.25
/** So long without a moment in which nothing waited: there is more to do than time. */
const fullMsMax = 20

type Work = () => void

interface Waiting {
  readonly work: Work
  readonly isWanted: () => boolean
  readonly drop: Work
}

/** First in, first out, without moving what is left at every step. */
const createLine = <One>() => {
  let waiting: (One | undefined)[] = []
  let head = 0
  return {
    push: (one: One) => void waiting.push(one),
    size: () => waiting.length - head,
    shift: (): One | undefined => {
      const one = waiting[head]
      if (one === undefined) return undefined
      waiting[head] = undefined
      head += 1
      if (head === waiting.length) {
        waiting = []
        head = 0
      } else if (head >= 1024) {
        waiting = waiting.slice(head)
        head = 0
      }
      return one
    },
  }
}

export const createWorkQueue = (now: () => number = () => performance.now()): WorkQueue => {
  const begun = createLine<Work>()
  const waiting = createLine<Waiting>()
  let isArmed = false
  let isHurried = false
  let turnSinceMs = 0
  let emptyAtMs = now()

  const arm = (): void => {
    if (isArmed) return
    isArmed = true
    setImmediate(turn)
  }
  const takeNext = (): Work | undefined => {
    const next = begun.shift()
    if (next !== undefined) return next
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      if (one.isWanted()) return one.work
      one.drop()
    }
    return undefined
  }
  const turn = (): void => {
    isArmed = false
    turnSinceMs = now()
    const isLong = turnSinceMs - emptyAtMs < fullMsMax || !isHurried
    const lengthMs = isLong ? turnMsMax : shortTurnMsMax
    isHurried = false
    for (;;) {
      const work = takeNext()
      if (work === undefined) {
        emptyAtMs = now()
        return
      }
      // Armed before the work: if it throws, the others still have their turn.
      arm()
      work()
      if (now() - turnSinceMs >= lengthMs) return
    }
  }
  /** The turn of whoever asks begins with the first one in it who does. */
  const hasTime = (): boolean => {
    const atMs = now()
    if (!isArmed) turnSinceMs = atMs
    arm()
    return atMs - turnSinceMs < turnMsMax
  }
  return {
    begin: (work, isWanted, drop) => {
      if (hasTime() && begun.size() === 0 && waiting.size() === 0) work()
      else waiting.push({ work, isWanted, drop })
    },
    hasRoom: () => begun.size() === 0 && hasTime(),
    finish: (work) => {
      begun.push(work)
      arm()
    },
    hurry: () => {
      isHurried = true
    },
  }
}
