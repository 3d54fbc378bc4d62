import {
  decideIntrospection,
  type IntrospectionInput,
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
import { after, type MaybePromise } from '../http/maybe-promise.ts'
import type { OAuthCall, OAuthOutcome } from '../http/oauth-call.ts'
import type { Services } from '../services.ts'
import { signJws } from '../signing/sign-jws.ts'
import { countWrongToken } from './wrong-tokens.ts'

/** `POST /oauth2/v1/introspect` (RFC 7662): the same sentence, without a token to sign. */
export const answerIntrospection = (
  call: OAuthCall,
  _proof: ClientProof,
  snapshot: Snapshot,
): MaybePromise<OAuthOutcome> => {
  const { services } = call
  const text = call.form.get('token')
  if (text === undefined) return { ok: false, refusal: { reason: 'TOKEN_MISSING' } }
  const token = services.readToken(text, snapshot.catalog)
  if (token === null) return answerAbout({ token, issuedTo: null, revoked: false }, call, snapshot)
  return after(services.registry.client(token.clientId), (issuedTo) =>
    after(isRevoked(token, issuedTo, services), (revoked) =>
      answerAbout({ token, issuedTo, revoked }, call, snapshot),
    ),
  )
}

const answerAbout = (
  about: Pick<IntrospectionInput, 'token' | 'issuedTo' | 'revoked'>,
  call: OAuthCall,
  caller: Snapshot,
): MaybePromise<OAuthOutcome> => {
  const nowSeconds = Math.floor(call.nowMs / 1000)
  const decision = decideIntrospection({ ...about, caller, nowSeconds })
  const { clientId } = caller.client.application
  if (decision.active) {
    const alike = `introspected by ${clientId}`
    const { jti: object } = decision.token
    return outcomeOf(
      answerOf(decision.token),
      { object, detail: activeDetail, alike },
      call,
      caller,
    )
  }
  const detail = { active: false, why: decision.reason }
  if (about.token !== null) {
    return outcomeOf(inactive, { object: about.token.jti, detail }, call, caller)
  }
  const outcome = outcomeOf(inactive, { detail }, call, caller)
  if (decision.reason !== 'NOT_OURS') return outcome
  return countWrongToken(call, clientId).then((refusal) =>
    refusal === null ? outcome : { ok: false, refusal },
  )
}

type Answered = Extract<OAuthOutcome, { ok: true }>

const outcomeOf = (
  answer: string,
  told: Pick<Answered, 'object' | 'detail' | 'alike'>,
  call: OAuthCall,
  caller: Snapshot,
): Answered => {
  if (!wantsSignedIntrospection(call.accept))
    return { ok: true, ...told, respond: () => ok(answer) }
  const respond = () => ok(sign(answer, call, caller))
  return { ok: true, ...told, respond, signs: true, mediaType: signedIntrospectionMediaType }
}

const isRevoked = (
  token: TokenFacts,
  issuedTo: ClientSnapshot | null,
  services: Services,
): MaybePromise<boolean> =>
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
