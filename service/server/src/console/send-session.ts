import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Services } from '../services.ts'
import { sendJson } from './console-route.ts'
import { describeSession } from './describe-session.ts'
import type { LiveSession } from './prove-session.ts'
import { isSecure, sessionCookie } from './session-cookie.ts'

/** Gives the browser a session, and says what it is. */
export const sendSession = async (
  request: FastifyRequest,
  reply: FastifyReply,
  live: LiveSession,
  services: Services,
  more: Readonly<Record<string, unknown>> = {},
): Promise<FastifyReply> => {
  reply.header('set-cookie', sessionCookie(live.token, await isSecure(request, services)))
  const described = (await describeSession(live, services)) as object
  return sendJson(reply, { ...described, ...more })
}
