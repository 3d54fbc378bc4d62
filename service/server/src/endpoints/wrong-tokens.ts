import type { Refusal } from '@mintmark/protocol/refusal'
import type { OAuthCall } from '../http/oauth-call.ts'

/** RFC 7662 §4, RFC 7009 §5: a caller that tries tokens which are none of ours is slowed down. */
export const countWrongToken = async (
  call: OAuthCall,
  clientId: string,
): Promise<Refusal | null> => {
  if (call.services.isExempt(call.source)) return null
  const { lockedForSeconds } = await call.services.ledger.recordFailure({
    clientId,
    source: call.source,
    reason: 'TOKEN_UNKNOWN',
    kind: 'token',
  })
  if (lockedForSeconds === 0) return null
  return { reason: 'TOO_MANY_ATTEMPTS', retryAfterSeconds: lockedForSeconds }
}
