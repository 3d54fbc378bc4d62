import type { AuditEvent } from '@mintmark/registry/audit-event'
import type { FailedAttempt, Ledger } from '@mintmark/registry/ledger'
import type { Revocation } from '@mintmark/registry/revocation'
import { type AttemptLimits, createAttemptCounters } from './attempt-counters.ts'
import { createChangeMarks } from './change-marks.ts'
import type { Database } from './database.ts'
import { type Batch, writeBatch } from './ledger-batch.ts'
import { createLedgerQueue, type StoredBatch } from './ledger-queue.ts'
import { type SweepResult, sweepLedger } from './ledger-sweep.ts'
import { createSecretUses } from './secret-uses.ts'
import { listAttempts } from './tables/failed-attempt.ts'
import { findSweepMark } from './tables/used-proof.ts'
import { openUsedProofs } from './used-proofs.ts'

export interface LedgerOptions {
  readonly database: Database
  readonly domainId: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** `strict`: no durable record, no token. `available`: answers and counts the gap. */
  readonly mode: 'strict' | 'available'
  /** Entries that may wait; further ones are `overloaded`. */
  readonly queueMax: number
  readonly limits?: AttemptLimits
  /** So many events were answered or dropped without a durable record. */
  readonly onGap?: (events: number) => void
  /** These events are on the disk now. */
  readonly onRecorded?: (events: readonly AuditEvent[]) => void
  /**
   * These revocations are on the disk now. Called synchronously at the commit; who asked for them
   * is answered when it fulfils.
   */
  readonly onRevoked?: (revocations: readonly Revocation[]) => Promise<void>
  /** A commit failed; for the log. */
  readonly onFailure?: (error: unknown) => void
  /** Pairs of client and source whose failures are counted at the same time. */
  readonly attemptPairsMax?: number
  /** Used proofs kept in memory; more of them cost a random write each. */
  readonly proofsMax?: number
}

/** The ledger with what the server that owns it needs besides the port. */
export interface StoredLedger extends Ledger {
  /** A refusal of somebody unproven: added up with its like and stored within about a second. */
  recordRefusal(event: AuditEvent): void
  /** What a committed administrative change has made untrue; called before the next transaction. */
  markChanged(change: Iterable<string> | 'catalog', sequence: number): void
  /** Seconds until this client may try again from this source; 0: now. From memory. */
  lockedFor(clientId: string, source: string, kind?: FailedAttempt['kind']): number
  /** Removes what has expired; call it every minute or so, not twice at a time. */
  sweep(nowMs: number): Promise<SweepResult>
  /** Resolves when everything that waits has been stored or has failed. */
  flush(): Promise<void>
  /** Flushes and takes nothing more. The database stays open. */
  close(): Promise<void>
}

/** Ten wrong guesses in ten minutes lock for a minute, then two, four … up to an hour. */
export const defaultAttemptLimits: AttemptLimits = Object.freeze({
  secret: { failuresMax: 10, windowSeconds: 600, lockSeconds: 60, lockSecondsMax: 3600 },
  token: { failuresMax: 100, windowSeconds: 600, lockSeconds: 60, lockSecondsMax: 3600 },
})

const changedClientsMax = 10_000
const pairsMaxDefault = 50_000
const pairsPerSourceMax = 256
/** 20 MB when full. */
const proofsMaxDefault = 500_000
/** Rows are kept for this long after they expire: clocks that disagree must not free a proof. */
const sweepMarginMs = 120_000

const ignore = (): void => {}
const done = Promise.resolve()

/**
 * Opens the ledger of one domain: reads the failure counts that were left, and answers every record
 * after its commit. Only one may be open on a database.
 */
export const createLedger = async (options: LedgerOptions): Promise<StoredLedger> => {
  const { database, domainId, now } = options
  const pairsMax = options.attemptPairsMax ?? pairsMaxDefault
  const limits = options.limits ?? defaultAttemptLimits
  const counters = createAttemptCounters({ limits, pairsMax, pairsPerSourceMax })
  counters.restore(await listAttempts(database.read, domainId, now(), pairsMax))
  let forgottenUntilMs = await findSweepMark(database.read, domainId)
  const proofs = await openUsedProofs({
    read: database.read,
    domainId,
    proofsMax: options.proofsMax ?? proofsMaxDefault,
    fromMs: forgottenUntilMs,
  })
  const marks = createChangeMarks(changedClientsMax)
  const secretUses = createSecretUses()

  const store = async (batch: Batch): Promise<StoredBatch> => {
    let known = done
    const claims = proofs.begin()
    const result = await database.transaction(
      // judged inside the transaction: every change committed before it is marked by then
      (statements) =>
        writeBatch(statements, batch, { domainId, marks, claims, secretUses, forgottenUntilMs }),
      ({ revocations, secretUses: uses }) => {
        claims.committed()
        secretUses.stored(uses)
        if (revocations.length > 0) known = options.onRevoked?.(revocations) ?? done
      },
    )
    return { ...result, known }
  }

  const queue = createLedgerQueue({
    now,
    mode: options.mode,
    queueMax: options.queueMax,
    store,
    takeAttempts: counters.takeChanged,
    giveBackAttempts: counters.giveBack,
    onGap: options.onGap ?? ignore,
    onRecorded: options.onRecorded ?? ignore,
    onFailure: options.onFailure ?? ignore,
  })

  return {
    record: queue.record,
    recordFailure: (attempt) => {
      // counted in memory at once, so that guesses in flight at the same time all count
      const lockedForSeconds = counters.fail(attempt, now())
      return queue.afterCommit({ lockedForSeconds })
    },
    recordRefusal: queue.recordRefusal,
    markChanged: marks.mark,
    lockedFor: (clientId, source, kind = 'secret') =>
      counters.lockedFor({ clientId, source, kind }, now()),
    sweep: (nowMs) => {
      counters.sweep(nowMs)
      return sweepLedger({
        database,
        domainId,
        proofs,
        expiredBeforeMs: nowMs - sweepMarginMs,
        forgotten: (untilMs) => {
          forgottenUntilMs = Math.max(forgottenUntilMs, untilMs)
        },
      })
    },
    flush: queue.flush,
    close: queue.close,
  }
}
