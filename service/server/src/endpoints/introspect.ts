import { decideIntrospection } from '@mintmark/decisions/afterlife/decide-introspection'
import { ok } from '@mintmark/protocol/result'
import type { ClientProof } from '@mintmark/registry/client-proof'
import type { Snapshot } from '@mintmark/registry/snapshot'
import type { OAuthCall, OAuthOutcome } from '../http/oauth-door.ts'
import { countWrongToken } from './wrong-tokens.ts'

/** `POST /oauth2/v1/introspect` (RFC 7662): the same sentence, without a token to sign. */
export const answerIntrospection = async (
  call: OAuthCall,
  _proof: ClientProof,
  snapshot: Snapshot,
): Promise<OAuthOutcome> => {
  const { services, nowMs } = call
  const text = call.form.get('token')
  if (text === undefined) return { ok: false, refusal: { reason: 'TOKEN_MISSING' } }
  const token = services.readToken(text, snapshot.catalog)
  const issuedTo = token === null ? null : await services.registry.client(token.clientId)
  const revoked =
    token !== null &&
    (await services.isRevoked({
      jti: token.jti,
      applicationId: issuedTo?.application.id ?? '',
      issuedAtMs: token.issuedAtMs,
    }))
  const nowSeconds = Math.floor(nowMs / 1000)
  const decision = decideIntrospection({ token, caller: snapshot, issuedTo, revoked, nowSeconds })
  if (!decision.active && decision.reason === 'NOT_OURS') {
    const refusal = await countWrongToken(call, snapshot.client.application.clientId)
    if (refusal !== null) return { ok: false, refusal }
  }
  const answer = decision.active ? decision.answer : { active: false }
  return {
    ok: true,
    ...(token !== null && { object: token.jti }),
    detail: decision.active ? { active: true } : { active: false, why: decision.reason },
    respond: () => ok(answer),
  }
}
