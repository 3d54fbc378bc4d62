import type { Refusal } from '@mintmark/protocol/refusal'
import type { ClientSnapshot } from '@mintmark/registry/snapshot'
import type { Spoken } from '../services.ts'
import type { CallStart } from './oauth-call.ts'

/** A failed proof is counted, durably, before the answer leaves; too many lock the pair out. */
export const refuseUnproven = async (
  start: CallStart,
  clientId: string | null,
  refusal: Refusal,
  client: ClientSnapshot | null = null,
): Promise<Spoken> => {
  // Only a name that is one of ours goes on record: what else stood there may have been a secret.
  const object = client?.application.clientId
  if (clientId !== null && !start.services.isExempt(start.source)) {
    const { lockedForSeconds } = await start.services.ledger.recordFailure({
      clientId,
      source: start.source,
      reason: refusal.reason,
      kind: 'secret',
    })
    if (lockedForSeconds > 0) {
      const { reason } = refusal
      const operator = `locked out after ${reason}`
      const retryAfterSeconds = lockedForSeconds
      const lockedOut = { reason: 'TOO_MANY_ATTEMPTS', operator, retryAfterSeconds } as const
      return stranger(start, clientId, lockedOut, object)
    }
  }
  return stranger(start, clientId, refusal, object)
}

/**
 * Refusals of callers that proved nothing are packed together, so that they cannot fill the disk.
 */
export const stranger = (
  start: CallStart,
  clientId: string | null,
  refusal: Refusal,
  object?: string,
): Spoken => {
  start.services.ledger.recordRefusal({
    at: start.nowMs,
    ecid: start.ecid,
    action: start.endpoint,
    result: 'refused',
    reason: refusal.reason,
    source: start.source,
    ...(object === undefined ? {} : { object }),
  })
  const spoken = { result: { ok: false, failure: refusal }, clientId, proven: false } as const
  return object === undefined ? spoken : { ...spoken, isKnown: true }
}
