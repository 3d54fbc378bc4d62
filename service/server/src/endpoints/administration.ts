import type { AdministrationRefusal } from '@mintmark/protocol/administration-refusal'
import { scimError } from '@mintmark/protocol/rfc7644-error'
import { parseStrictJson } from '@mintmark/protocol/rfc8259-strict-json'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  type AdministrationAnswer,
  type AdministrationCommand,
  readQueryText,
} from '../administration/administration.ts'
import { answerFault, type FaultReason, type FaultWords } from '../http/answer-fault.ts'
import { sourceOf } from '../http/request-source.ts'
import { type BodyFault, refuseUnreadableBodies } from '../http/unreadable-body.ts'
import type { Principal } from '../proof/principal.ts'
import { proveAdministrator } from '../proof/prove-administrator.ts'
import type { Services } from '../services.ts'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
const passedHeaders = ['if-match', 'if-none-match', 'opc-retry-token', 'content-type'] as const

/** `/admin/v1`: proves the administrator, then hands the call to the one writer. */
export const administrationRoutes = (
  app: FastifyInstance,
  services: Services,
  bodyLimit: number,
): void => {
  const handler = (request: FastifyRequest, reply: FastifyReply) =>
    answerAdministrator(request, reply, services)
  const sayNo = (
    reply: FastifyReply,
    reason: FaultReason | BodyFault,
    { detail: what, fix }: FaultWords,
  ) => send(reply, errorAnswer({ reason, what, fix }), services)
  app.route({
    method: [...methods],
    url: '/admin/v1/*',
    bodyLimit,
    config: { answerOthers: handler },
    onRequest: refuseUnreadableBodies(sayNo),
    handler,
    errorHandler: answerFault(services, sayNo),
  })
}

/** Answers any method at any path of `/admin/v1`, also where it is to be refused. */
export const answerAdministrator = async (
  request: FastifyRequest,
  reply: FastifyReply,
  services: Services,
): Promise<FastifyReply> => {
  const nowMs = Date.now()
  const principal = await proveAdministrator(request, services, nowMs)
  if (principal === null) return accessDenied(reply, services)
  const source = sourceOf(request, services)
  const command = readCommand(request, { principal, source, nowMs })
  if (command === null) return send(reply, malformedJson, services)
  return send(reply, await services.administer(command), services)
}

/** Decision 27: missing, wrong and insufficient all read the same, as the domain says it. */
export const accessDenied = (reply: FastifyReply, services: Services): FastifyReply =>
  send(
    reply,
    errorAnswer({
      reason: 'ACCESS_DENIED',
      what: 'Access denied.',
      why: 'It takes a bearer token of this domain whose client holds an administrator role.',
      fix: 'Ask for one with scope urn:opc:idm:__myscopes__, send it as Authorization: Bearer.',
    }),
    services,
  )

const errorAnswer = (refusal: AdministrationRefusal): AdministrationAnswer => ({
  ...scimError(refusal),
  headers: {},
})

const malformedJson = errorAnswer({
  reason: 'BODY_NOT_AN_OBJECT',
  what: 'The body is not one JSON object in UTF-8 without repeated members.',
})

const readCommand = (
  request: FastifyRequest,
  asked: Pick<AdministrationCommand, 'source' | 'nowMs'> & { readonly principal: Principal },
): AdministrationCommand | null => {
  const body = readJson(request.body)
  if (body === undefined) return null
  const [path = '', search = ''] = request.url.split('?', 2)
  const headers: Record<string, string> = {}
  for (const name of passedHeaders) {
    const value = request.headers[name]
    if (typeof value === 'string') headers[name] = value
  }
  return {
    method: request.method,
    path: path.slice('/admin/v1'.length),
    query: readQueryText(search),
    headers,
    body,
    ...asked,
    ecid: request.id,
  } as AdministrationCommand
}

/** Deeper than anything that is said of it; what is nested less deeply is refused in more words. */
const depthMax = 100

/**
 * Two readers of one body must not see two things: a name that is there twice, and a text that no
 * UTF-8 can carry, are refused. undefined: not JSON; null: no body.
 */
const readJson = (body: unknown): unknown => {
  if (!Buffer.isBuffer(body) || body.length === 0) return null
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body)
    const json = parseStrictJson(text, depthMax)
    return json.ok && typeof json.value === 'object' && json.value !== null ? json.value : undefined
  } catch {
    return undefined
  }
}

const send = (
  reply: FastifyReply,
  answer: AdministrationAnswer,
  services: Services,
): FastifyReply => {
  reply.code(answer.status).headers(answer.headers)
  if (answer.status === 401) {
    reply.header('www-authenticate', `Bearer realm="${services.realm()}"`) // RFC 6750 §3
  }
  if (answer.body === null) return reply.send('')
  reply.header('content-type', 'application/json;charset=utf-8').header('cache-control', 'no-store')
  return reply.send(JSON.stringify(answer.body))
}
