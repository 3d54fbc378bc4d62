import { credentialMark } from '@mintmark/decisions/afterlife/credential-mark'
import { askedApis } from '@mintmark/decisions/token/asked-apis'
import { decideClaims } from '@mintmark/decisions/token/decide-claims'
import { decideTokenRequest } from '@mintmark/decisions/token/decide-token-request'
import type { TokenDecision, TokenPlan, TokenRequest } from '@mintmark/decisions/token/token-plan'
import { type Refusal, refuse } from '@mintmark/protocol/refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { TokenEventFacts } from '@mintmark/registry/audit-event'
import type { ClientProof } from '@mintmark/registry/client-proof'
import type { Snapshot } from '@mintmark/registry/snapshot'
import type { OAuthCall, OAuthOutcome } from '../http/oauth-door.ts'
import { type ProvenKey, proveDpop } from '../proof/prove-dpop.ts'
import { newTokenId } from '../signing/random-ids.ts'
import { signToken } from '../signing/sign-token.ts'
import { keepPlan, type Planned, recallPlan } from './last-plans.ts'

/**
 * `POST /oauth2/v1/token`: receive → load → prove → decide → record → sign → respond. The door has
 * received, loaded and proven; a refusal from here on is recorded like a token is.
 */
export const answerTokenRequest = (
  call: OAuthCall,
  client: ClientProof,
  snapshot: Snapshot,
): OAuthOutcome => {
  const request = {
    grantType: call.form.get('grant_type') ?? null,
    scope: call.form.get('scope') ?? null,
    resources: call.form.all('resource'),
  }
  const shown = call.dpop === undefined ? null : proveKey(call, call.dpop, snapshot)
  if (shown?.ok === false) {
    return refuseRequest(shown.failure, request, requestFacts(request, client), snapshot)
  }
  const key = shown?.value ?? null
  const proof = key === null ? client : { ...client, keyThumbprint: key.thumbprint }
  const planned = recallPlan(request, proof, snapshot)
  if (planned !== null) return issue(call, snapshot, planned, key)
  const decision = decideTokenRequest(request, proof, snapshot)
  const facts = requestFacts(request, proof)
  if (!decision.ok) return refuseRequest(decision.failure, request, facts, snapshot)
  const { tokens } = decision.value
  const api = tokens.map((plan) => plan.target.resourceServer?.application.displayName ?? 'all')
  const scope = tokens.map((plan) => plan.scopes.join(' ')).join(' ')
  const mark = credentialMark(snapshot.client.application.id, proof.credential)
  const decided = { decision: decision.value, detail: { api, scope, ...facts }, mark }
  keepPlan(request, proof, snapshot, decided)
  return issue(call, snapshot, decided, key)
}

const issue = (
  call: OAuthCall,
  snapshot: Snapshot,
  { decision, detail, mark }: Planned,
  key: ProvenKey | null,
): OAuthOutcome => {
  const ids = decision.tokens.map(() => newTokenId(call.nowMs, mark))
  const respond = () => tokenAnswer(call, decision, snapshot, ids)
  const object = ids.length === 1 ? (ids[0] as string) : ids.join(' ')
  if (key === null) return { ok: true, object, detail, respond }
  return { ok: true, object, detail, respond, once: [key.once] }
}

/** Which API was meant is on record too: whoever looks after it sees who could not reach it. */
const refuseRequest = (
  refusal: Refusal,
  request: TokenRequest,
  facts: TokenEventFacts,
  snapshot: Snapshot,
): OAuthOutcome => {
  const api = askedApis(request, snapshot)
  return { ok: false, refusal, detail: api.length === 0 ? facts : { api, ...facts } }
}

/** RFC 9449 §5: after the client is proven, so that strangers make nobody check signatures. */
const proveKey = (
  { services, nowMs }: OAuthCall,
  field: string,
  { catalog }: Snapshot,
): Result<ProvenKey, Refusal> =>
  proveDpop(field, {
    method: 'POST',
    urls: services.tokenEndpoints(catalog),
    tokenDigest: null,
    nonces: services.dpopNonces?.accepted(nowMs) ?? null,
    nowMs,
  })

const askedCharsMax = 2000
const resourcesMax = 10

/** What of a request is kept so that its story can be told later; what is usual is left out. */
const requestFacts = (request: TokenRequest, proof: ClientProof): TokenEventFacts => {
  const { grantType, scope, resources } = request
  const facts = { method: proof.method, credential: proof.credential }
  const isUsual =
    grantType === 'client_credentials' &&
    scope === null &&
    proof.certificateThumbprint === null &&
    proof.keyThumbprint === null
  if (isUsual && resources.length === 0) return facts
  const isCut =
    (grantType?.length ?? 0) > askedCharsMax ||
    (scope?.length ?? 0) > askedCharsMax ||
    resources.length > resourcesMax ||
    resources.some((each) => each.length > askedCharsMax)
  const cut = (text: string) => text.slice(0, askedCharsMax)
  return {
    ...facts,
    ...(grantType !== 'client_credentials' && {
      grant: grantType === null ? null : cut(grantType),
    }),
    ...(scope !== null && { asked: cut(scope) }),
    ...(resources.length > 0 && { resource: resources.slice(0, resourcesMax).map(cut) }),
    ...(proof.certificateThumbprint !== null && { certificate: proof.certificateThumbprint }),
    ...(proof.keyThumbprint !== null && { dpop: proof.keyThumbprint }),
    ...(isCut && { cut: true }),
  }
}

/** RFC 6749 §5.1; several resource servers: the identity domain's `tokenResponses`. */
const tokenAnswer = (
  call: OAuthCall,
  decision: TokenDecision,
  snapshot: Snapshot,
  ids: readonly string[],
): Result<Readonly<Record<string, unknown>>, Refusal> => {
  const answers: Record<string, unknown>[] = []
  for (const [at, plan] of decision.tokens.entries()) {
    const token = signPlan(call, plan, snapshot, ids[at] as string)
    if (token === null) return refuse('INTERNAL', { operator: 'no active signing key' })
    const answer: Record<string, unknown> = {
      access_token: token,
      token_type: plan.binding.keyThumbprint === null ? 'Bearer' : 'DPoP', // RFC 9449 §5
      expires_in: plan.lifetimeSeconds,
    }
    if (decision.scopeAnswered) answer['scope'] = plan.scopes.join(' ')
    answers.push(answer)
  }
  return ok(
    decision.severalTargets ? { tokenResponses: answers } : (answers[0] as Record<string, unknown>),
  )
}

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
