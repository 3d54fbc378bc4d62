import { DatabaseDamaged, StorageFailed } from '@mintmark/storage/database'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Services } from '../services.ts'

/** What keeps a server from answering a request that it might have answered. */
export type FaultReason =
  | 'BODY_TOO_LARGE'
  | 'BODY_NOT_AN_OBJECT'
  | 'RECORD_UNAVAILABLE'
  | 'INTERNAL'

/** One no, in words. */
export interface FaultWords {
  readonly detail: string
  readonly fix: string
}

const words: Readonly<Record<FaultReason, FaultWords>> = {
  BODY_TOO_LARGE: { detail: 'The body is larger than is read here.', fix: 'Send less at a time.' },
  BODY_NOT_AN_OBJECT: {
    detail: 'The body did not arrive as its header fields say.',
    fix: 'Send as many bytes as Content-Length says, or leave it to the HTTP client.',
  },
  RECORD_UNAVAILABLE: {
    detail: 'The database cannot be asked now, so nothing was done.',
    fix: 'Retry after Retry-After seconds; /readyz and the log say what is wrong.',
  },
  INTERNAL: {
    detail: 'The server failed. Its log has the ecid of this answer.',
    fix: 'Try again; if it fails again, look there.',
  },
}

/** After so long the database is asked anew. */
export const recordRetrySeconds = 5

type ThrownError = Error & { readonly code?: string; readonly statusCode?: number }

/** What an error is called; damage does not go away by waiting. */
export const reasonOfFault = (error: ThrownError): FaultReason => {
  if (error instanceof DatabaseDamaged) return 'INTERNAL'
  if (error instanceof StorageFailed) return 'RECORD_UNAVAILABLE'
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return 'BODY_TOO_LARGE'
  return (error.statusCode ?? 500) < 500 ? 'BODY_NOT_AN_OBJECT' : 'INTERNAL'
}

/** How a door says no, in its own wire format. */
export type SayFault = (reply: FastifyReply, reason: FaultReason, words: FaultWords) => FastifyReply

/** What broke before or in an answer: in the format of its door, never a page of the framework. */
export const answerFault =
  (services: Pick<Services, 'fault'>, say: SayFault) =>
  (error: ThrownError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const reason = reasonOfFault(error)
    services.fault(request.id, reason, error)
    if (reason === 'BODY_TOO_LARGE') reply.header('connection', 'close')
    if (reason === 'RECORD_UNAVAILABLE') reply.header('retry-after', String(recordRetrySeconds))
    return say(reply, reason, words[reason])
  }
