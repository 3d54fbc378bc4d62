import type { Database } from './database.ts'
import { sweepAttempts } from './tables/failed-attempt.ts'
import { sweepRevocations } from './tables/revocation.ts'
import { firstProof, type ProofCursor, putSweepMark, sweepProofs } from './tables/used-proof.ts'

/** Rows removed. */
export interface SweepResult {
  readonly proofs: number
  readonly revocations: number
  readonly attempts: number
}

/** Rows looked at or removed in one transaction: what an answer may have to wait for. */
const stepRowsMax = 1000

/** Lets answers go out between two steps. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

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
  /** Rows that expired before this instant go. */
  readonly expiredBeforeMs: number
  /** Proofs are forgotten up to this instant from now on. */
  readonly forgotten: (untilMs: number) => void
}

const sweepAllProofs = async (order: SweepOrder): Promise<number> => {
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
        return step
      },
      (step) => {
        if (step.removed > 0) order.forgotten(expiredBeforeMs)
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
  return {
    proofs: await sweepAllProofs(order),
    revocations: await inSteps(step(sweepRevocations)),
    attempts: await inSteps(step(sweepAttempts)),
  }
}
