import { breathe } from './breathe.ts'
import type { Database } from './database.ts'
import {
  sweepConsoleChallenges,
  sweepConsolePairings,
  sweepConsoleSessions,
} from './tables/console-session.ts'
import { sweepAttempts } from './tables/failed-attempt.ts'
import { sweepProofPacks } from './tables/proof-pack.ts'
import { sweepRetriedRequests } from './tables/retried-request.ts'
import { sweepRevocations } from './tables/revocation.ts'
import { entriesKept, sweepRevocationEntries } from './tables/revocation-entry.ts'
import { sweepTokenCounts } from './tables/token-count.ts'
import {
  firstProof,
  hasProofs,
  type ProofCursor,
  putSweepMark,
  sweepProofs,
} from './tables/used-proof.ts'
import type { UsedProofs } from './used-proofs.ts'

/** Rows removed. */
export interface SweepResult {
  readonly proofs: number
  readonly revocations: number
  readonly attempts: number
}

/** Rows looked at or removed in one transaction: what an answer may have to wait for. */
const stepRowsMax = 1000

const inSteps = async (step: () => Promise<number>): Promise<number> => {
  let removed = 0
  for (;;) {
    const changes = await step()
    removed += changes
    if (changes < stepRowsMax) return removed
    await breathe()
  }
}

/** What a sweep forgets, and how the ledger hears of it before the next claim is judged. */
export interface SweepOrder {
  readonly database: Database
  readonly domainId: string
  readonly proofs: UsedProofs
  /** Rows that expired before this instant go. */
  readonly expiredBeforeMs: number
  /** Proofs are forgotten up to this instant from now on. */
  readonly forgotten: (untilMs: number) => void
}

/** What is in memory; the packs it came from go after it. */
const sweepMemory = async ({ database, domainId, ...order }: SweepOrder): Promise<number> => {
  const { proofs, expiredBeforeMs } = order
  let removed = 0
  if (!proofs.hasExpired(expiredBeforeMs)) return removed
  await database.transaction(
    (statements) => putSweepMark(statements, domainId, expiredBeforeMs),
    () => {
      order.forgotten(expiredBeforeMs)
      removed = proofs.forget(expiredBeforeMs)
    },
  )
  return removed
}

const sweepTree = async (order: SweepOrder): Promise<number> => {
  const { database, domainId, expiredBeforeMs } = order
  let removed = 0
  let cursor: ProofCursor | null = firstProof
  while (cursor !== null) {
    const after: ProofCursor = cursor
    const swept = await database.transaction(
      async (statements) => {
        const range = { after, rowsMax: stepRowsMax, expiredBeforeMs }
        const step = await sweepProofs(statements, domainId, range)
        if (removed === 0 && step.removed > 0) {
          await putSweepMark(statements, domainId, expiredBeforeMs)
        }
        const isEmpty = step.next === null && !(await hasProofs(statements, domainId))
        return { ...step, isEmpty }
      },
      (step) => {
        if (step.removed > 0) order.forgotten(expiredBeforeMs)
        if (step.isEmpty) order.proofs.noteEmptyTree()
      },
    )
    removed += swept.removed
    cursor = swept.next
    if (cursor !== null) await breathe()
  }
  return removed
}

/** Removes what has expired, in transactions small enough for answers to pass between them. */
export const sweepLedger = async (order: SweepOrder): Promise<SweepResult> => {
  const { database, domainId, expiredBeforeMs } = order
  const step = (sweep: typeof sweepRevocations) => () =>
    database.transaction((statements) => sweep(statements, domainId, expiredBeforeMs, stepRowsMax))
  const proofs = (await sweepMemory(order)) + (await sweepTree(order))
  await inSteps(step(sweepProofPacks))
  await inSteps(step(sweepRetriedRequests))
  await inSteps(step(sweepTokenCounts))
  await inSteps(step(sweepConsoleSessions))
  await inSteps(step(sweepConsolePairings))
  await inSteps(step(sweepConsoleChallenges))
  await inSteps(() =>
    database.transaction((statements) =>
      sweepRevocationEntries(statements, domainId, entriesKept, stepRowsMax),
    ),
  )
  return {
    proofs,
    revocations: await inSteps(step(sweepRevocations)),
    attempts: await inSteps(step(sweepAttempts)),
  }
}
