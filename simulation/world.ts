import { AsyncLocalStorage } from 'node:async_hooks'
import { createRandom, type Random } from './random.ts'

/** Whoever acts: a server, a guard, the database, a client. What it starts runs in its name. */
export interface Actor {
  readonly name: string
  /** What a dead one had begun never ends. */
  alive: boolean
  /** Nothing of it runs before this instant of the world. */
  pausedUntilMs: number
  /** By how much its wall clock is ahead of the world's. */
  clockAheadMs: number
  /** Runs something in its name, at once. */
  readonly act: <T>(run: () => T) => T
}

/** Something that will happen, unless it is called off. */
export interface Due {
  readonly actor: Actor
  readonly run: () => void
  atMs: number
  order: number
  isOff: boolean
}

/** Time, chance and the order of all that happens: one number decides about all of it. */
export interface World {
  readonly random: Random
  /** Milliseconds since the epoch; only what happens next moves it. */
  nowMs(): number
  after(actor: Actor, ms: number, run: () => void): Due
  /** Puts all that is due later by `ms`, or everything at once where it comes before. */
  sleepAll(ms: number): void
  /** Runs what is due up to an instant, one after the other, each with all that follows at once. */
  run(untilMs: number): Promise<void>
  /** One line of the history. */
  tell(line: string): void
  readonly history: readonly string[]
  eventCount(): number
}

/** In whose name the program runs just now. */
export const acting = new AsyncLocalStorage<Actor>()
let present: World | null = null

/** The world that is being run; null: none. */
export const presentWorld = (): World | null => present

export const createActor = (name: string): Actor => {
  const act: Actor['act'] = (run) => run()
  const actor = { name, alive: true, pausedUntilMs: 0, clockAheadMs: 0, act }
  // once: `acting.run` makes a new frame for each event
  actor.act = acting.run(actor, () => AsyncLocalStorage.snapshot())
  return actor
}

const realSetImmediate = globalThis.setImmediate
const turnsAtOnce = 50

/** A heap: what is due first comes first. Its instants lie beside it, close together. */
const createAgenda = () => {
  const heap: Due[] = []
  const instants: number[] = []
  const isBefore = (atMs: number, order: number, at: number): boolean => {
    const other = instants[at] as number
    return atMs < other || (atMs === other && order < (heap[at] as Due).order)
  }
  const put = (due: Due, at: number): void => {
    heap[at] = due
    instants[at] = due.atMs
  }
  const rise = (due: Due, from: number): void => {
    const { atMs, order } = due
    let at = from
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!isBefore(atMs, order, above)) break
      put(heap[above] as Due, at)
      at = above
    }
    put(due, at)
  }
  const sink = (due: Due): void => {
    const { atMs, order } = due
    const count = heap.length
    let at = 0
    for (;;) {
      let below = at * 2 + 1
      if (below >= count) break
      const beside = below + 1
      if (beside < count) {
        const first = instants[beside] as number
        if (isBefore(first, (heap[beside] as Due).order, below)) below = beside
      }
      if (isBefore(atMs, order, below)) break
      put(heap[below] as Due, at)
      at = below
    }
    put(due, at)
  }
  return {
    push: (due: Due): void => rise(due, heap.length),
    first: (): Due | undefined => heap[0],
    shift: (): void => {
      const last = heap.pop() as Due
      instants.pop()
      if (heap.length > 0) sink(last)
    },
  }
}

/** One world at a time: the clocks of this process are its own while it runs. */
export const createWorld = (seed: number, beginsAtMs: number): World => {
  const agenda = createAgenda()
  const history: string[] = []
  let nowMs = beginsAtMs
  let order = 0
  let events = 0

  const put = (due: Due): void => {
    order += 1
    due.order = order
    agenda.push(due)
  }

  /** The next that may run; null: nothing is due by then. */
  const take = (untilMs: number): Due | null => {
    for (;;) {
      const due = agenda.first()
      if (due === undefined || due.atMs > untilMs) return null
      agenda.shift()
      if (due.isOff || !due.actor.alive) continue
      if (due.atMs > nowMs) nowMs = due.atMs
      if (due.actor.pausedUntilMs <= nowMs) return due
      due.atMs = due.actor.pausedUntilMs
      put(due)
    }
  }

  const world: World = {
    random: createRandom(seed),
    nowMs: () => nowMs,
    after: (actor, ms, run) => {
      const due = { actor, run, atMs: nowMs + Math.max(0, ms), order: 0, isOff: false }
      put(due)
      return due
    },
    sleepAll: (ms) => {
      nowMs += ms
    },
    run: (untilMs) =>
      new Promise((resolve, reject) => {
        let isOver = false
        const end = (settle: () => void): void => {
          isOver = true
          present = null
          settle()
        }
        /** All that follows at once runs before the next turn. */
        const turn = (): void => {
          if (isOver) return
          const due = take(untilMs)
          if (due === null) {
            nowMs = Math.max(nowMs, untilMs)
            end(resolve)
            return
          }
          events += 1
          try {
            due.actor.act(due.run)
          } catch (error) {
            end(() => reject(error))
          }
        }
        // many at once: between any two of them Node runs promises, but asks the system nothing
        const round = (): void => {
          if (isOver) return
          for (let at = 0; at < turnsAtOnce; at += 1) realSetImmediate(turn)
          realSetImmediate(round)
        }
        present = world
        round()
      }),
    tell: (line) => void history.push(`${(nowMs - beginsAtMs).toFixed(3)} ${line}`),
    history,
    eventCount: () => events,
  }
  return world
}
