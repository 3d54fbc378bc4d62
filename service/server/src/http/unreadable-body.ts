import { codingsRead, isUncoded, readContentType } from '@mintmark/protocol/rfc9110-content'
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify'
import type { FaultWords } from './answer-fault.ts'

/** What speaks against reading a body as JSON before any of it is read. */
export type BodyFault =
  | 'BODY_NOT_AN_OBJECT'
  | 'BODY_CHARSET_UNSUPPORTED'
  | 'BODY_CODING_UNSUPPORTED'

const words: Readonly<Record<BodyFault, FaultWords>> = {
  BODY_NOT_AN_OBJECT: {
    detail: 'The Content-Type is no media type.',
    fix: 'Send Content-Type: application/json.',
  },
  // RFC 8259 §8.1. In other words than those of the OAuth doors, and with the same status.
  BODY_CHARSET_UNSUPPORTED: {
    detail: 'The Content-Type names another charset than UTF-8, in which JSON is read.',
    fix: 'Write the body in UTF-8, and leave the charset out or send charset=utf-8.',
  },
  BODY_CODING_UNSUPPORTED: {
    detail: 'The Content-Encoding says that the body is compressed or coded; it is read as it is.',
    fix: 'Send it so, without Content-Encoding.',
  },
}

const bodied: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

/** RFC 9112 §6. */
const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

const faultOf = (request: FastifyRequest): BodyFault | null => {
  if (!bodied.has(request.method)) return null
  const { 'content-type': contentType, 'content-encoding': codings } = request.headers
  const type = contentType === undefined ? undefined : readContentType(contentType)
  // the framework would refuse it too, in words of its own
  if (type === null) return 'BODY_NOT_AN_OBJECT'
  if (!hasBody(request)) return null
  if (type !== undefined && type.charset !== 'utf-8') return 'BODY_CHARSET_UNSUPPORTED'
  return isUncoded(codings) ? null : 'BODY_CODING_UNSUPPORTED'
}

/** How a door says no. */
export type SayNo = (reply: FastifyReply, reason: BodyFault, words: FaultWords) => unknown

/** A body that its header fields call something else than JSON in UTF-8 is not read as that. */
export const refuseUnreadableBodies =
  (sayNo: SayNo): onRequestHookHandler =>
  (request, reply, done) => {
    const fault = faultOf(request)
    if (fault === null) return done()
    if (fault === 'BODY_CODING_UNSUPPORTED') reply.header('accept-encoding', codingsRead)
    sayNo(reply, fault, words[fault])
  }
