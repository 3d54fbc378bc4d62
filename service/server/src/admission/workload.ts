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

/** Whatever they wait for, a slow disk for example: what they hold in memory has a bound. */
const underWayMax = 4000

export const createWorkload = (now: () => number = () => performance.now()): Workload => {
  const queue = createWorkQueue(now)
  let standing = calm
  let underWay = 0
  const leave = (): void => {
    underWay -= 1
  }
  return {
    isFull: (mayWait) => {
      // Not what they wait for the disk: it lets others go first, so it makes nobody wait.
      const waitMs = underWay * queue.msEach()
      standing = decideLoad(standing, { waitMs, nowMs: now() }, limits)
      return underWay >= underWayMax || (standing.isShedding && !mayWait)
    },
    begin: (work, isWanted) => {
      underWay += 1
      queue.begin(work, isWanted, leave)
    },
    finish: (work) => {
      if (queue.hasRoom()) return queue.finishNow(work)
      return new Promise((fulfil, reject) => {
        queue.finish(() => {
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
