import {
  decideRevocation,
  type RevocationWish,
} from '@mintmark/decisions/afterlife/decide-revocation'
import { ok } from '@mintmark/protocol/result'
import type { ClientProof } from '@mintmark/registry/client-proof'
import type { Snapshot } from '@mintmark/registry/snapshot'
import type { OAuthCall, OAuthOutcome } from '../http/oauth-call.ts'
import { countWrongToken } from './wrong-tokens.ts'

/**
 * `POST /oauth2/v1/revoke` (RFC 7009). One token of the calling client; with `all_tokens=true`
 * instead of `token`, everything it was issued up to now. `token_type_hint` changes nothing (§2.1).
 */
export const answerRevocation = async (
  call: OAuthCall,
  _proof: ClientProof,
  snapshot: Snapshot,
): Promise<OAuthOutcome> => {
  const caller = snapshot.client.application
  const wish = readWish(call, snapshot)
  if (wish === null) return { ok: false, refusal: { reason: 'TOKEN_MISSING' } }
  if (wish.what === 'token' && wish.token === null) {
    const refusal = await countWrongToken(call, caller.clientId)
    if (refusal !== null) return { ok: false, refusal }
  }
  const decision = decideRevocation(wish, caller, call.nowMs)
  if (!decision.ok) return { ok: false, refusal: decision.failure }
  const revocation = decision.value
  return {
    ok: true,
    // §2: stored with the record and known to every worker before the answer; §2.2.1: else refused.
    ...(revocation !== null && { object: revocation.subject, revocation }),
    detail: { revoked: revocation?.kind ?? 'nothing' },
    respond: () => ok(null),
  }
}

const readWish = (call: OAuthCall, snapshot: Snapshot): RevocationWish | null => {
  const text = call.form.get('token')
  if (text !== undefined) {
    return { what: 'token', token: call.services.readToken(text, snapshot.catalog) }
  }
  return call.form.get('all_tokens') === 'true' ? { what: 'everything' } : null
}
