import { credentialMark } from '@mintmark/decisions/afterlife/credential-mark'
import { askedApis } from '@mintmark/decisions/token/asked-apis'
import { decideTokenRequest } from '@mintmark/decisions/token/decide-token-request'
import type { TokenRequest } from '@mintmark/decisions/token/token-plan'
import type { Refusal } from '@mintmark/protocol/refusal'
import type { Result } from '@mintmark/protocol/result'
import type { TokenEventFacts } from '@mintmark/registry/audit-event'
import type { ClientProof } from '@mintmark/registry/client-proof'
import type { OnceClaim } from '@mintmark/registry/ledger'
import type { Snapshot } from '@mintmark/registry/snapshot'
import type { OAuthCall, OAuthOutcome } from '../http/oauth-call.ts'
import { type ProvenKey, proveDpop } from '../proof/prove-dpop.ts'
import { issue, reuseKeyOf } from './issue-token.ts'
import { keepPlan, recallPlan } from './last-plans.ts'

/**
 * `POST /oauth2/v1/token`: receive → load → prove → decide → record → sign → respond. The door has
 * received, loaded and proven; a refusal from here on is recorded like a token is.
 */
export const answerTokenRequest = (
  call: OAuthCall,
  client: ClientProof,
  snapshot: Snapshot,
): OAuthOutcome | Promise<OAuthOutcome> => {
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
  const once = key === null ? noClaims : [key.once]
  if (planned !== null) return issue({ call, snapshot, planned, once })
  const decision = decideTokenRequest(request, proof, snapshot)
  const facts = requestFacts(request, proof)
  if (!decision.ok) return refuseRequest(decision.failure, request, facts, snapshot)
  const { tokens } = decision.value
  const api = tokens.map((plan) => plan.target.resourceServer?.application.displayName ?? 'all')
  const scope = tokens.map((plan) => plan.scopes.join(' ')).join(' ')
  const mark = credentialMark(snapshot.client.application.id, proof.credential)
  const reuseKey = reuseKeyOf(decision.value, snapshot.client.application.id)
  const decided = { decision: decision.value, detail: { api, scope, ...facts }, mark, reuseKey }
  keepPlan(request, proof, snapshot, decided)
  return issue({ call, snapshot, planned: decided, once })
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

const noClaims: readonly OnceClaim[] = Object.freeze([])

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
