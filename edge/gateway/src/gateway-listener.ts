/** The listener: what bytes become requests, and how many at one time. */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import { createServer as createSecureServer, Server as SecureServer } from 'node:https'
import type { Socket } from 'node:net'
import { answerRequest, answerUpgrade, requestIdIn } from './answer-caller.ts'
import { gatewayProblem } from './gateway-problem.ts'
import type { GatewaySettings } from './gateway-settings.ts'
import type { Generation } from './generation.ts'
import { isWebSocket } from './proxy-upgrade.ts'
import { sendRefusal, sendRefusalOnSocket } from './refuse-request.ts'

const parseAnswers: Readonly<Record<string, readonly [status: number, title: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The head of the request is too large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunks have too long extensions'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time'],
}

/** Answers on a connection that have not ended. */
const answering = new WeakMap<Socket, Set<ServerResponse>>()

const noteAnswer = ({ socket }: IncomingMessage, response: ServerResponse): void => {
  const open = answering.get(socket) ?? new Set()
  answering.set(socket, open.add(response))
  response.once('close', () => open.delete(response))
}

/** Where not even a request could be read: the connection ends, and nothing goes on. */
const refuseBytes = (error: Error & { code?: string }, socket: Socket): void => {
  // what is written now would be read as part of an answer that has begun
  if ([...(answering.get(socket) ?? [])].some(({ headersSent }) => headersSent)) {
    socket.destroy()
    return
  }
  const [status, title] = parseAnswers[error.code ?? ''] ?? [400, 'This is no HTTP request']
  const type = 'urn:mintmark:problem:request-unreadable'
  const reason = 'REQUEST_UNREADABLE'
  const body = JSON.stringify({ type, title, status, reason })
  const headers = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }
  sendRefusalOnSocket(socket, { status, headers, body })
}

/** Any certificate may be shown: a token names the one it is bound to (RFC 8705 §3). */
const secure = (
  { guard }: Pick<GatewaySettings, 'guard'>,
  tls: NonNullable<GatewaySettings['tls']>,
) => {
  const { certificate: cert, key } = tls
  const requestCert = guard.certificates?.from === 'handshake'
  return { cert, key, minVersion: 'TLSv1.2', requestCert, rejectUnauthorized: false } as const
}

const fail = (error: unknown): string => (error instanceof Error ? `${error.stack}` : `${error}`)

/**
 * Makes the listener; it does not listen yet.
 * @param current what the file says now; a request goes on by what it was begun with
 */
export const createListener = (current: () => Generation): Server => {
  const { settings, report, metrics } = current()
  const { limits, tls } = settings
  const guarded = (
    request: IncomingMessage,
    response: ServerResponse,
    isWaiting: boolean,
  ): void => {
    const generation = current()
    response.once('close', generation.begin())
    noteAnswer(request, response)
    answerRequest(generation, request, response, isWaiting).catch((error) => {
      report(`A request failed: ${fail(error)}`)
      metrics.refused('GATEWAY_FAILED')
      const problem = gatewayProblem('GATEWAY_FAILED', 'Try again later.', requestIdIn(request))
      sendRefusal(request, response, problem)
    })
  }
  const listener: RequestListener = (request, response) => guarded(request, response, false)
  const options: ServerOptions & { shouldUpgradeCallback: (r: IncomingMessage) => boolean } = {
    insecureHTTPParser: false,
    requireHostHeader: true,
    maxHeaderSize: limits.headerBytesMax,
    headersTimeout: limits.headTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: Math.min(limits.headTimeoutMs, 5000),
    keepAliveTimeout: 30_000,
    shouldUpgradeCallback: isWebSocket,
  }
  const server =
    tls === null
      ? createServer(options, listener)
      : createSecureServer({ ...options, ...secure(settings, tls) }, listener)
  server.maxConnections = limits.connectionsMax
  // Their bytes are bounded; a bound of their number would drop the rest of them silently.
  server.maxHeadersCount = 0
  server.timeout = limits.silenceTimeoutMs + 5000
  server.on('checkContinue', (request, response) => guarded(request, response, true))
  server.on('upgrade', (request, socket: Socket, head) => {
    const generation = current()
    socket.once('close', generation.begin())
    answerUpgrade(generation, request, socket, head).catch((error) => {
      report(`An upgrade failed: ${fail(error)}`)
      socket.destroy()
    })
  })
  server.on('connect', (_request, socket: Socket) => socket.destroy())
  server.on('clientError', (error, socket: Socket) => {
    metrics.refused('REQUEST_UNREADABLE')
    refuseBytes(error, socket)
  })
  return server
}

/** A renewed certificate is shown to new connections; those that are open keep theirs. */
export const renewCertificate = (server: Server, { guard, tls }: GatewaySettings): void => {
  if (server instanceof SecureServer && tls !== null) {
    server.setSecureContext(secure({ guard }, tls))
  }
}
