import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'

/** Decision 4: one id per answer, under every name it is looked for. A list of the caller's own. */
export const idHeaders = (ecid: string): string[] => [
  'x-request-id',
  ecid,
  'opc-request-id',
  ecid,
  'x-oracle-dms-ecid',
  ecid,
  'x-content-type-options',
  'nosniff',
]

/**
 * The same, and what a body needs; as one list, because lists that grow are copied.
 * RFC 6749 §5.1: nothing that holds a token, or says why there is none, may be kept.
 */
const noStoreHeaders = (ecid: string, bytes: string, mediaType: string): string[] => [
  ...idHeaders(ecid),
  'cache-control',
  'no-store',
  'pragma',
  'no-cache',
  'content-length',
  bytes,
  'content-type',
  mediaType,
]

/** RFC 6797 §7.1: said on the TLS door only. */
export const strictTransport: readonly string[] = ['strict-transport-security', 'max-age=31536000']

/**
 * The body of an answer; a text is JSON already, or what its type says; null: an empty one (RFC
 * 7009 §2.2).
 */
export type AnswerBody = Readonly<Record<string, unknown>> | string | null

/** What an OAuth endpoint answers. */
export interface Answer {
  readonly status: number
  readonly body: AnswerBody
  /** Of the body; JSON unless said. */
  readonly mediaType?: string | undefined
  /** Names and values in turn. */
  readonly headers?: readonly string[]
}

/** Writes one answer in one piece: a header list that is never taken apart again, then the text. */
export const sendAnswer = (
  request: IncomingMessage,
  response: ServerResponse,
  ecid: string,
  answer: Answer,
): void => {
  if (response.headersSent || response.destroyed) return
  const { body } = answer
  const text = body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  const bytes = Buffer.byteLength(text)
  const headers = noStoreHeaders(ecid, String(bytes), answer.mediaType ?? 'application/json')
  if (text === '') headers.length -= 2 // no body, no type of it
  if ((request.socket as TLSSocket).encrypted) headers.push(...strictTransport)
  if (answer.headers !== undefined) headers.push(...answer.headers)
  response.writeHead(answer.status, headers)
  // Text of as many bytes as characters is ASCII, and the same in Latin-1, which is written faster.
  response.end(text, bytes === text.length ? 'latin1' : 'utf8')
}
