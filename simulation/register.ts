/**
 * What a value may be, as far as whoever changed it knows: a change takes effect at some instant
 * between its call and its answer, and one without an answer some time after its call, or never.
 */
export interface Register<Value> {
  /** A change was asked for; what is returned is told how it ended. */
  change(value: Value, atMs: number): PendingChange
  /** Every value that it may have had at some instant of a time. */
  during(fromMs: number, untilMs: number): ReadonlySet<Value>
  /** Everybody sleeps for so long: what may yet take effect may do so later. */
  sleep(atMs: number, ms: number): void
}

export interface PendingChange {
  readonly invokedMs: number
  acknowledge(atMs: number): void
  /** It certainly did not happen. */
  refuse(): void
}

interface Write<Value> {
  readonly value: Value
  readonly invokedMs: number
  ackedMs: number | null
  /** Where there is no answer: it takes effect by then, or never. */
  lastMs: number
  isRefused: boolean
}

/** A request without an answer takes effect within this time, or never. */
export const unknownMsMax = 20_000

export const createRegister = <Value>(first: Value): Register<Value> => {
  const nothing = Number.NEGATIVE_INFINITY
  const writes: Write<Value>[] = [
    { value: first, invokedMs: nothing, ackedMs: nothing, lastMs: nothing, isRefused: false },
  ]
  const endOf = ({ ackedMs, lastMs }: Write<Value>): number => ackedMs ?? lastMs

  return {
    change: (value, atMs) => {
      const write: Write<Value> = {
        value,
        invokedMs: atMs,
        ackedMs: null,
        lastMs: atMs + unknownMsMax,
        isRefused: false,
      }
      writes.push(write)
      return {
        invokedMs: atMs,
        acknowledge: (ackedMs) => {
          write.ackedMs = ackedMs
        },
        refuse: () => {
          write.isRefused = true
        },
      }
    },
    during: (fromMs, untilMs) => {
      const possible = new Set<Value>()
      const living = writes.filter(({ isRefused }) => !isRefused)
      for (const write of living) {
        if (write.invokedMs > untilMs) continue
        const isOvertaken = living.some(
          (other) =>
            other.ackedMs !== null && other.ackedMs <= fromMs && other.invokedMs > endOf(write),
        )
        if (!isOvertaken) possible.add(write.value)
      }
      return possible
    },
    sleep: (atMs, ms) => {
      for (const write of writes) if (write.lastMs > atMs) write.lastMs += ms
    },
  }
}
