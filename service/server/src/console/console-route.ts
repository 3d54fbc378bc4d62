import { staleProofWords } from '@mintmark/decisions/administration/decide-fresh-proof'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { answerFault } from '../http/answer-fault.ts'
import { sendMethodRefused, sendProblem } from '../http/answer-problem.ts'
import { refuseUnreadableBodies } from '../http/unreadable-body.ts'
import type { Services } from '../services.ts'
import { findSession, type LiveSession } from './prove-session.ts'
import { type Forgery, judgeSite, sessionTokenOf } from './request-site.ts'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
const bodyBytesMax = 8192

export type Answer = (
  request: FastifyRequest,
  reply: FastifyReply,
  services: Services,
) => Promise<FastifyReply>

/** Registers what one address of the console answers, by method. */
export const consoleRoute = (
  app: FastifyInstance,
  services: Services,
  url: string,
  handlers: Readonly<Record<string, Answer>>,
): void => {
  const handler = (request: FastifyRequest, reply: FastifyReply) => {
    const own = handlers[request.method === 'HEAD' ? 'GET' : request.method]
    if (own !== undefined) return own(request, reply, services)
    return sendMethodRefused(reply, url, Object.keys(handlers))
  }
  app.route({
    method: [...methods],
    url,
    bodyLimit: bodyBytesMax,
    config: { answerOthers: handler },
    onRequest: refuseUnreadableBodies(sendProblem),
    handler,
    errorHandler: answerFault(services, sendProblem),
  })
}

export const sendJson = (reply: FastifyReply, body: unknown): FastifyReply =>
  reply.header('cache-control', 'no-store').type('application/json').send(JSON.stringify(body))

export const sendNobody = (reply: FastifyReply): FastifyReply =>
  sendProblem(reply, 'SESSION_MISSING', {
    detail: 'There is no session, or it has ended, or its owner administers nothing any more.',
    fix: 'Sign in at /console/. A pairing code comes from: mintmark admin pair',
  })

/** A no to a session that must prove itself anew before this. */
export const sendProofTooOld = (reply: FastifyReply): FastifyReply => {
  const { what, why, fix } = staleProofWords
  return sendProblem(reply, 'PROOF_TOO_OLD', { detail: `${what} ${why}`, fix })
}

const forgeryWords: Readonly<Record<Forgery, { detail: string; fix: string }>> = {
  SITE_FOREIGN: {
    detail: 'Sec-Fetch-Site or Origin says that no page of this server has sent it.',
    fix: 'Use the console at the domain URL, or a bearer token.',
  },
  CSRF_TOKEN_WRONG: {
    detail: 'What changes something shows the csrfToken of its session as X-CSRF-Token.',
    fix: 'Read it from GET /console/session, or send a bearer token and no cookie.',
  },
}

/** A no to a request that carries a session and does not come from the console. */
export const sendForgery = (reply: FastifyReply, forgery: Forgery): FastifyReply =>
  sendProblem(reply, forgery, forgeryWords[forgery])

/** The answer of whoever is signed in, and of nobody else. */
export const ofSession =
  (
    answer: (
      live: LiveSession,
      request: FastifyRequest,
      reply: FastifyReply,
      services: Services,
    ) => Promise<FastifyReply>,
  ): Answer =>
  async (request, reply, services) => {
    const token = await sessionTokenOf(request, services)
    if (token === null) return sendNobody(reply)
    const forgery = await judgeSite(request, token, services)
    if (forgery !== null) return sendForgery(reply, forgery)
    const live = await findSession(token, services, Date.now())
    return live === null ? sendNobody(reply) : answer(live, request, reply, services)
  }
