import { type SharedDatabase, type Statements, StorageFailed } from '@mintmark/storage/database'
import type { Store } from './store.ts'
import type { Session, Turnstile } from './turnstile.ts'
import { lost, outcomeOf, type Wire } from './wire.ts'
import type { Actor, World } from './world.ts'

export interface TransactionParts {
  readonly world: () => World
  readonly database: Actor
  readonly store: Store
  readonly turnstile: Turnstile
  readonly wire: Wire
  /** It is on the disk. */
  readonly committed: (session: Session) => void
}

export interface Transactions extends Pick<SharedDatabase, 'transaction' | 'beforeTransactions'> {
  settled(): Promise<void>
  /** The one that is under way; null: none is. */
  underWay(): Session | null
}

const turnWaitMs = 5000
const answerMsMax = 3000

const ended = (): StorageFailed => new StorageFailed('the transaction has ended')

/** Waits for the lock that all transactions of all servers take. */
const enter = async (parts: TransactionParts, began: (session: Session) => void) => {
  const { world, database, store, turnstile, wire } = parts
  const session: Session = {
    state: 'waiting',
    isDirty: false,
    writesKeys: false,
    idle: null,
    granted: () => {},
  }
  await wire
    .exchange<void>((answer) => {
      const waitEnds = world().after(database, turnWaitMs, () => {
        if (session.state !== 'waiting') return
        turnstile.leave(session, false)
        answer(() => {
          throw new Error('canceling statement due to lock timeout')
        })
      })
      session.granted = () => {
        waitEnds.isOff = true
        store.mark('SAVEPOINT work')
        turnstile.watch(session)
        answer(() => {})
      }
      began(session)
      turnstile.enter(session)
    }, turnWaitMs + answerMsMax)
    .catch((error: unknown) => {
      turnstile.leave(session, true)
      throw error
    })
  return session
}

/** Statements of a transaction: at once, or each with its way there and back. */
const statementsIn = (
  { store, turnstile, wire }: TransactionParts,
  session: Session,
  isSlow: boolean,
): Statements => {
  const act = async <T>(run: () => T): Promise<T> => {
    const guarded = (): T => {
      if (session.state !== 'open') throw ended()
      return run()
    }
    if (!isSlow) return guarded()
    return wire.exchange<T>((answer) => {
      const outcome = outcomeOf(guarded)
      if (session.state === 'open') turnstile.watch(session)
      answer(outcome)
    }, answerMsMax)
  }
  return {
    all: (sql, params) => act(() => store.all(sql, params)),
    run: (sql, params) => {
      if (sql.includes('signing_key')) session.writesKeys = true
      return act(() => store.run(sql, params))
    },
  }
}

const commit = async (
  { world, store, turnstile, wire, committed }: TransactionParts,
  session: Session,
  isSlow: boolean,
): Promise<void> => {
  const { random } = world()
  const apply = (): void => {
    if (session.state !== 'open') throw ended()
    store.mark('RELEASE work')
    turnstile.leave(session, false)
    committed(session)
  }
  if (random.chance(wire.link.lostPart)) {
    turnstile.leave(session, true)
    await wire.pause(wire.delayMs())
    throw lost()
  }
  const isUnknown = random.chance(wire.link.unknownPart)
  if (isSlow) await wire.exchange<void>((answer) => answer(outcomeOf(apply)), answerMsMax)
  else {
    apply()
    // a server that dies here never hears of what it has stored
    await wire.pause(wire.delayMs() + wire.delayMs())
  }
  if (isUnknown) throw lost()
}

/** Transactions of one server: one after the other, and after those of all others. */
export const createTransactions = (parts: TransactionParts): Transactions => {
  const { world, turnstile, wire } = parts
  const listeners: ((statements: Statements) => Promise<void>)[] = []
  let current: Session | null = null
  let tail: Promise<void> = Promise.resolve()

  const alone = async <T>(work: (statements: Statements) => Promise<T>): Promise<T> => {
    const session = await enter(parts, (begun) => {
      current = begun
    })
    const isSlow = world().random.chance(wire.link.slowPart)
    const statements = statementsIn(parts, session, isSlow)
    try {
      session.isDirty = true
      for (const listener of listeners) await listener(statements)
      const value = await work(statements)
      await commit(parts, session, isSlow)
      return value
    } catch (error) {
      turnstile.leave(session, true)
      wire.note(error)
      throw error
    } finally {
      current = null
    }
  }

  return {
    beforeTransactions: (listener) => void listeners.push(listener),
    transaction: async (work, committed) => {
      const turn = tail
      const { promise, resolve } = Promise.withResolvers<void>()
      tail = promise
      await turn
      try {
        const value = await alone(work)
        committed?.(value)
        return value
      } finally {
        resolve()
      }
    },
    settled: () => tail,
    underWay: () => current,
  }
}
