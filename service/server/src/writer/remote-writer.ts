import type {
  AttemptOutcome,
  FailedAttempt,
  LedgerEntry,
  RecordOutcome,
} from '@mintmark/registry/ledger'
import { StorageFailed } from '@mintmark/storage/database'
import { createWhenIdle } from '@mintmark/storage/when-idle'
import { LRUCache } from 'lru-cache'
import type { AdministrationAnswer } from '../administration/administration.ts'
import type { ConsoleOutcome } from '../console/console-command.ts'
import type { Writer } from '../services.ts'
import type { KeyOutcome } from '../upkeep/change-keys.ts'
import type { CallName, LockedPair, ToPrimary, ToWorker } from './messages.ts'

interface Waiting {
  readonly fulfil: (value: never) => void
  readonly reject: (error: Error) => void
}

/** The writer as a worker process sees it: everything goes to the primary and is awaited. */
export interface RemoteWriter {
  readonly writer: Writer
  receive(message: ToWorker): void
  call(name: CallName, argument: unknown): Promise<unknown>
  /** The primary is gone: nobody who waits may wait for ever. */
  close(): void
}

const waitingMax = 50_000
const lockedPairsMax = 100_000

export const createRemoteWriter = (send: (message: ToPrimary) => void): RemoteWriter => {
  const waiting = new Map<number, Waiting>()
  const locked = new LRUCache<string, number>({ max: lockedPairsMax })
  const batch = createBatch(send, waiting)
  let lastCall = 0
  const call = (name: CallName, argument: unknown): Promise<unknown> =>
    new Promise((fulfil, reject) => {
      lastCall -= 1 // negative: records count upwards in the same map
      if (waiting.size >= waitingMax) return reject(new Error('too many calls under way'))
      waiting.set(lastCall, { fulfil, reject })
      send({ kind: 'call', id: lastCall, name, argument })
    })
  const settle = (id: number, how: (waiter: Waiting) => void): void => {
    const waiter = waiting.get(id)
    waiting.delete(id)
    if (waiter !== undefined) how(waiter)
  }
  const remember = (pair: LockedPair) =>
    locked.set(pairKey(pair.clientId, pair.source), pair.untilMs)
  return {
    call,
    writer: {
      administer: (command) => call('administer', command) as Promise<AdministrationAnswer>,
      console: (command) => call('console', command) as Promise<ConsoleOutcome>,
      changeKeys: (command) => call('changeKeys', command) as Promise<KeyOutcome>,
      ledger: {
        record: batch,
        recordFailure: (attempt: FailedAttempt) =>
          call('recordFailure', attempt) as Promise<AttemptOutcome>,
        recordRefusal: (event) => send({ kind: 'refusal', event }),
        lockedFor: (clientId, source) => {
          const until = locked.get(pairKey(clientId, source))
          return until === undefined ? 0 : Math.max(0, Math.ceil((until - Date.now()) / 1000))
        },
      },
    },
    receive: (message) => {
      if (message.kind === 'outcomes') {
        for (const [at, outcome] of message.outcomes.entries()) {
          settle(message.first + at, (waiter) => waiter.fulfil(outcome as never))
        }
      } else if (message.kind === 'answer') {
        settle(message.id, (waiter) => waiter.fulfil(message.value as never))
      } else if (message.kind === 'failure') {
        const fault = message.isOfStore ? StorageFailed : Error
        settle(message.id, (waiter) => waiter.reject(new fault(message.message)))
      } else if (message.kind === 'locked') {
        for (const pair of message.pairs) remember(pair)
      }
    },
    close: () => {
      for (const id of waiting.keys()) {
        settle(id, (waiter) => waiter.reject(new Error('the writer is gone')))
      }
    },
  }
}

const pairKey = (clientId: string, source: string): string => `${source} ${clientId}`

/** Entries travel together: the message costs more than the entry. */
const createBatch = (send: (message: ToPrimary) => void, waiting: Map<number, Waiting>) => {
  let entries: LedgerEntry[] = []
  const whenIdle = createWhenIdle(() => entries.length)
  let last = 0
  const flush = (): void => {
    const first = last - entries.length + 1
    const sent = entries
    entries = []
    send({ kind: 'records', first, entries: sent })
  }
  return (entry: LedgerEntry): Promise<RecordOutcome> => {
    if (waiting.size >= waitingMax) return Promise.resolve('overloaded')
    return new Promise((fulfil) => {
      entries.push(entry)
      last += 1
      waiting.set(last, { fulfil, reject: () => fulfil('unavailable') })
      if (entries.length === 1) whenIdle(flush)
    })
  }
}
