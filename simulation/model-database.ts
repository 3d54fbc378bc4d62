import type { Row, SharedDatabase, SqlValue, Statements } from '@mintmark/storage/database'
import { StorageFailed } from '@mintmark/storage/database'
import { createStore, type Store } from './store.ts'
import { createTransactions } from './transactions.ts'
import { createTurnstile, type Turnstile } from './turnstile.ts'
import { createWire, type Link, outcomeOf, type Wire } from './wire.ts'
import { type Actor, createActor, type World } from './world.ts'

/** One database for all servers of a world. */
export interface ModelDatabase {
  /** @param keysChanged called after each commit that wrote signing keys */
  begin(world: World, keysChanged: () => void): void
  /** Takes back all that the world did; `keep`: leaves it for the worlds to come. */
  end(keep?: 'keep'): void
  connect(link: Link): Connected
  /** What is stored, seen by nobody of the world. */
  look(sql: string, params: readonly SqlValue[]): readonly Row[]
}

export interface Connected extends SharedDatabase {
  /** The server has died, or the machine under it. */
  drop(): void
}

const silenceMs = { read: 2000, alone: 1500 }
/** After this time a transaction whose server says nothing is rolled back. */
const idleMaxMs = 2000
const wakeLostPart = 0.2

/** Statements that are each committed by themselves; asked again where there is no answer. */
const singleStatements = (
  { store, turnstile, wire }: { store: Store; turnstile: Turnstile; wire: Wire },
  attempts: number,
  patienceMs: number,
  counted: () => void,
): Statements => {
  const ask = async <T>(run: () => T): Promise<T> => {
    counted()
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await wire.exchange<T>((answer) => {
          turnstile.whenClean(() => answer(outcomeOf(run)))
        }, patienceMs)
      } catch (error) {
        if (!(error instanceof StorageFailed) || attempt >= attempts) throw error
      }
    }
  }
  return {
    all: (sql, params) => ask(() => store.all(sql, params)),
    run: (sql, params) => ask(() => store.run(sql, params)),
  }
}

/** Who is told that there is news. */
const createWakes = (world: () => World) => {
  let wakes: { readonly actor: Actor; readonly wake: () => void }[] = []
  return {
    add: (actor: Actor, wake: () => void): void => void wakes.push({ actor, wake }),
    drop: (actor: Actor): void => {
      wakes = wakes.filter((each) => each.actor !== actor)
    },
    others: (actor: Actor, delayMs: () => number): void => {
      for (const { actor: other, wake } of wakes) {
        if (other === actor || world().random.chance(wakeLostPart)) continue
        world().after(other, delayMs(), wake)
      }
    },
    clear: (): void => {
      wakes = []
    },
  }
}

export const createModelDatabase = (): ModelDatabase => {
  const store = createStore()
  const database = createActor('database')
  let present: World | null = null
  let noteKeys: () => void = () => {}
  const world = (): World => {
    if (present === null) throw new Error('the database is in no world')
    return present
  }
  const wakes = createWakes(world)
  const turnstile = createTurnstile(world, database, () => {
    store.mark('ROLLBACK TO work')
    store.mark('RELEASE work')
  })

  const connectOver = (link: Link): Connected => {
    const { actor } = link
    let asked = 0
    const wire = createWire(world, database, link)
    const transactions = createTransactions({
      ...{ world, database, store, turnstile, wire },
      committed: ({ writesKeys }) => {
        if (writesKeys) noteKeys()
      },
    })
    const statementsBy = (attempts: number, patienceMs: number): Statements =>
      singleStatements({ store, turnstile, wire }, attempts, patienceMs, () => {
        asked += 1
      })
    const alone = statementsBy(1, silenceMs.alone)
    return {
      dialect: 'sqlite',
      read: statementsBy(2, silenceMs.read),
      lists: statementsBy(2, silenceMs.read),
      alone,
      upkeep: alone,
      transaction: transactions.transaction,
      beforeTransactions: transactions.beforeTransactions,
      wakeOthers: async () => {
        await alone.all('SELECT 1 AS woken', [])
        wakes.others(actor, wire.delayMs)
      },
      // there is no other database that could have taken its place
      confirm: async () => {
        await alone.all('SELECT 1 AS there', [])
      },
      hearsWakes: () => true,
      onWake: (wake) => wakes.add(actor, wake),
      statementCount: () => asked,
      failure: wire.failure,
      lost: () => null,
      close: async () => {
        await transactions.settled()
        wakes.drop(actor)
      },
      drop: () => {
        wakes.drop(actor)
        const session = transactions.underWay()
        // mostly the connection is reset, sometimes nobody says that the machine is gone
        const noticedMs = world().random.chance(0.8) ? wire.delayMs() : idleMaxMs
        if (session === null) return
        world().after(database, noticedMs, () => turnstile.leave(session, true))
      },
    }
  }

  return {
    begin: (next, keysChanged) => {
      present = next
      noteKeys = keysChanged
      wakes.clear()
      turnstile.reset()
      store.mark('BEGIN')
    },
    end: (keep) => {
      store.mark(keep === 'keep' ? 'COMMIT' : 'ROLLBACK')
      present = null
    },
    connect: connectOver,
    look: store.all,
  }
}
