import {
  decideIntrospection,
  introspectionAnswer,
} from '@mintmark/decisions/afterlife/decide-introspection'
import { revocationQuestion, type TokenFacts } from '@mintmark/decisions/afterlife/token-facts'
import { ok } from '@mintmark/protocol/result'
import {
  signedIntrospectionClaims,
  signedIntrospectionMediaType,
  signedIntrospectionType,
  wantsSignedIntrospection,
} from '@mintmark/protocol/rfc9701-signed-introspection'
import type { ClientProof } from '@mintmark/registry/client-proof'
import type { ClientSnapshot, Snapshot } from '@mintmark/registry/snapshot'
import type { OAuthCall, OAuthOutcome } from '../http/oauth-call.ts'
import type { Services } from '../services.ts'
import { signJws } from '../signing/sign-jws.ts'
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
  // What is warm comes without a promise.
  const asked = token === null ? null : services.registry.client(token.clientId)
  const issuedTo = asked instanceof Promise ? await asked : asked
  const asking = token !== null && isRevoked(token, issuedTo, services)
  const revoked = asking instanceof Promise ? await asking : asking
  const nowSeconds = Math.floor(nowMs / 1000)
  const decision = decideIntrospection({ token, caller: snapshot, issuedTo, revoked, nowSeconds })
  if (!decision.active && decision.reason === 'NOT_OURS') {
    const refusal = await countWrongToken(call, snapshot.client.application.clientId)
    if (refusal !== null) return { ok: false, refusal }
  }
  const answer = decision.active ? answerOf(decision.token) : inactive
  const isSigned = wantsSignedIntrospection(call.accept)
  return {
    ok: true,
    ...(token !== null && { object: token.jti }),
    detail: decision.active ? activeDetail : { active: false, why: decision.reason },
    ...(isSigned && { mediaType: signedIntrospectionMediaType }),
    respond: () => ok(isSigned ? sign(answer, call, snapshot) : answer),
    signs: isSigned,
    ...(decision.active && { alike: `introspected by ${snapshot.client.application.clientId}` }),
  }
}

const isRevoked = (
  token: TokenFacts,
  issuedTo: ClientSnapshot | null,
  services: Services,
): boolean | Promise<boolean> =>
  services.isRevoked(revocationQuestion(token, issuedTo?.application.id ?? ''))

/** RFC 9701 §6: RS256 where nothing else was agreed. */
const sign = (answer: string, { services, nowMs }: OAuthCall, snapshot: Snapshot): string => {
  const { catalog, client } = snapshot
  const key = services.keys.active(catalog, 'RS256')
  if (key === null) throw new Error('no RS256 key is active')
  const context = {
    issuer: services.address(catalog).issuer,
    audience: client.application.clientId,
    issuedAtSeconds: Math.floor(nowMs / 1000),
  }
  return signJws(key, signedIntrospectionType, signedIntrospectionClaims(context, answer))
}

const activeDetail = { active: true }
const inactive = '{"active":false}'

const answers = new WeakMap<TokenFacts, string>()

/** The answer as JSON: made once for as long as the token is remembered. */
const answerOf = (token: TokenFacts): string => {
  const before = answers.get(token)
  if (before !== undefined) return before
  const text = JSON.stringify(introspectionAnswer(token))
  answers.set(token, text)
  return text
}
