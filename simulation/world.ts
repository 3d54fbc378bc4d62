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

export const createActor = (name: string): Actor => ({
  name,
  alive: true,
  pausedUntilMs: 0,
  clockAheadMs: 0,
})

const realSetImmediate = globalThis.setImmediate
const turnsAtOnce = 50

const isBefore = (a: Due, b: Due): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)

/** A heap: what is due first comes first. */
const createAgenda = () => {
  const heap: Due[] = []
  const rise = (from: number): void => {
    const due = heap[from] as Due
    let at = from
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!isBefore(due, heap[above] as Due)) break
      heap[at] = heap[above] as Due
      at = above
    }
    heap[at] = due
  }
  const sink = (due: Due): void => {
    let at = 0
    for (;;) {
      let below = at * 2 + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && isBefore(heap[below + 1] as Due, heap[below] as Due))
        below += 1
      if (!isBefore(heap[below] as Due, due)) break
      heap[at] = heap[below] as Due
      at = below
    }
    heap[at] = due
  }
  return {
    push: (due: Due): void => {
      heap.push(due)
      rise(heap.length - 1)
    },
    first: (): Due | undefined => heap[0],
    shift: (): void => {
      const last = heap.pop() as Due
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
            acting.run(due.actor, due.run)
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
