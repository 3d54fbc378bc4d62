import {
  type ProblemReason,
  type ProblemWords,
  problemMediaType,
  problemOf,
} from '@mintmark/protocol/rfc9457-problem'
import type { FastifyReply } from 'fastify'
import { allowOf } from './unrouted.ts'

/** RFC 9457: one no, in words. */
export const sendProblem = (
  reply: FastifyReply,
  reason: ProblemReason,
  words: ProblemWords,
): FastifyReply => {
  const body = problemOf(reason, words, reply.request.id)
  reply.header('cache-control', 'no-store')
  return reply.code(body.status).type(problemMediaType).send(JSON.stringify(body))
}

/** RFC 9110 §15.5.6: the path is there, and does not have this method. */
export const sendMethodRefused = (
  reply: FastifyReply,
  path: string,
  methods: readonly string[],
): FastifyReply => {
  const allow = methods.join(', ')
  const words = { detail: `${path} takes ${allow} only.`, fix: `Send ${allow}.` }
  return sendProblem(reply.header('allow', allowOf(methods)), 'METHOD_NOT_ALLOWED', words)
}

/** Too many wrong guesses: nobody from there may try for a while (RFC 9110 §10.2.3). */
export const sendLocked = (reply: FastifyReply, seconds: number): FastifyReply => {
  reply.header('retry-after', String(seconds))
  const detail = `From here too much was tried that was wrong. It goes on in ${seconds} s.`
  return sendProblem(reply, 'TOO_MANY_ATTEMPTS', { detail, fix: 'Wait.' })
}
