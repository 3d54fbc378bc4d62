import { StorageFailed } from '@mintmark/storage/database'
import type { Actor, World } from './world.ts'

/** The way between one server and the database, and what can happen on it. */
export interface Link {
  readonly actor: Actor
  /** Nothing gets through. */
  isCut: boolean
  /** Milliseconds that a message takes, at most. */
  delayMsMax: number
  /** How often the answer to a commit is lost, and how often the commit itself. */
  unknownPart: number
  lostPart: number
  /** How often a transaction takes its time between its statements. */
  slowPart: number
  /** How often a message is lost once, and comes when it is sent again. */
  latePart: number
}

/** Gives the result, or throws, where it is looked at. */
export type Outcome<T> = () => T

/** Questions of one server to the database. */
export interface Wire {
  readonly link: Link
  /** A question and its answer; either may be lost, and then nobody knows whether it was heard. */
  exchange<T>(act: (answer: (outcome: Outcome<T>) => void) => void, patienceMs: number): Promise<T>
  delayMs(): number
  pause(ms: number): Promise<void>
  /** Why the database could not be asked last; null: it could. */
  failure(): string | null
  note(error: unknown): void
}

/** What is sent again overtakes nothing on its own connection, but all on the others. */
const lateMsMax = 300

export const lost = (): StorageFailed => new StorageFailed('PostgreSQL cannot be reached: no route')

/** Runs now; what came of it is given or thrown later. */
export const outcomeOf = <T>(run: () => T): Outcome<T> => {
  try {
    const value = run()
    return () => value
  } catch (error) {
    return () => {
      throw error
    }
  }
}

export const createWire = (world: () => World, database: Actor, link: Link): Wire => {
  const { actor } = link
  let failure: string | null = null
  const delayMs = (): number => {
    const { random } = world()
    const lateMs = random.chance(link.latePart) ? random.next() * lateMsMax : 0
    return random.next() * link.delayMsMax + lateMs
  }
  const note = (error: unknown): void => {
    if (error instanceof StorageFailed) failure = error.message
  }
  const exchange: Wire['exchange'] = (act, patienceMs) =>
    new Promise((resolve, reject) => {
      let isOver = false
      const settle = (outcome: () => Parameters<typeof resolve>[0]): void => {
        if (isOver) return
        isOver = true
        patience.isOff = true
        try {
          resolve(outcome())
          failure = null
        } catch (error) {
          note(error)
          reject(error)
        }
      }
      const isRefused = link.isCut && world().random.chance(0.5)
      const patience = world().after(actor, isRefused ? 1 : patienceMs, () =>
        settle(() => {
          throw lost()
        }),
      )
      if (link.isCut) return
      world().after(database, delayMs(), () => {
        if (link.isCut) return
        act((outcome) => {
          if (!link.isCut) world().after(actor, delayMs(), () => settle(outcome))
        })
      })
    })
  return {
    link,
    exchange,
    delayMs,
    pause: (ms) => new Promise((resolve) => void world().after(actor, ms, resolve)),
    failure: () => failure,
    note,
  }
}
