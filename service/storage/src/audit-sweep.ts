import type { Database } from './database.ts'
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

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

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
        const { domainId, beforeMs, nowMs } = order
        const one = await sweepPacks(statements, domainId, beforeMs, stepPacksMax)
        if (one.packs > 0) {
          const line = JSON.stringify(sweptEvent(order, one))
          await appendPack(statements, domainId, packLines([line], [nowMs]))
        }
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

const sweptEvent = (order: AuditSweepOrder, swept: PackSweep) => ({
  at: order.nowMs,
  ecid: order.newEcid(),
  action: 'audit.retention',
  result: 'ok',
  detail: {
    before: new Date(order.beforeMs).toISOString(),
    through: swept.through,
    hash: Buffer.from(swept.hash ?? []).toString('base64url'),
  },
})
