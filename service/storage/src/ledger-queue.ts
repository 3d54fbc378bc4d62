import type { AuditEvent } from '@mintmark/registry/audit-event'
import type { AttemptOutcome, LedgerEntry, RecordOutcome } from '@mintmark/registry/ledger'
import { type AttemptChanges, nothingChanged } from './attempt-counters.ts'
import { type Batch, type BatchResult, isWritable, type Waiting } from './ledger-batch.ts'
import { createRefusalTally } from './refusal-tally.ts'
import { createWhenIdle } from './when-idle.ts'

/** A batch that is on the disk. */
export interface StoredBatch extends BatchResult {
  /** Fulfils when every process knows of its revocations. */
  readonly known: Promise<void>
}

export interface LedgerQueueOptions {
  readonly now: () => number
  readonly mode: 'strict' | 'available'
  /** Entries that may wait. */
  readonly queueMax: number
  /** Stores a batch durably, all of it or nothing. */
  readonly store: (batch: Batch) => Promise<StoredBatch>
  /** Whether only what ends something may be stored. */
  readonly isOnReserve: () => boolean
  readonly takeAttempts: () => AttemptChanges
  readonly giveBackAttempts: (changes: AttemptChanges) => void
  readonly onGap: (events: number) => void
  readonly onRecorded: (events: readonly AuditEvent[]) => void
  readonly onFailure: (error: unknown) => void
}

export interface LedgerQueue {
  record(entry: LedgerEntry): Promise<RecordOutcome>
  /** How many answers have been made to wait for a commit. */
  asked(): number
  /** Answers when what `takeAttempts` gave after this call has been stored. */
  afterCommit(outcome: AttemptOutcome): Promise<AttemptOutcome>
  recordRefusal(event: AuditEvent): void
  flush(): Promise<void>
  close(): Promise<void>
}

/** Entries in one commit: bounds how long the last of them waits for the first. */
const batchEntriesMax = 512
const refusalSumsMax = 1024
const refusalDelayMs = 1000

const overloaded: Promise<RecordOutcome> = Promise.resolve('overloaded')
const unavailable: Promise<RecordOutcome> = Promise.resolve('unavailable')

/** Null for what JSON cannot say: it is refused on arrival, so that it harms no other. */
const lineOf = (event: AuditEvent): string | null => {
  try {
    return JSON.stringify(event)
  } catch {
    return null
  }
}

/** Stores batches, and answers those who wait. Never rejects. */
const createCommit = (options: LedgerQueueOptions, giveBack: (batch: Batch) => void) => {
  /** Answers those whose record is not stored. */
  const answerWithout = (waiting: readonly Waiting[]): void => {
    let gap = 0
    for (const { entry, answer } of waiting) {
      // in no mode: a proof that could be used again, a token that lives on or is beyond a budget
      const isLimited = entry.charge?.budgets.some(({ mode }) => mode !== 'observe') === true
      const durable = entry.once.length > 0 || entry.revocation !== undefined || isLimited
      const answered = options.mode === 'available' && !durable
      if (answered) gap += 1
      answer(answered ? 'recorded' : 'unavailable')
    }
    if (gap > 0) options.onGap(gap)
  }
  const commit = async (batch: Batch): Promise<void> => {
    let result: StoredBatch
    try {
      result = await options.store(batch)
    } catch (error) {
      options.onFailure(error)
      giveBack(batch)
      answerWithout(batch.waiting)
      return
    }
    const { waiting } = batch
    for (let index = 0; index < waiting.length; index += 1) {
      const outcome = result.outcomes[index] ?? 'unavailable'
      const { entry, answer } = waiting[index] as Waiting
      if (entry.revocation === undefined || outcome !== 'recorded') answer(outcome)
      else
        result.known.then(
          () => answer(outcome),
          () => answer('unavailable'),
        )
    }
    if (result.events.length > 0) options.onRecorded(result.events)
  }
  /** Of the reserve only revocations may take; counts and refusals wait for room. */
  const commitOnReserve = async (waiting: readonly Waiting[]): Promise<void> => {
    const endings = waiting.filter(({ entry }) => entry.revocation !== undefined)
    answerWithout(waiting.filter(({ entry }) => entry.revocation === undefined))
    if (endings.length === 0) return
    await commit({ waiting: endings, refusals: [], attempts: nothingChanged })
  }
  return { commit, commitOnReserve }
}

/** Commits one batch after the other, and says when there is no more. */
const createPump = (
  { waiting, hasAny }: { readonly waiting: () => number; readonly hasAny: () => boolean },
  commitOne: () => Promise<void>,
  idle: () => void,
) => {
  const whenIdle = createWhenIdle(waiting)
  let scheduled = false
  let underWay: Promise<void> | null = null
  const turn = (): Promise<void> => {
    underWay = commitOne().finally(() => {
      underWay = null
      if (waiting() > 0) schedule()
      else idle()
    })
    return underWay
  }
  const schedule = (): void => {
    if (scheduled || underWay !== null) return
    scheduled = true
    whenIdle(() => {
      scheduled = false
      // whoever closes has not waited for this turn: all is stored then, and there is no database
      if (underWay === null && hasAny()) void turn()
    })
  }
  return { schedule, turn, underWay: () => underWay }
}

/**
 * Group commit: what comes while the event loop has something to do, and while a commit is under
 * way, is stored by one commit and answered after it.
 */
export const createLedgerQueue = (options: LedgerQueueOptions): LedgerQueue => {
  const tally = createRefusalTally(refusalSumsMax)
  let waiting: Waiting[] = []
  let counted: (() => void)[] = []
  let everything = false
  let timer: NodeJS.Timeout | null = null
  let asked = 0
  let closed = false

  const { commit, commitOnReserve } = createCommit(options, (batch) => {
    tally.giveBack(batch.refusals)
    options.giveBackAttempts(batch.attempts)
  })

  const commitOne = async (): Promise<void> => {
    const rest = waiting.length > batchEntriesMax ? waiting.splice(batchEntriesMax) : []
    const answers = counted
    const taken = waiting
    waiting = rest
    counted = []
    if (options.isOnReserve()) await commitOnReserve(taken)
    else {
      const refusals = tally.take(options.now(), everything)
      await commit({ waiting: taken, refusals, attempts: options.takeAttempts() })
    }
    for (const answer of answers) answer()
  }

  const whoWait = (): number => waiting.length + counted.length
  const hasAny = (): boolean => whoWait() > 0 || tally.size() > 0
  const pump = createPump({ waiting: whoWait, hasAny }, commitOne, () => scheduleLater())

  const scheduleLater = (): void => {
    if (timer !== null || closed || tally.size() === 0) return
    timer = setTimeout(() => {
      timer = null
      pump.schedule()
    }, refusalDelayMs)
    timer.unref()
  }

  const flush = async (): Promise<void> => {
    everything = true
    await pump.underWay()
    do await (pump.underWay() ?? pump.turn())
    while (whoWait() > 0)
    everything = false
  }

  return {
    asked: () => asked,
    record: (entry) => {
      asked += 1
      if (closed || !isWritable(entry)) return unavailable
      if (waiting.length >= options.queueMax) return overloaded
      const line = entry.alike === undefined ? lineOf(entry.event) : ''
      if (line === null) return unavailable
      return new Promise((answer) => {
        waiting.push({ entry, line, answer })
        pump.schedule()
      })
    },
    afterCommit: (outcome) => {
      asked += 1
      if (closed || counted.length >= options.queueMax) return Promise.resolve(outcome)
      return new Promise((answer) => {
        counted.push(() => answer(outcome))
        pump.schedule()
      })
    },
    recordRefusal: (event) => {
      if (closed || !Number.isFinite(event.at) || lineOf(event) === null) return
      tally.add(event)
      scheduleLater()
    },
    flush,
    close: async () => {
      closed = true
      if (timer !== null) clearTimeout(timer)
      await flush()
    },
  }
}
