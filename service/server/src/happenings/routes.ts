import { Readable } from 'node:stream'
import {
  isProofFresh,
  staleProofWords,
} from '@mintmark/decisions/administration/decide-fresh-proof'
import {
  decideHappeningAccess,
  type HappeningEndpoint,
  happeningEndpoints,
} from '@mintmark/decisions/administration/decide-happening-access'
import { type ProblemReason, problemMediaType, problemOf } from '@mintmark/protocol/rfc9457-problem'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AskAdministration } from '../domain-files.ts'
import { answerFault } from '../http/answer-fault.ts'
import { sendProblem } from '../http/answer-problem.ts'
import { sourceOf } from '../http/request-source.ts'
import { refuseUnreadableBodies } from '../http/unreadable-body.ts'
import { allowOf } from '../http/unrouted.ts'
import type { Principal } from '../proof/principal.ts'
import { proveAdministrator, reproveAdministrator } from '../proof/prove-administrator.ts'
import type { Services } from '../services.ts'
import { listHolders } from './access.ts'
import { mapGivenAccess } from './access-map.ts'
import { exportAudit, listAudit, tellCheckpoint } from './audit.ts'
import { verifyAudit } from './audit-verify.ts'
import { sendBackup } from './backup.ts'
import { tellDecision } from './decision.ts'
import { applyDomainFile, readDomainFile } from './domain-file.ts'
import { type AnswerHappening, type HappeningAnswer, problem } from './happening.ts'
import { tellHealth } from './health.ts'
import { imagineCall } from './imagine-call.ts'
import { checkKeys } from './key-check.ts'
import { listKeys, rotateKeysNow } from './keys.ts'
import { tellOverview } from './overview.ts'
import { answerPreview } from './preview.ts'
import { tellRequests } from './requests.ts'
import { tellRevocations, tellSnapshot } from './revocations.ts'
import { endSession, listSessions } from './sessions.ts'
import { listSettings } from './settings.ts'
import { tellUsage } from './usage.ts'
import { verifyToken } from './verify-token.ts'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
const prefix = '/api/v1'

/** What a path takes, and who answers it. */
interface HappeningPath {
  readonly endpoint: HappeningEndpoint
  readonly id: string | null
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly answer: AnswerHappening
  /** A session must have proven itself lately. */
  readonly isGuarded?: boolean
}

/** `/api/v1`: what has happened. A stranger sees none of it, not even its paths. */
export const happeningRoutes = (
  app: FastifyInstance,
  services: Services,
  bodyLimit: number,
): void => {
  const handler = async (request: FastifyRequest, reply: FastifyReply) =>
    send(reply, await answer(request, services), services)
  app.route({
    method: [...methods],
    url: `${prefix}/*`,
    bodyLimit,
    config: { answerOthers: handler },
    onRequest: refuseUnreadableBodies(sendProblem),
    handler,
    errorHandler: answerFault(services, sendProblem),
  })
}

const answer = async (request: FastifyRequest, services: Services): Promise<HappeningAnswer> => {
  const nowMs = Date.now()
  const { authorization } = request.headers
  const principal = await proveAdministrator(request, services, nowMs)
  if (principal === null) return unproven(authorization)
  const [path = '', search = ''] = request.url.split('?', 2)
  const found = findPath(path.slice(prefix.length))
  if (found === null) return pathUnknown(path)
  const access = decideHappeningAccess(principal, found.endpoint)
  if (!access.ok) {
    recordDenial(request, services, principal, nowMs)
    const { what, why = '', fix = '' } = access.failure
    return problem('ACCESS_DENIED', { detail: `${what} ${why}`, fix })
  }
  const method = request.method === 'HEAD' ? 'GET' : request.method
  if (method !== found.method) return methodRefused(path, found.method)
  if (found.isGuarded && !isProofFresh(principal, nowMs)) {
    const { what, why, fix } = staleProofWords
    return problem('PROOF_TOO_OLD', { detail: `${what} ${why}`, fix })
  }
  return found.answer({
    endpoint: found.endpoint,
    method: found.method,
    id: found.id,
    query: new URLSearchParams(search),
    body: Buffer.isBuffer(request.body) ? request.body : new Uint8Array(0),
    field: (name) => (request.method === 'HEAD' ? undefined : fieldOf(request, name)),
    clientId: principal.clientId,
    source: sourceOf(request, services),
    administer: administerAs(principal, request, services, nowMs),
    mayStill: () => mayStill(request, found.endpoint, services),
    ecid: request.id,
    nowMs,
    services,
  })
}

/** Judged and recorded as if the caller had sent it itself. */
const administerAs =
  (principal: Principal, request: FastifyRequest, services: Services, nowMs: number) =>
  ({ method, path, query = {}, body = null }: Parameters<AskAdministration>[0]) =>
    services.administer({
      method,
      path,
      query,
      headers: { 'content-type': 'application/scim+json' },
      body,
      principal,
      source: sourceOf(request, services),
      ecid: request.id,
      nowMs,
    })

const fieldOf = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name]
  return typeof value === 'string' ? value : undefined
}

/** Long answers ask again: a token ends, a role is taken away. */
const mayStill = async (
  request: FastifyRequest,
  endpoint: HappeningEndpoint,
  services: Services,
): Promise<boolean> => {
  const principal = await reproveAdministrator(request, services, Date.now())
  return principal !== null && decideHappeningAccess(principal, endpoint).ok
}

const idPattern = /^[A-Za-z0-9._-]{1,64}$/

const findPath = (path: string): HappeningPath | null => {
  const [, name = '', id = null, ...more] = path.split('/')
  const endpoint = happeningEndpoints.find((each) => each === name)
  if (endpoint === undefined || more.length > 0) return null
  if (endpoint === 'access') {
    if (id === 'map') return { endpoint, id, method: 'GET', answer: mapGivenAccess }
    return id === 'holders' ? { endpoint, id, method: 'GET', answer: listHolders } : null
  }
  if (endpoint === 'preview') {
    return id === null ? { endpoint, id, method: 'POST', answer: answerPreview } : null
  }
  if (endpoint === 'tokens') {
    if (id === 'call') return { endpoint, id, method: 'POST', answer: imagineCall }
    return id === 'verify' ? { endpoint, id, method: 'POST', answer: verifyToken } : null
  }
  if (endpoint === 'decisions') {
    const isId = id !== null && idPattern.test(id)
    return isId ? { endpoint, id, method: 'GET', answer: tellDecision } : null
  }
  if (endpoint === 'backup') {
    return id === null
      ? { endpoint, id, method: 'POST', answer: sendBackup, isGuarded: true }
      : null
  }
  if (endpoint === 'keys') {
    if (id === null) return { endpoint, id, method: 'GET', answer: listKeys }
    if (id === 'check') return { endpoint, id, method: 'GET', answer: checkKeys }
    const rotation = {
      endpoint,
      id,
      method: 'POST',
      answer: rotateKeysNow,
      isGuarded: true,
    } as const
    return id === 'rotate' ? rotation : null
  }
  if (endpoint === 'domain-file') {
    if (id === null) return { endpoint, id, method: 'GET', answer: readDomainFile }
    return id === 'apply'
      ? { endpoint, id, method: 'POST', answer: applyDomainFile, isGuarded: true }
      : null
  }
  if (endpoint === 'health') {
    return id === null ? { endpoint, id, method: 'GET', answer: tellHealth } : null
  }
  if (endpoint === 'overview') {
    return id === null ? { endpoint, id, method: 'GET', answer: tellOverview } : null
  }
  if (endpoint === 'settings') {
    return id === null ? { endpoint, id, method: 'GET', answer: listSettings } : null
  }
  if (endpoint === 'requests') {
    return id === null ? { endpoint, id, method: 'GET', answer: tellRequests } : null
  }
  if (endpoint === 'revocations') {
    if (id === null) return { endpoint, id, method: 'GET', answer: tellRevocations }
    return id === 'snapshot' ? { endpoint, id, method: 'GET', answer: tellSnapshot } : null
  }
  if (endpoint === 'usage') {
    return id === null ? { endpoint, id, method: 'GET', answer: tellUsage } : null
  }
  if (endpoint === 'sessions') {
    if (id === null) return { endpoint, id, method: 'GET', answer: listSessions }
    return idPattern.test(id) ? { endpoint, id, method: 'DELETE', answer: endSession } : null
  }
  if (id === null) return { endpoint, id, method: 'GET', answer: listAudit }
  if (id === 'verify') return { endpoint, id, method: 'GET', answer: verifyAudit }
  if (id === 'checkpoint') return { endpoint, id, method: 'GET', answer: tellCheckpoint }
  return id === 'export' ? { endpoint, id, method: 'GET', answer: exportAudit } : null
}

const pathUnknown = (path: string) =>
  problem('PATH_UNKNOWN', {
    detail: `There is no ${path.slice(0, 200)}.`,
    fix:
      'There are GET access/holders, GET access/map, ' +
      'GET audit, GET audit/checkpoint, GET audit/export, GET audit/verify, ' +
      'GET decisions/{id}, GET domain-file, POST domain-file/apply, GET health, ' +
      'GET keys, GET keys/check, GET overview, POST backup, POST keys/rotate, ' +
      'POST preview, GET requests, GET revocations, GET revocations/snapshot, GET sessions, ' +
      'DELETE sessions/{id}, GET settings, POST tokens/call, POST tokens/verify and GET usage.',
  })

const methodRefused = (path: string, allow: string): HappeningAnswer => ({
  kind: 'problem',
  reason: 'METHOD_NOT_ALLOWED',
  words: { detail: `${path} takes ${allow} only.`, fix: `Send ${allow}.` },
  allow: allowOf([allow]),
})

const unproven = (authorization: string | undefined) =>
  authorization === undefined
    ? problem('TOKEN_MISSING', {
        detail: 'It takes a bearer token of this domain whose client holds an administrator role.',
        fix: 'Ask for one with scope urn:opc:idm:__myscopes__, send it as Authorization: Bearer.',
      })
    : problem('TOKEN_REFUSED', {
        detail: 'It is not an access token of this domain for its administration, or it has ended.',
        fix: 'Ask for a new one with scope urn:opc:idm:__myscopes__.',
      })

/** Somebody tried what it may not: on record, packed with its like. */
const recordDenial = (
  request: FastifyRequest,
  services: Services,
  principal: Principal,
  nowMs: number,
): void => {
  services.ledger.recordRefusal({
    at: nowMs,
    ecid: request.id,
    action: 'administration.denied',
    result: 'refused',
    reason: 'ACCESS_DENIED',
    actor: principal.clientId,
    source: sourceOf(request, services),
    object: `${request.method} ${request.url.split('?', 1)[0]?.slice(0, 200)}`,
  })
}

/** RFC 6750 §3: a challenge names the error only where a token was sent. */
const challenge = (reason: ProblemReason, realm: string): string =>
  reason === 'TOKEN_MISSING'
    ? `Bearer realm="${realm}"`
    : `Bearer realm="${realm}", error="invalid_token"`

const send = (reply: FastifyReply, given: HappeningAnswer, services: Services): FastifyReply => {
  reply.header('cache-control', 'no-store')
  switch (given.kind) {
    case 'json':
      return reply.type('application/json').send(JSON.stringify(given.body))
    case 'lines':
      return reply.type('application/x-ndjson').send(Readable.from(given.lines))
    case 'bytes':
      return reply.type('application/octet-stream').send(given.stream)
    case 'events':
      // A proxy that collects an answer before it passes it on would hold back what is urgent.
      reply.header('x-accel-buffering', 'no')
      return reply.type('text/event-stream').send(given.stream)
    case 'problem': {
      const body = problemOf(given.reason, given.words, reply.request.id)
      if (body.status === 401) {
        reply.header('www-authenticate', challenge(given.reason, services.realm()))
      }
      if (given.allow !== undefined) reply.header('allow', given.allow)
      return reply.code(body.status).type(problemMediaType).send(JSON.stringify(body))
    }
  }
}
