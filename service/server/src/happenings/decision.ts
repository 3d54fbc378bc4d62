import { explainTokenRequest } from '@mintmark/decisions/token/explain-token-request'
import type { Explanation, Situation } from '@mintmark/decisions/token/explanation'
import {
  type ClientAuthenticationMethod,
  clientAuthenticationMethods,
} from '@mintmark/registry/application'
import type { AuditEvent, TokenEventFacts } from '@mintmark/registry/audit-event'
import type { ClientSnapshot } from '@mintmark/registry/snapshot'
import { ecidTimeMs } from '../signing/random-ids.ts'
import { type AnswerHappening, type HappeningCall, problem } from './happening.ts'
import { toldExplanation } from './story.ts'

/**
 * `GET /api/v1/decisions/{id}`: what was decided under this ecid, as it is on record, and how the
 * same request would be decided now, step by step.
 */
export const tellDecision: AnswerHappening = async (call) => {
  const id = call.id ?? ''
  const atMs = ecidTimeMs(id)
  const event = atMs === null ? null : await call.services.audit.findEvent(id, atMs)
  if (event === null) return unknown(id)
  if (event.action !== 'token') {
    return problem('DECISION_UNKNOWN', {
      detail: `'${id}' is the id of another kind of answer: ${event.action}.`,
      fix: `GET /api/v1/audit?ecid=${id} tells what is on record.`,
    })
  }
  const clientId = clientIdOf(event, id)
  const client = clientId === null ? null : await call.services.registry.client(clientId)
  const now = client === null ? null : await explainNow(call, event, client)
  return {
    kind: 'json',
    body: {
      id,
      client: clientId,
      recorded: toldRecord(event, id),
      now: now === null ? null : toldNow(now, event),
      changedSince: now === null || !isRetold(event) ? null : hasChanged(now, event),
      statement: statementOf(event, clientId, now),
    },
  }
}

const unknown = (id: string) =>
  problem('DECISION_UNKNOWN', {
    detail:
      `No answer with the ecid '${id}' is on record. Answers to callers that proved nothing are ` +
      'counted together by source, reason and second, and the ids of the first ones are kept; ' +
      'what is older than the retention is gone.',
    fix: 'GET /api/v1/audit lists what is on record.',
  })

/** The proven client; of an unproven caller, the client that it named, where there is one. */
const clientIdOf = (event: AuditEvent, ecid: string): string | null => {
  if (event.actor !== undefined) return event.actor
  if (event.ecid === ecid) return event.object ?? null
  const { of } = event.detail ?? {}
  const counted = (Array.isArray(of) ? of : []).find((each) => each[0] === ecid)
  return (counted?.[1] as string | null | undefined) ?? null
}

const factsOf = (event: AuditEvent): Partial<TokenEventFacts> =>
  (event.detail ?? {}) as Partial<TokenEventFacts>

/** Whether the record says enough to decide the same request again. */
const isRetold = (event: AuditEvent): boolean =>
  event.actor !== undefined &&
  factsOf(event).cut !== true &&
  event.reason !== 'ASSERTION_REPLAYED' &&
  (event.reason === 'DPOP_REQUIRED' || event.reason?.startsWith('DPOP_') !== true)

const methodOf = (name: string | undefined): ClientAuthenticationMethod | null =>
  clientAuthenticationMethods.find((each) => each === name) ?? null

const explainNow = async (
  { services, nowMs }: HappeningCall,
  event: AuditEvent,
  client: ClientSnapshot,
): Promise<Explanation> => {
  const facts = factsOf(event)
  const situation: Situation = {
    request: {
      grantType: facts.grant === undefined ? 'client_credentials' : facts.grant,
      scope: facts.asked ?? null,
      resources: facts.resource ?? [],
    },
    proof: {
      method: methodOf(facts.method),
      credential: facts.credential ?? null,
      certificateThumbprint: facts.certificate ?? null,
      keyThumbprint: facts.dpop ?? null,
    },
    snapshot: { catalog: await services.registry.catalog(), client },
    nowMs,
  }
  return explainTokenRequest(situation)
}

const toldRecord = (event: AuditEvent, ecid: string) => ({
  at: new Date(event.at).toISOString(),
  verdict: event.result === 'ok' ? 'issued' : 'refused',
  reason: event.reason ?? null,
  source: event.source ?? null,
  // what was counted of strangers says nothing of one of them
  ...(event.ecid === ecid || factsOf(event).reissued === true
    ? { object: event.object ?? null, detail: event.detail ?? null }
    : {}),
})

const stagesOfProof: ReadonlySet<string> = new Set(['client', 'active', 'credential', 'method'])

/** Of a caller that proved nothing, only what the client could prove is worth telling. */
const toldNow = (now: Explanation, event: AuditEvent) => {
  const told = toldExplanation(now)
  if (isRetold(event)) return told
  const steps = told.steps.filter(({ step }) => stagesOfProof.has(step))
  const isProvable = steps.every(({ ok }) => ok)
  return isProvable ? { verdict: null, reason: null, steps, fixes: [] } : { ...told, steps }
}

/** A budget is no part of the decision: but for it, a token was due. */
const verdictOf = (event: AuditEvent): string =>
  event.reason === undefined || event.reason === 'BUDGET_SPENT' ? 'issued' : event.reason

const hasChanged = (now: Explanation, event: AuditEvent): boolean =>
  (now.refusal?.reason ?? 'issued') !== verdictOf(event)

const toldIssue = ({ reissued, overBudget, budget }: Partial<TokenEventFacts>): string => {
  const spent = (overBudget ?? budget)?.join(', ')
  const beyond = spent === undefined ? '' : ` The budget was spent: ${spent}.`
  const done = reissued === true ? 'The current token was given again.' : 'A token was issued.'
  return done + beyond
}

const toldRefusal = (event: AuditEvent): string => {
  const refused = `The request was refused: ${event.reason ?? 'no reason is on record'}.`
  if (event.reason !== 'BUDGET_SPENT') return refused
  const budget = factsOf(event).budget?.join(', ') ?? 'unknown'
  return `${refused} The budget was spent: ${budget}. But for that, a token was due.`
}

const statementOf = (
  event: AuditEvent,
  clientId: string | null,
  now: Explanation | null,
): string => {
  const recorded = event.result === 'ok' ? toldIssue(factsOf(event)) : toldRefusal(event)
  if (clientId === null) return `${recorded} Who asked is not known.`
  if (now === null) return `${recorded} The client '${clientId}' does not exist any more.`
  if (!isRetold(event)) {
    return (
      `${recorded} Told below is what the client could prove now; ` +
      'what it presented then is not kept.'
    )
  }
  if (!hasChanged(now, event)) return `${recorded} The same request would be answered so now.`
  const present = now.refusal === null ? 'a token would be issued' : now.refusal.reason
  return `${recorded} This has changed since: now ${present}.`
}
