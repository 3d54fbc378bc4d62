import { revocationQuestion } from '@mintmark/decisions/afterlife/token-facts'
import { decideClaims } from '@mintmark/decisions/token/decide-claims'
import type { TokenDecision, TokenPlan } from '@mintmark/decisions/token/token-plan'
import { type Refusal, refuse } from '@mintmark/protocol/refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { OnceClaim } from '@mintmark/registry/ledger'
import type { Snapshot } from '@mintmark/registry/snapshot'
import type { AnswerBody } from '../http/answer.ts'
import { after, type MaybePromise } from '../http/maybe-promise.ts'
import type { OAuthCall, OAuthOutcome } from '../http/oauth-call.ts'
import { newTokenId } from '../signing/random-ids.ts'
import { signToken } from '../signing/sign-token.ts'
import { type CurrentToken, currentTokenKey } from './current-tokens.ts'
import type { Planned } from './last-plans.ts'
import { repeatOf, tokenAnswer } from './token-answer.ts'

type Issued = Extract<OAuthOutcome, { ok: true }>
type Told = Result<AnswerBody, Refusal>

/** A request whose tokens are decided. */
export interface Issue {
  readonly call: OAuthCall
  readonly snapshot: Snapshot
  readonly planned: Planned
  readonly once: readonly OnceClaim[]
}

/** Issues what was decided; what may be given again is, where budget or re-use window say so. */
export const issue = (order: Issue): MaybePromise<OAuthOutcome> => {
  const { decision, reuseKey } = order.planned
  if (reuseKey === null) {
    return decision.charges.length === 0 ? issueAnew(order) : issueCharged(order, null)
  }
  const { call, snapshot } = order
  const current = call.services.currentTokens.find(reuseKey, snapshot, call.nowMs)
  if (current === null) return issueCharged(order, null)
  const revoked = call.services.isRevoked(questionOf(current, snapshot))
  return after(revoked, (isRevoked) => {
    if (isRevoked) return issueCharged(order, null)
    return isFresh(current, decision, call.nowMs)
      ? issueAgain(order, current)
      : issueCharged(order, current)
  })
}

/** Where a token may be given again, what makes a request the same as another; null: nowhere. */
export const reuseKeyOf = (
  { tokens, reusePercent, charges, proof }: TokenDecision,
  applicationId: string,
): string | null => {
  const [plan] = tokens
  if (plan === undefined || tokens.length > 1) return null
  const isReused = reusePercent !== null || charges.some(({ mode }) => mode === 'reissue')
  return isReused ? currentTokenKey(applicationId, proof.credential, plan) : null
}

const questionOf = ({ jti, plan, issuedAtMs }: CurrentToken, { client }: Snapshot) => {
  const { clientId, id } = client.application
  return revocationQuestion({ jti, clientId, audience: plan.target.audience, issuedAtMs }, id)
}

const isFresh = (current: CurrentToken, { reusePercent }: TokenDecision, nowMs: number): boolean =>
  reusePercent !== null &&
  (current.expiresAtMs - nowMs) * 100 >= reusePercent * current.plan.lifetimeSeconds * 1000

const issueAnew = ({ call, snapshot, planned, once }: Issue): Issued => {
  const { decision, detail, mark, reuseKey } = planned
  const ids = decision.tokens.map(() => newTokenId(call.nowMs, mark))
  const respond = (): Told => {
    const texts: string[] = []
    for (const [at, plan] of decision.tokens.entries()) {
      const text = signPlan(call, plan, snapshot, ids[at] as string)
      if (text === null) return refuse('INTERNAL', { operator: 'no active signing key' })
      texts.push(text)
      if (reuseKey !== null) keep(call, snapshot, reuseKey, { text, jti: ids[at] as string, plan })
    }
    return ok(tokenAnswer(decision, texts))
  }
  const object = ids.length === 1 ? (ids[0] as string) : ids.join(' ')
  const tokensUntilMs = expiryOf(call, longestLife(decision.tokens))
  return once.length === 0
    ? { ok: true, object, detail, tokensUntilMs, respond, signs: true }
    : { ok: true, object, detail, tokensUntilMs, respond, signs: true, once }
}

const longestLife = (plans: readonly TokenPlan[]): number => {
  let seconds = 0
  for (const { lifetimeSeconds } of plans) seconds = Math.max(seconds, lifetimeSeconds)
  return seconds
}

/** As the claims say it: `iat` in whole seconds, and `exp` so long after. */
const expiryOf = ({ nowMs }: OAuthCall, lifetimeSeconds: number): number =>
  (Math.floor(nowMs / 1000) + lifetimeSeconds) * 1000

/** A new token, charged to the budgets that there are; the current one stands by. */
const issueCharged = (order: Issue, current: CurrentToken | null): Issued => {
  const anew = issueAnew(order)
  const budgets = order.planned.decision.charges
  if (budgets.length === 0) return anew
  if (current === null) return { ...anew, charge: { budgets } }
  // what takes the place of another event is not counted: it says which budget was spent
  const again = issueAgain(order, current)
  const instead = { object: current.jti, detail: again.detail ?? {} }
  return { ...anew, charge: { budgets, instead }, respondInstead: again.respond }
}

/** The current token once more, with what is left of its life. */
const issueAgain = ({ planned, once, call }: Issue, current: CurrentToken): Issued => {
  const { detail, alike, answer } = repeatOf(planned, current)
  const respond = (): Told => {
    call.services.metrics.tokenReissued()
    return ok(answer(secondsUntil(current.expiresAtMs)))
  }
  const outcome: Issued = { ok: true, object: current.jti, detail, alike, respond }
  return once.length === 0 ? outcome : { ...outcome, once }
}

const keep = (
  call: OAuthCall,
  snapshot: Snapshot,
  key: string,
  token: Pick<CurrentToken, 'text' | 'jti' | 'plan'>,
): void => {
  const { services, nowMs } = call
  const expiresAtMs = expiryOf(call, token.plan.lifetimeSeconds)
  services.currentTokens.keep(key, snapshot, { ...token, issuedAtMs: nowMs, expiresAtMs })
}

const secondsUntil = (atMs: number): number => Math.max(0, Math.floor((atMs - Date.now()) / 1000))

const signPlan = (
  call: OAuthCall,
  plan: TokenPlan,
  snapshot: Snapshot,
  jti: string,
): string | null => {
  const key = call.services.keys.active(snapshot.catalog, plan.target.algorithm)
  if (key === null) return null
  const claims = decideClaims(
    plan,
    { jti, issuedAtSeconds: Math.floor(call.nowMs / 1000) },
    {
      client: snapshot.client.application,
      domain: snapshot.catalog.domain,
      address: call.services.address(snapshot.catalog),
      customClaims: snapshot.catalog.customClaims,
    },
  )
  const started = performance.now()
  const token = signToken(key, plan.target.profile, claims)
  call.services.metrics.tokenSigned(plan.target.algorithm, performance.now() - started)
  return token
}
