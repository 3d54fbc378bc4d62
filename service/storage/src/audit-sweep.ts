import { breathe } from './breathe.ts'
import type { Database, Statements } from './database.ts'
import { appendPack, type PackSweep, packLines, sweepPacks } from './tables/audit-pack.ts'

/** Packs removed in one transaction: what an answer may have to wait for. */
const stepPacksMax = 200

export interface AuditSweepOrder {
  readonly database: Database
  readonly domainId: string
  /** Events that happened before this instant go, in milliseconds since the epoch. */
  readonly beforeMs: number
  readonly nowMs: number
  readonly newEcid: () => string
  /** Steps of one sweep; what is left waits for the next. */
  readonly stepsMax: number
}

/**
 * Removes what is older than the retention, in transactions small enough for answers to pass. Each
 * puts on record, in the chain itself, how far it removed, so that a missing beginning can be told
 * from one that was cut off.
 *
 * @returns packs removed
 */
export const sweepAudit = async (order: AuditSweepOrder): Promise<number> => {
  let removed = 0
  for (let step = 0; step < order.stepsMax; step += 1) {
    const swept = await order.database.transaction(
      async (statements) => {
        const { domainId, beforeMs } = order
        const one = await sweepPacks(statements, domainId, beforeMs, stepPacksMax)
        if (one.packs > 0) await recordSweep(statements, order, one)
        return one
      },
      undefined,
      // what a power failure brings back is removed again
      'aside',
    )
    removed += swept.packs
    if (swept.packs === 0) break
    await breathe()
  }
  return removed
}

/** Puts on record, in the chain itself, what was removed by the transaction that removes it. */
export const recordSweep = async (
  statements: Statements,
  { domainId, nowMs, newEcid, beforeMs }: Omit<AuditSweepOrder, 'database' | 'stepsMax'>,
  { through, hash }: Pick<PackSweep, 'through' | 'hash'>,
): Promise<void> => {
  const event = {
    at: nowMs,
    ecid: newEcid(),
    action: 'audit.retention',
    result: 'ok',
    detail: {
      before: new Date(beforeMs).toISOString(),
      through,
      hash: Buffer.from(hash ?? []).toString('base64url'),
    },
  }
  await appendPack(statements, domainId, packLines([JSON.stringify(event)], [nowMs]))
}
