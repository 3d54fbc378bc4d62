import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Refusal, refuse } from '@mintmark/protocol/refusal'
import type { Result } from '@mintmark/protocol/result'
import { oauthError } from '@mintmark/protocol/rfc6749-error-response'
import type { ClientProof } from '@mintmark/registry/client-proof'
import type { RecordOutcome } from '@mintmark/registry/ledger'
import { notBefore } from '@mintmark/registry/revocation'
import type { Snapshot } from '@mintmark/registry/snapshot'
import { withPartnerCertificates } from '../certificates/client-authorities.ts'
import { type ProofContext, proveClient } from '../proof/prove-client.ts'
import type { Services, Spoken } from '../services.ts'
import { newEcid } from '../signing/random-ids.ts'
import { type Answer, sendAnswer } from './answer.ts'
import { reasonOfFault, recordRetrySeconds } from './answer-fault.ts'
import { answerCharged } from './charged-answer.ts'
import { entryOf } from './ledger-entry.ts'
import { after, type MaybePromise } from './maybe-promise.ts'
import type { CallStart, OAuthCall, OAuthEndpoint, OAuthOutcome } from './oauth-call.ts'
import { readBody } from './read-body.ts'
import { type Received, receive } from './receive.ts'
import { refuseUnproven, stranger } from './refuse-unproven.ts'
import { sourceOf } from './request-source.ts'
import { shed } from './shed.ts'

/** A client that changes with every read is refused rather than decided for ever. */
const attemptsMax = 4

/** The database cannot be asked, or may know more than this server. */
export const notNow = {
  reason: 'RECORD_UNAVAILABLE',
  retryAfterSeconds: recordRetrySeconds,
} as const

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
  const { workload } = services
  // What ends tokens is taken even when there is too much to do.
  const isEnding = endpoint === 'revoke'
  return (request, response) => {
    if (workload.isFull(isEnding)) return shed(request, response, endpoint, services)
    const started = performance.now()
    const ecid = newEcid()
    const source = sourceOf(request, services)
    const { accept } = request.headers
    const startNow = (): CallStart => ({
      endpoint,
      ecid,
      source,
      accept,
      nowMs: services.nowMs(),
      services,
    })
    const end = (spoken: Spoken) => finish(request, response, { spoken, ecid, source, started })
    if (request.method !== 'POST') {
      request.resume()
      return end(stranger(startNow(), null, { reason: 'METHOD_NOT_ALLOWED' }))
    }
    readBody(request, bodyBytesMax, (read) => {
      if (!read.ok) {
        if (read.why === 'aborted') return response.destroy()
        return end(stranger(startNow(), null, { reason: 'BODY_TOO_LARGE' }))
      }
      const answerAndLeave = (spoken: Spoken): void => {
        workload.leave()
        end(spoken)
      }
      const work = () => {
        // now and not before: the body may have come, or its turn, long after the head
        const start = startNow()
        const fail = (error: Error): void => {
          const isForNow = reasonOfFault(error) === 'RECORD_UNAVAILABLE'
          const refusal = isForNow ? notNow : ({ reason: 'INTERNAL' } as const)
          services.fault(ecid, refusal.reason, error)
          answerAndLeave(stranger(start, null, refusal))
        }
        if (services.outOfTouch() !== null) return answerAndLeave(stranger(start, null, notNow))
        let speaking: MaybePromise<Spoken>
        try {
          speaking = speak(start, answer, request, read.bytes)
        } catch (error) {
          return fail(error as Error)
        }
        if (speaking instanceof Promise) speaking.then(answerAndLeave, fail)
        else answerAndLeave(speaking)
      }
      workload.begin(work, () => !request.socket.destroyed)
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
  for (const name of ['WWW-Authenticate', 'Allow', 'Accept-Encoding', 'Retry-After']) {
    const value = error.headers[name]
    if (value !== undefined) headers.push(name, value)
  }
  // What is left of a body that is too large is not worth reading.
  if (refusal.reason === 'BODY_TOO_LARGE') headers.push('connection', 'close')
  return { status: error.status, body: { ...error.body }, headers }
}

const speak = (
  start: CallStart,
  answer: OAuthEndpoint,
  request: IncomingMessage,
  body: Buffer,
): MaybePromise<Spoken> => {
  const received = receive(request, body, start.services.proxies)
  if (!received.ok) return stranger(start, null, received.failure)
  const clientId = clientIdOf(received.value)
  const attempt = (start: CallStart, attemptsLeft: number): MaybePromise<Spoken> => {
    if (attemptsLeft === 0) return stranger(start, clientId, { reason: 'OVERLOADED' })
    // Each time: a worker hears of locks from before its start when it first records.
    const locked = start.services.ledger.lockedFor(clientId ?? '', start.source)
    if (locked > 0) {
      return stranger(start, clientId, { reason: 'TOO_MANY_ATTEMPTS', retryAfterSeconds: locked })
    }
    return after(loadProveDecideRecord(start, answer, received.value, clientId), (spoken) => {
      if (spoken !== 'stale') return spoken
      // at a new instant: what has changed may have ended the secret after the old one
      return attempt({ ...start, nowMs: start.services.nowMs() }, attemptsLeft - 1)
    })
  }
  return attempt(start, attemptsMax)
}

/** Reading an assertion is not trusting it: its subject only says whom to load. */
const clientIdOf = ({ assertion, credential }: Received): string | null =>
  credential.clientId ?? assertion?.clientId ?? null

const loadProveDecideRecord = (
  start: CallStart,
  answer: OAuthEndpoint,
  received: Received,
  clientId: string | null,
): MaybePromise<Spoken | 'stale'> => {
  const { registry } = start.services
  const sequence = registry.sequence()
  return after(registry.catalog(), (catalog) =>
    after(clientId === null ? null : registry.client(clientId), (client) =>
      after(proveClient(received, client, proofContext(start, catalog)), (proof) => {
        if (!proof.ok) return refuseUnproven(start, clientId, proof.failure, client)
        if (client === null) return refuseUnproven(start, clientId, { reason: 'CLIENT_UNKNOWN' })
        const decide = { start, answer, received, proof: proof.value, sequence }
        return decideAndRecord(decide, { catalog, client })
      }),
    ),
  )
}

interface Proven {
  readonly start: CallStart
  readonly answer: OAuthEndpoint
  readonly received: Received
  readonly proof: ClientProof
  /** At which all that the decision looks at was true. */
  readonly sequence: number
}

const decideAndRecord = (
  { start, answer, received, proof, sequence }: Proven,
  snapshot: Snapshot,
): MaybePromise<Spoken | 'stale'> => {
  const { services, endpoint, ecid, source, accept } = start
  const { clientId } = proof
  // made by a server whose clock is ahead, perhaps: its tokens are younger than itself
  const nowMs = notBefore(start.nowMs, snapshot.client.application.createdAtMs)
  const rate = services.admission.take(clientId, source, nowMs)
  if (rate > 0)
    return stranger(start, clientId, { reason: 'RATE_LIMITED', retryAfterSeconds: rate })
  const { form, dpop } = received
  const call: OAuthCall = { endpoint, ecid, source, accept, nowMs, services, form, dpop }
  return after(answer(call, proof, snapshot), (outcome) => {
    const tell = (told: Pick<Spoken, 'result' | 'headers'>): Spoken => ({
      result: told.result,
      headers: told.headers,
      mediaType: outcome.ok ? outcome.mediaType : undefined,
      clientId,
      proven: true,
      detail: outcome.detail,
    })
    // Issued or refused, what was decided for a proven client is durable before it is answered.
    return services.ledger.record(entryOf(call, proof, outcome, sequence)).then((recorded) => {
      if (recorded === 'stale') return 'stale'
      if (!outcome.ok || outcome.signs !== true) {
        return tell(answerRecorded(recorded, outcome, services))
      }
      return after(
        services.workload.finish(() => answerRecorded(recorded, outcome, services)),
        tell,
      )
    })
  })
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
  unavailable: { ok: false, failure: notNow },
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
