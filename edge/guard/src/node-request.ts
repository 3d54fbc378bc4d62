/** Requests and answers of `node:http`, which Express and Fastify stand on. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { Caller } from './guard.ts'
import type { Connection, GuardRequest } from './guard-request.ts'
import type { GuardAnswer } from './refusal-answer.ts'

/** `headers` keeps the first of two Authorization fields and hides the other: raw ones are read. */
const fieldsOf = (rawHeaders: readonly string[], name: string): readonly string[] => {
  const values: string[] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() === name) values.push(rawHeaders[at + 1] ?? '')
  }
  return values
}

const certificateOf = (socket: TLSSocket): Uint8Array | null => {
  if (!socket.encrypted) return null
  const { raw } = socket.getPeerCertificate()
  return raw ?? null
}

/** What a request came over. */
export const connectionOf = ({ socket }: IncomingMessage): Connection => ({
  address: socket.remoteAddress ?? '',
  certificate: certificateOf(socket as TLSSocket),
})

/** A request as the guard reads it. @param url its path, where a router has cut `request.url` */
export const nodeRequest = (request: IncomingMessage, url = request.url ?? ''): GuardRequest => ({
  method: request.method ?? '',
  url,
  fields: (name) => fieldsOf(request.rawHeaders, name),
  connection: () => connectionOf(request),
  raw: request,
})

/** Sends the guard's own answer. */
export const sendAnswer = (response: ServerResponse, answer: GuardAnswer): void => {
  response.writeHead(answer.status, answer.headers)
  response.end(answer.body)
}

/** What the handler of a guarded route finds in its request. */
export interface WithCaller {
  caller?: Caller
}

/**
 * The caller of a request that a guard let through.
 * @throws Error when no guard stands before this route
 */
export const callerOf = (request: object): Caller => {
  const { caller } = request as WithCaller
  if (caller === undefined) throw new Error('No guard stands before this route: add requires().')
  return caller
}
