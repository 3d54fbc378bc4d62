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
  /** Whether what has been begun may go on now, within this turn; with `finishNow`. */
  hasRoom(): boolean
  finishNow<T>(work: () => T): T
  /** Goes on with what has been begun in a later turn, before what has not. */
  finish(work: () => void): void
  /**
   * Makes the next turn a short one: a connection has come, and others may wait behind it. libuv
   * accepts one in each turn, so that turns of full length would keep them waiting for seconds.
   */
  hurry(): void
  /**
   * Milliseconds that one request makes those behind it wait: what begins it and what finishes it,
   * and, where turns are full, its share of what the process does between them.
   */
  msEach(): number
}

/** How much one piece of work says about the next. */
const weight = 1 / 32
/** Longer was a process without a processor, which says little about the next piece. */
const pieceMsMax = 100

/** What pieces of work take, in the mean of the last ones. */
const createMean = () => {
  let mean = 0
  return {
    note: (ms: number): void => {
      mean += (Math.min(ms, pieceMsMax) - mean) * weight
    },
    ms: () => mean,
  }
}

/** Long enough that turning costs little: an RSA signature takes an eighth of it. */
const turnMsMax = 2
const shortTurnMsMax = 0.25

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
  const beginning = createMean()
  const finishing = createMean()
  let isArmed = false
  let isHurried = false
  let turnSinceMs = 0
  /** When the last turn ended that was too short for all; null: it was not. */
  let fullSinceMs: number | null = null

  const arm = (): void => {
    if (isArmed) return
    isArmed = true
    setImmediate(turn)
  }
  /** Does the next piece. @returns which it was; null: there was none */
  const doNext = () => {
    const next = begun.shift()
    if (next !== undefined) {
      next()
      return finishing
    }
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      if (one.isWanted()) {
        one.work()
        return beginning
      }
      one.drop()
    }
    return null
  }
  const size = (): number => begun.size() + waiting.size()
  const turn = (): void => {
    isArmed = false
    turnSinceMs = now()
    let sinceMs = fullSinceMs ?? turnSinceMs
    fullSinceMs = null
    const lengthMs = isHurried ? shortTurnMsMax : turnMsMax
    isHurried = false
    while (size() > 0) {
      // Armed before the work: if it throws, the others still have their turn.
      arm()
      const kind = doNext()
      const atMs = now()
      kind?.note(atMs - sinceMs)
      sinceMs = atMs
      if (atMs - turnSinceMs >= lengthMs) {
        if (size() > 0) fullSinceMs = atMs
        return
      }
    }
  }
  const measured = <T>(kind: ReturnType<typeof createMean>, work: () => T): T => {
    const sinceMs = now()
    const result = work()
    kind.note(now() - sinceMs)
    return result
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
      if (hasTime() && size() === 0) measured(beginning, work)
      else waiting.push({ work, isWanted, drop })
    },
    hasRoom: () => begun.size() === 0 && hasTime(),
    finishNow: (work) => measured(finishing, work),
    finish: (work) => {
      begun.push(work)
      arm()
    },
    hurry: () => {
      isHurried = true
    },
    msEach: () => beginning.ms() + finishing.ms(),
  }
}
