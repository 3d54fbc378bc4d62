import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Refusal, refuse } from '@mintmark/protocol/refusal'
import type { Result } from '@mintmark/protocol/result'
import { oauthError } from '@mintmark/protocol/rfc6749-error-response'
import type { Form } from '@mintmark/protocol/rfc6749-form-encoding'
import type { AuditEvent } from '@mintmark/registry/audit-event'
import type { ClientProof } from '@mintmark/registry/client-proof'
import type { Charge, LedgerEntry, OnceClaim, RecordOutcome } from '@mintmark/registry/ledger'
import type { Revocation } from '@mintmark/registry/revocation'
import type { ClientSnapshot, Snapshot } from '@mintmark/registry/snapshot'
import { StorageFailed } from '@mintmark/storage/database'
import { withPartnerCertificates } from '../certificates/client-authorities.ts'
import { type ProofContext, proveClient } from '../proof/prove-client.ts'
import type { Services, Spoken } from '../services.ts'
import { newEcid } from '../signing/random-ids.ts'
import { type Answer, type AnswerBody, sendAnswer } from './answer.ts'
import { answerCharged } from './charged-answer.ts'
import { readBody } from './read-body.ts'
import { type Received, receive } from './receive.ts'

/** One call to an OAuth endpoint, as its steps see it. */
export interface OAuthCall {
  readonly endpoint: 'token' | 'introspect' | 'revoke'
  readonly ecid: string
  readonly source: string
  readonly form: Form
  /** The `DPoP` field (RFC 9449 §4.1); undefined: none was sent. */
  readonly dpop: string | undefined
  readonly accept: string | undefined
  readonly nowMs: number
  readonly services: Services
}

/** What a decision came to. Nothing of a positive one leaves before it is on record. */
export type OAuthOutcome =
  | {
      readonly ok: false
      readonly refusal: Refusal
      readonly detail?: Readonly<Record<string, unknown>>
    }
  | {
      readonly ok: true
      readonly object?: string
      readonly detail?: Readonly<Record<string, unknown>>
      /** What else must be new, besides what proved the client. */
      readonly once?: readonly OnceClaim[]
      /** Takes effect with the record of it. */
      readonly revocation?: Revocation
      /** Taken of budgets with the record; `instead` has what its event says in place of this. */
      readonly charge?: OutcomeCharge
      /** Of an answer that is no JSON. */
      readonly mediaType?: string | undefined
      /** Made after the record is durable. */
      readonly respond: () => Result<AnswerBody, Refusal>
      /** The same when `charge.instead` went on record. */
      readonly respondInstead?: () => Result<AnswerBody, Refusal>
    }

export interface OutcomeCharge {
  readonly budgets: Charge['budgets']
  readonly instead?: Pick<AuditEvent, 'object' | 'detail'>
}

/** Decides for a proven client; may read more before it does. */
export type OAuthEndpoint = (
  call: OAuthCall,
  proof: ClientProof,
  snapshot: Snapshot,
) => OAuthOutcome | Promise<OAuthOutcome>

/** A client that changes with every read is refused rather than decided for ever. */
const attemptsMax = 4

/** The database cannot be asked, or may know more than this server. */
export const notNow = { reason: 'RECORD_UNAVAILABLE', retryAfterSeconds: 5 } as const

/** Answers one request to an OAuth endpoint, whatever it holds. */
export type OAuthDoor = (request: IncomingMessage, response: ServerResponse) => void

/**
 * The one sentence of every OAuth endpoint; see ARCHITECTURE.md for the drawing. On plain
 * `node:http`, without the framework of the other doors: this is the path that must cost little.
 */
export const oauthDoor = (
  endpoint: OAuthCall['endpoint'],
  answer: OAuthEndpoint,
  services: Services,
  bodyBytesMax: number,
): OAuthDoor => {
  const finish = (request: IncomingMessage, response: ServerResponse, call: Finished): void => {
    const { spoken, ecid, source } = call
    const { result, mediaType, headers } = spoken
    const given: Answer = result.ok
      ? { status: 200, body: result.value, mediaType }
      : refusalAnswer(result.failure, ecid, services)
    const told = headers === undefined ? given : withHeaders(given, headers)
    sendAnswer(request, response, ecid, withNonce(told, endpoint, request, services))
    const milliseconds = performance.now() - call.started
    services.observe({ spoken, endpoint, ecid, source, status: given.status, milliseconds })
  }
  return (request, response) => {
    const started = performance.now()
    const ecid = newEcid()
    const source = services.proxies.sourceOf(
      request.socket.remoteAddress ?? '',
      request.headers['x-forwarded-for'] as string | undefined,
    )
    const { accept } = request.headers
    const start: CallStart = { endpoint, ecid, source, accept, nowMs: Date.now(), services }
    const end = (spoken: Spoken) => finish(request, response, { spoken, ecid, source, started })
    if (request.method !== 'POST') {
      request.resume()
      return end(stranger(start, null, { reason: 'METHOD_NOT_ALLOWED' }))
    }
    readBody(request, bodyBytesMax, (read) => {
      if (!read.ok) {
        if (read.why === 'aborted') return response.destroy()
        return end(stranger(start, null, { reason: 'BODY_TOO_LARGE' }))
      }
      // now and not before: the body may have come long after the head
      if (services.outOfTouch() !== null) return end(stranger(start, null, notNow))
      speak(start, answer, request, read.bytes).then(end, (error: Error) => {
        const refusal = error instanceof StorageFailed ? notNow : ({ reason: 'INTERNAL' } as const)
        services.fault(ecid, refusal.reason, error)
        end(stranger(start, null, refusal))
      })
    })
  }
}

const withHeaders = (answer: Answer, headers: readonly string[]): Answer => ({
  ...answer,
  headers: [...(answer.headers ?? []), ...headers],
})

/** RFC 9449 §8.2: whoever sends a proof to the token endpoint learns the nonce of the next one. */
const withNonce = (
  answer: Answer,
  endpoint: OAuthCall['endpoint'],
  request: IncomingMessage,
  { dpopNonces }: Services,
): Answer => {
  if (dpopNonces === null || endpoint !== 'token') return answer
  if (request.headers['dpop'] === undefined) return answer
  const headers = [...(answer.headers ?? []), 'DPoP-Nonce', dpopNonces.current(Date.now())]
  return { ...answer, headers }
}

interface Finished {
  readonly spoken: Spoken
  readonly ecid: string
  readonly source: string
  /** `performance.now()` when the request's head had arrived. */
  readonly started: number
}

/** The refusal in the wire format of the OAuth doors. */
export const refusalAnswer = (refusal: Refusal, ecid: string, services: Services): Answer => {
  const error = oauthError(refusal, { ecid, issuerRealm: services.realm() })
  const headers: string[] = []
  for (const name of ['WWW-Authenticate', 'Allow', 'Retry-After']) {
    const value = error.headers[name]
    if (value !== undefined) headers.push(name, value)
  }
  // What is left of a body that is too large is not worth reading.
  if (refusal.reason === 'BODY_TOO_LARGE') headers.push('connection', 'close')
  return { status: error.status, body: { ...error.body }, headers }
}

type CallStart = Omit<OAuthCall, 'form' | 'dpop'>

const speak = async (
  start: CallStart,
  answer: OAuthEndpoint,
  request: IncomingMessage,
  body: Buffer,
): Promise<Spoken> => {
  const received = receive(request, body, start.services.proxies)
  if (!received.ok) return stranger(start, null, received.failure)
  const clientId = clientIdOf(received.value)
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    // Each time: a worker hears of locks from before its start when it first records.
    const locked = start.services.ledger.lockedFor(clientId ?? '', start.source)
    if (locked > 0) {
      return stranger(start, clientId, { reason: 'TOO_MANY_ATTEMPTS', retryAfterSeconds: locked })
    }
    const spoken = await loadProveDecideRecord(start, answer, received.value, clientId)
    if (spoken !== 'stale') return spoken
  }
  return stranger(start, clientId, { reason: 'OVERLOADED' })
}

/** Reading an assertion is not trusting it: its subject only says whom to load. */
const clientIdOf = ({ assertion, credential }: Received): string | null =>
  credential.clientId ?? assertion?.clientId ?? null

const loadProveDecideRecord = async (
  start: CallStart,
  answer: OAuthEndpoint,
  received: Received,
  clientId: string | null,
): Promise<Spoken | 'stale'> => {
  const { services } = start
  const sequence = services.registry.sequence()
  // What is warm comes without a promise, and waiting for none of them is worth a few microseconds.
  const loading = services.registry.catalog()
  const catalog = loading instanceof Promise ? await loading : loading
  const asked = clientId === null ? null : services.registry.client(clientId)
  const client = asked instanceof Promise ? await asked : asked
  const proving = proveClient(received, client, proofContext(start, catalog))
  const proof = proving instanceof Promise ? await proving : proving
  if (!proof.ok) return refuseUnproven(start, clientId, proof.failure, client)
  if (client === null) return refuseUnproven(start, clientId, { reason: 'CLIENT_UNKNOWN' })
  const rate = services.admission.take(proof.value.clientId, start.source, start.nowMs)
  if (rate > 0)
    return stranger(start, clientId, { reason: 'RATE_LIMITED', retryAfterSeconds: rate })
  const { endpoint, ecid, source, accept, nowMs } = start
  const { form, dpop } = received
  const call: OAuthCall = { endpoint, ecid, source, accept, nowMs, services, form, dpop }
  const answering = answer(call, proof.value, { catalog, client })
  const outcome = answering instanceof Promise ? await answering : answering
  // Issued or refused, what was decided for a proven client is durable before it is answered.
  const recorded = await services.ledger.record(entryOf(call, proof.value, outcome, sequence))
  if (recorded === 'stale') return 'stale'
  return {
    ...answerRecorded(recorded, outcome, services),
    mediaType: outcome.ok ? outcome.mediaType : undefined,
    clientId: proof.value.clientId,
    proven: true,
    detail: outcome.detail,
  }
}

const answerRecorded = (
  recorded: Exclude<RecordOutcome, 'stale'>,
  outcome: OAuthOutcome,
  { metrics }: Services,
): Pick<Spoken, 'result' | 'headers'> => {
  if (!outcome.ok) {
    const isRecorded = recorded === 'recorded' || typeof recorded === 'object'
    return { result: isRecorded ? { ok: false, failure: outcome.refusal } : unrecorded[recorded] }
  }
  if (typeof recorded === 'object') return answerCharged(recorded, outcome, metrics)
  return { result: recorded === 'recorded' ? outcome.respond() : unrecorded[recorded] }
}

/** What is answered when the ledger did not take the record. */
const unrecorded: Readonly<
  Record<Exclude<RecordOutcome, 'recorded' | 'stale' | object>, Result<never, Refusal>>
> = {
  replayed: refuse('ASSERTION_REPLAYED'),
  'dpop-replayed': refuse('DPOP_REPLAYED'),
  overloaded: refuse('OVERLOADED', { retryAfterSeconds: 1 }),
  unavailable: refuse('RECORD_UNAVAILABLE', { retryAfterSeconds: 5 }),
}

export const proofContext = (
  start: Pick<CallStart, 'services' | 'nowMs'>,
  catalog: Snapshot['catalog'],
): ProofContext => {
  const { services } = start
  return {
    issuer: services.address(catalog).issuer,
    acceptedAudiences: services.acceptedAudiences(catalog),
    masterKey: services.masterKey,
    remoteKeys: services.remoteKeys,
    findSecret: services.findSecret,
    clientAuthorities: withPartnerCertificates(
      services.clientAuthorities.now(),
      catalog.partnerCertificates,
    ),
    payLookUp: services.payLookUp,
    nowMs: start.nowMs,
  }
}

const chargeOf = ({ budgets, instead }: OutcomeCharge, event: AuditEvent): Charge =>
  instead === undefined ? { budgets } : { budgets, instead: { ...event, ...instead } }

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }

/** Members are set one by one: this is written for every request, and spreading costs more. */
const entryOf = (
  { endpoint, ecid, source, nowMs }: OAuthCall,
  { clientId, once }: ClientProof,
  outcome: OAuthOutcome,
  sequence: number,
): LedgerEntry => {
  const result = outcome.ok ? 'ok' : 'refused'
  const event: Mutable<AuditEvent> = {
    at: nowMs,
    ecid,
    action: endpoint,
    result,
    actor: clientId,
    source,
  }
  const entry: Mutable<LedgerEntry> = { event, once, clientId, sequence }
  if (outcome.detail !== undefined) event.detail = outcome.detail
  if (!outcome.ok) event.reason = outcome.refusal.reason
  else {
    if (outcome.object !== undefined) event.object = outcome.object
    if (outcome.once !== undefined) entry.once = [...once, ...outcome.once]
    if (outcome.revocation !== undefined) entry.revocation = outcome.revocation
    if (outcome.charge !== undefined) entry.charge = chargeOf(outcome.charge, event)
  }
  return entry
}

/** A failed proof is counted, durably, before the answer leaves; too many lock the pair out. */
const refuseUnproven = async (
  start: CallStart,
  clientId: string | null,
  refusal: Refusal,
  client: ClientSnapshot | null = null,
): Promise<Spoken> => {
  // Only a name that is one of ours goes on record: what else stood there may have been a secret.
  const object = client?.application.clientId
  if (clientId !== null && !start.services.isExempt(start.source)) {
    const { lockedForSeconds } = await start.services.ledger.recordFailure({
      clientId,
      source: start.source,
      reason: refusal.reason,
      kind: 'secret',
    })
    if (lockedForSeconds > 0) {
      const { reason } = refusal
      const operator = `locked out after ${reason}`
      const retryAfterSeconds = lockedForSeconds
      const lockedOut = { reason: 'TOO_MANY_ATTEMPTS', operator, retryAfterSeconds } as const
      return stranger(start, clientId, lockedOut, object)
    }
  }
  return stranger(start, clientId, refusal, object)
}

/**
 * Refusals of callers that proved nothing are packed together, so that they cannot fill the disk.
 */
const stranger = (
  start: CallStart,
  clientId: string | null,
  refusal: Refusal,
  object?: string,
): Spoken => {
  start.services.ledger.recordRefusal({
    at: start.nowMs,
    ecid: start.ecid,
    action: start.endpoint,
    result: 'refused',
    reason: refusal.reason,
    source: start.source,
    ...(object === undefined ? {} : { object }),
  })
  const spoken = { result: { ok: false, failure: refusal }, clientId, proven: false } as const
  return object === undefined ? spoken : { ...spoken, isKnown: true }
}
