import type { Actor, Due, World } from './world.ts'

/** One transaction as the database sees it. */
export interface Session {
  state: 'waiting' | 'open' | 'over'
  /** It holds something that nobody else may see. */
  isDirty: boolean
  writesKeys: boolean
  idle: Due | null
  granted: () => void
}

const idleMaxMs = 2000

/** The one lock that all transactions take, and who waits for what they have not committed. */
export type Turnstile = ReturnType<typeof createTurnstile>

export const createTurnstile = (world: () => World, database: Actor, undo: () => void) => {
  let holder: Session | null = null
  const waiting: Session[] = []
  let readers: (() => void)[] = []

  const grant = (): void => {
    if (holder !== null) return
    const next = waiting.shift()
    if (next === undefined) return
    holder = next
    next.state = 'open'
    next.granted()
  }

  const leave = (session: Session, isUndone: boolean): void => {
    if (session.state === 'over') return
    if (session.idle !== null) session.idle.isOff = true
    if (session.state === 'waiting') waiting.splice(waiting.indexOf(session), 1)
    session.state = 'over'
    if (holder !== session) return
    if (isUndone) undo()
    holder = null
    const woken = readers
    readers = []
    for (const read of woken) read()
    world().after(database, 0, grant)
  }

  return {
    enter: (session: Session): void => {
      waiting.push(session)
      grant()
    },
    leave,
    /** Whoever says nothing for so long is rolled back. */
    watch: (session: Session): void => {
      if (session.idle !== null) session.idle.isOff = true
      session.idle = world().after(database, idleMaxMs, () => leave(session, true))
    },
    /** At once, or when nothing can be seen that is not committed. */
    whenClean: (read: () => void): void => {
      if (holder?.isDirty) readers.push(read)
      else read()
    },
    reset: (): void => {
      holder = null
      waiting.length = 0
      readers = []
    },
  }
}
