import { calm, decideLoad, type LoadLimits } from '@mintmark/decisions/admission/decide-load'
import { createWorkQueue } from './work-queue.ts'

/** What one process has to do for OAuth requests, and whether it can do more. */
export interface Workload {
  /**
   * Whether one more request must be refused, of which nothing has been read.
   * @param mayWait true: what ends tokens is taken even where requests wait for too long
   */
  isFull(mayWait: boolean): boolean
  /**
   * Begins with a request that is there as a whole, in its turn; `work` must `leave` at its end.
   * @param isWanted whether somebody still waits for it when its turn has come
   */
  begin(work: () => void, isWanted: () => boolean): void
  /** The rest of it, after a wait: now if there is room, else in its turn. */
  finish<T>(work: () => T): T | Promise<T>
  leave(): void
  /** To be told of each connection that comes; see `WorkQueue`. */
  hurry(): void
}

/**
 * Callers have given up after some seconds at the latest, and wait gladly for two tenths: a small
 * machine that many ask at once is not overloaded.
 */
const limits: LoadLimits = { waitMsMax: 200, burstMs: 100, memoryMs: 1000 }

/** How much the wait of one request says about the next. */
const weight = 1 / 32

/** Whatever they wait for, a slow disk for example: what they hold in memory has a bound. */
const underWayMax = 4000

/**
 * How long requests wait for their turn, for each that is under way. What waits for the disk lets
 * others go first, so it makes nobody wait.
 */
const createWait = () => {
  let waitMs = 0
  let others = 1
  return {
    note: (ms: number, ahead: number): void => {
      waitMs += (ms - waitMs) * weight
      others += (Math.max(1, ahead) - others) * weight
    },
    /** Of the means, not the mean of each: one that came alone into a pause says little. */
    msEach: () => waitMs / others,
  }
}

export const createWorkload = (now: () => number = () => performance.now()): Workload => {
  const queue = createWorkQueue(now)
  let standing = calm
  let underWay = 0
  const toBegin = createWait()
  const toFinish = createWait()
  const leave = (): void => {
    underWay -= 1
  }
  return {
    isFull: (mayWait) => {
      const waitMs = underWay * (toBegin.msEach() + toFinish.msEach())
      standing = decideLoad(standing, { waitMs, nowMs: now() }, limits)
      return underWay >= underWayMax || (standing.isShedding && !mayWait)
    },
    begin: (work, isWanted) => {
      const ahead = underWay
      const sinceMs = now()
      underWay += 1
      const begin = (): void => {
        toBegin.note(now() - sinceMs, ahead)
        work()
      }
      queue.begin(begin, isWanted, leave)
    },
    finish: (work) => {
      if (queue.hasRoom()) {
        toFinish.note(0, underWay)
        return work()
      }
      const ahead = underWay
      const sinceMs = now()
      return new Promise((fulfil, reject) => {
        queue.finish(() => {
          toFinish.note(now() - sinceMs, ahead)
          try {
            fulfil(work())
          } catch (error) {
            reject(error)
          }
        })
      })
    },
    leave,
    hurry: queue.hurry,
  }
}
