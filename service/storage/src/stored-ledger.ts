import type { AuditEvent } from '@mintmark/registry/audit-event'
import type { FailedAttempt, Ledger } from '@mintmark/registry/ledger'
import type { Revocation } from '@mintmark/registry/revocation'
import {
  type AttemptCounters,
  type AttemptLimits,
  createAttemptCounters,
} from './attempt-counters.ts'
import { breathe } from './breathe.ts'
import { createChangeMarks } from './change-marks.ts'
import type { Database, Statements } from './database.ts'
import { type Batch, type BatchResult, type BatchRules, writeBatch } from './ledger-batch.ts'
import { createLedgerQueue, type StoredBatch } from './ledger-queue.ts'
import { type SweepResult, sweepLedger } from './ledger-sweep.ts'
import { createSecretUses, type SecretUses } from './secret-uses.ts'
import { openSharedProofs } from './shared-proofs.ts'
import { forgetTokensUntil } from './tables/audit-pack.ts'
import type { Change } from './tables/change-entry.ts'
import { type AttemptCount, listAttempts } from './tables/failed-attempt.ts'
import { putSecretUse } from './tables/secret-use.ts'
import { findProofMarks } from './tables/used-proof.ts'
import { openUsedProofs, type UsedProofs } from './used-proofs.ts'

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
  readonly onRevoked?: (revocations: readonly Revocation[], number: number | null) => Promise<void>
  /** Given where other servers write to the same database. */
  readonly sharing?: LedgerSharing
  /** A commit failed; for the log. */
  readonly onFailure?: (error: unknown) => void
  /** Pairs of client and source whose failures are counted at the same time. */
  readonly attemptPairsMax?: number
  /** Used proofs kept in memory; more of them cost a random write each. */
  readonly proofsMax?: number
}

/** How the ledgers of several servers know of one another. */
export interface LedgerSharing {
  /** Tells the others, inside the transaction that stores it. @returns the number of the news */
  readonly tell: (
    statements: Statements,
    news: Pick<Change, 'revocations' | 'attempts'>,
  ) => Promise<number>
  /** The transaction with the news of this number is on the disk. */
  readonly told: (number: number) => void
}

/** The ledger with what the server that owns it needs besides the port. */
export interface StoredLedger extends Ledger {
  /** How many answers have been made to wait for a commit since it was opened. */
  asked(): number
  /** A refusal of somebody unproven: added up with its like and stored within about a second. */
  recordRefusal(event: AuditEvent): void
  /** What a committed administrative change has made untrue; called before the next transaction. */
  markChanged(change: Iterable<string> | 'catalog', sequence: number): void
  /** What other servers have counted. */
  absorbAttempts(counts: readonly AttemptCount[]): void
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
/** Uses of secrets stored in one transaction: what an answer may have to wait for. */
const usesAtOnceMax = 500

const ignore = (): void => {}
const done = Promise.resolve()

type WriteBatch = (
  statements: Statements,
  batch: Batch,
  rules: BatchRules,
) => Promise<BatchResult & { readonly number?: number }>

/**
 * How a batch is written where other servers write too. What they have committed before is known by
 * the time that this runs, so the batch is judged by it and the counts are added up.
 */
const sharedWriter = (options: LedgerOptions, counters: AttemptCounters): WriteBatch => {
  const { sharing, domainId } = options
  if (sharing === undefined) return writeBatch
  return async (statements, batch, rules) => {
    const attempts = counters.latest(batch.attempts)
    const hasProofs = batch.waiting.some(({ entry }) => entry.once.length > 0)
    const told = hasProofs ? await findProofMarks(statements, domainId) : {}
    const result = await writeBatch(statements, { ...batch, attempts }, { ...rules, ...told })
    const news = { revocations: result.revocations, attempts: attempts.put }
    if (news.revocations.length === 0 && news.attempts.length === 0) return result
    return { ...result, number: await sharing.tell(statements, news) }
  }
}

/** A guess may be right that was under way when those before it locked its client out. */
const lockAsker =
  ({ now }: Pick<LedgerOptions, 'now'>, counters: AttemptCounters): BatchRules['isLocked'] =>
  ({ actor, source }) =>
    actor !== undefined &&
    source !== undefined &&
    counters.lockedFor({ clientId: actor, source, kind: 'secret' }, now()) > 0

/** Stores all uses of secrets that were gathered, so many in one transaction. */
const storeUses = async (
  { database, domainId }: Pick<LedgerOptions, 'database' | 'domainId'>,
  secretUses: SecretUses,
): Promise<void> => {
  // after a fault of the disk nothing can be stored, and the process must end all the same
  if (database.failure() !== null) return
  while (secretUses.left > 0) {
    await database.transaction(
      async (statements) => {
        const uses = secretUses.rest(usesAtOnceMax)
        for (const [id, atMs] of uses) await putSecretUse(statements, domainId, id, atMs)
      },
      () => secretUses.stored(),
    )
    await breathe()
  }
}

/** Where other servers write, no memory of this one can say which proofs are new. */
const openProofs = async (options: LedgerOptions, fromMs: number): Promise<UsedProofs> => {
  const { database, domainId, sharing, proofsMax = proofsMaxDefault } = options
  if (sharing !== undefined) return openSharedProofs(domainId)
  return openUsedProofs({ read: database.read, domainId, proofsMax, fromMs })
}

/** Where a token may be issued without a record, none says from now on until when any lives. */
const expectGaps = async ({ database, domainId, mode }: LedgerOptions): Promise<void> => {
  if (mode === 'strict') return
  await database.transaction((statements) => forgetTokensUntil(statements, domainId))
}

const openCounters = async (options: LedgerOptions): Promise<AttemptCounters> => {
  const { database, domainId, now, limits = defaultAttemptLimits } = options
  const pairsMax = options.attemptPairsMax ?? pairsMaxDefault
  const tellApart = options.sharing === undefined ? () => 0 : Math.random
  const counters = createAttemptCounters({ limits, pairsMax, pairsPerSourceMax, tellApart })
  counters.restore(await listAttempts(database.read, domainId, now(), pairsMax))
  return counters
}

/**
 * Opens the ledger of one domain: reads the failure counts that were left, and answers every record
 * after its commit. Only one may be open on a database, unless they share it by `sharing`.
 */
export const createLedger = async (options: LedgerOptions): Promise<StoredLedger> => {
  const { database, domainId, now, mode } = options
  await expectGaps(options)
  const counters = await openCounters(options)
  const { restoredAtMs, ...found } = await findProofMarks(database.read, domainId)
  let { forgottenUntilMs } = found
  const proofs = await openProofs(options, forgottenUntilMs)
  const marks = createChangeMarks(changedClientsMax)
  const secretUses = createSecretUses()
  const isLocked = lockAsker(options, counters)
  const write = sharedWriter(options, counters)
  const store = async (batch: Batch): Promise<StoredBatch> => {
    let known = done
    const claims = proofs.begin()
    const result = await database.transaction(
      // judged inside the transaction: every change committed before it is marked by then
      (statements) =>
        write(statements, batch, {
          domainId,
          marks,
          claims,
          secretUses,
          nowMs: now(),
          mode,
          forgottenUntilMs,
          restoredAtMs,
          isLocked,
        }),
      ({ revocations, number = null }) => {
        claims.committed()
        secretUses.stored()
        if (number !== null) options.sharing?.told(number)
        if (revocations.length > 0) known = options.onRevoked?.(revocations, number) ?? done
      },
      'aside',
    )
    return { ...result, known }
  }

  const queue = createLedgerQueue({
    now,
    mode,
    queueMax: options.queueMax,
    store,
    isOnReserve: () => database.isOnReserve?.() === true,
    takeAttempts: counters.takeChanged,
    giveBackAttempts: counters.giveBack,
    onGap: options.onGap ?? ignore,
    onRecorded: options.onRecorded ?? ignore,
    onFailure: options.onFailure ?? ignore,
  })

  return {
    ...queue,
    recordFailure: (attempt) => {
      // counted in memory at once, so that guesses in flight at the same time all count
      const lockedForSeconds = counters.fail(attempt, now())
      const stored = queue.afterCommit({ lockedForSeconds })
      if (options.sharing === undefined) return stored
      // by then it has been added to what other servers have counted
      return stored.then(() => ({ lockedForSeconds: counters.lockedFor(attempt, now()) }))
    },
    markChanged: marks.mark,
    absorbAttempts: (counts) => counters.absorb(counts, now()),
    lockedFor: (clientId, source, kind = 'secret') =>
      counters.lockedFor({ clientId, source, kind }, now()),
    sweep: async (nowMs) => {
      counters.sweep(nowMs)
      await storeUses(options, secretUses)
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
    flush: async () => {
      await queue.flush()
      await storeUses(options, secretUses)
    },
    close: async () => {
      await queue.close()
      await storeUses(options, secretUses)
    },
  }
}
