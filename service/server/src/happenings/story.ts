import { decideClaims } from '@mintmark/decisions/token/decide-claims'
import type { Explanation, Fix, Situation } from '@mintmark/decisions/token/explanation'
import type { TokenPlan } from '@mintmark/decisions/token/token-plan'
import { oauthError } from '@mintmark/protocol/rfc6749-error-response'
import type { Services } from '../services.ts'

/** Where the id of a real token would stand. */
const noTokenId = 'given when issued'

/** A fix as it is told: its words, and the requests that make it. */
const toldFix = ({ kind, sentence, steps }: Fix) => ({
  kind,
  sentence,
  steps: steps.map(({ change, sentence: words, scim }) => ({
    ...change,
    sentence: words,
    scim,
  })),
})

/** The part of a story that every answer has. */
export const toldExplanation = (explanation: Explanation) => ({
  verdict: explanation.verdict,
  reason: explanation.refusal?.reason ?? null,
  steps: explanation.steps,
  fixes: explanation.fixes.map(toldFix),
})

/** The tokens as they would be, without ids and signatures. */
export const toldTokens = (situation: Situation, explanation: Explanation, services: Services) => {
  const { snapshot, nowMs } = situation
  const context = {
    client: snapshot.client.application,
    domain: snapshot.catalog.domain,
    address: services.address(snapshot.catalog),
    customClaims: snapshot.catalog.customClaims,
  }
  const instance = { jti: noTokenId, issuedAtSeconds: Math.floor(nowMs / 1000) }
  return (explanation.decision?.tokens ?? []).map((plan) => ({
    api: plan.target.resourceServer?.application.displayName ?? null,
    header: headerOf(plan),
    claims: decideClaims(plan, instance, context),
    lifetimeSeconds: plan.lifetimeSeconds,
  }))
}

const headerOf = ({ target }: TokenPlan) => ({
  alg: target.algorithm,
  ...(target.profile === 'rfc9068' && { typ: 'at+jwt' }),
})

/** What the client would read on the wire; null: a token. */
export const toldError = (explanation: Explanation, ecid: string, services: Services) => {
  if (explanation.refusal === null) return null
  const { status, body } = oauthError(explanation.refusal, {
    ecid,
    issuerRealm: services.realm(),
  })
  return { status, error: body.error, error_description: body.error_description }
}
