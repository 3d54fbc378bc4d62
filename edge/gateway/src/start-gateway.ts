/** The running gateway: one listener that judges every request before anything is passed on. */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { createGuard, type Guard } from '@mintmark/guard/guard'
import { connectionOf } from '@mintmark/guard/node-request'
import { answerForwardAuth, forwardAuthPrefix } from './forward-auth.ts'
import { type GatewayReason, gatewayProblem, requestIdOf } from './gateway-problem.ts'
import { createRouteTable } from './gateway-route.ts'
import type { GatewaySettings } from './gateway-settings.ts'
import { createJudge, type Judge, type Judgement } from './judge-request.ts'
import { valuesOf } from './passed-fields.ts'
import { type ProxyOptions, proxyRequest } from './proxy-request.ts'
import { isWebSocket, proxyUpgrade } from './proxy-upgrade.ts'
import { sendRefusal, sendRefusalOnSocket } from './refuse-request.ts'
import { createTrust } from './trusted-proxies.ts'
import { createUpstream } from './upstream.ts'

export interface ListenAt {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
}

export interface RunningGateway {
  readonly url: string
  readonly guard: Guard
  /** Takes no more connections, lets what is under way finish, and ends the rest. */
  stop(drainMs: number): Promise<void>
}

const drainStepMs = 50

interface Gateway {
  readonly settings: GatewaySettings
  readonly guard: Guard
  readonly judge: Judge
  readonly isTrusted: (address: string) => boolean
  /** null: forward-auth only. */
  readonly proxy: ProxyOptions | null
  readonly report: (message: string) => void
}

const requestIdIn = (request: IncomingMessage): string =>
  requestIdOf(valuesOf(request.rawHeaders, 'x-request-id')[0])

/** What Node's parser lets through and RFC 9112 (§3.2, §6.1) does not. */
const findFault = ({ rawHeaders, headers, httpVersion }: IncomingMessage): GatewayReason | null => {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 'CODING_UNKNOWN'
  const hosts = valuesOf(rawHeaders, 'host')
  if (hosts.length > 1 || (hosts.length === 0 && httpVersion === '1.1')) return 'HOST_AMBIGUOUS'
  if (/[\s,@/\\?#]/.test(hosts[0] ?? '')) return 'HOST_AMBIGUOUS'
  const codings = valuesOf(rawHeaders, 'transfer-encoding')
  if (codings.length === 0) return null
  const isChunked = codings.length === 1 && codings[0]?.toLowerCase() === 'chunked'
  if (!isChunked || httpVersion !== '1.1' || headers['content-length'] !== undefined) {
    return 'CODING_UNKNOWN'
  }
  return null
}

/** Connections on which something followed that may be the body of what came before. */
const unclear = new WeakSet<Socket>()

const refuseUnclear = (
  request: IncomingMessage,
  response: ServerResponse,
  fault: GatewayReason,
): void => {
  unclear.add(request.socket)
  const detail = 'Send one Host field, and a length or chunks.'
  const headers = { connection: 'close' }
  sendRefusal(request, response, gatewayProblem(fault, detail, requestIdIn(request), headers))
}

const judgeRequest = (gateway: Gateway, request: IncomingMessage): Promise<Judgement> => {
  const { rawHeaders, method = '', url = '', headers } = request
  const fields = (name: string) => valuesOf(rawHeaders, name)
  const connection = () => connectionOf(request)
  return gateway.judge({ method, target: url, host: headers.host ?? null, fields, connection })
}

const handle = async (
  gateway: Gateway,
  request: IncomingMessage,
  response: ServerResponse,
  isWaiting: boolean,
): Promise<void> => {
  const { method = '', url = '' } = request
  const { settings, judge, isTrusted, proxy } = gateway
  const fault = findFault(request)
  if (fault !== null || unclear.has(request.socket)) {
    refuseUnclear(request, response, fault ?? 'CODING_UNKNOWN')
    return
  }
  if (settings.forwardAuth && url.startsWith(forwardAuthPrefix)) {
    await answerForwardAuth(request, response, { settings, judge, isTrusted })
    return
  }
  const metadata = url.startsWith('/') ? gateway.guard.answerMetadata(method, url) : null
  if (metadata !== null) {
    sendRefusal(request, response, metadata)
    return
  }
  const judgement = await judgeRequest(gateway, request)
  if (response.destroyed) return
  if (!judgement.ok) sendRefusal(request, response, judgement.answer)
  else if (proxy === null) {
    const detail = 'This gateway only answers the proxies that ask it.'
    sendRefusal(request, response, gatewayProblem('ROUTE_UNKNOWN', detail, requestIdIn(request)))
  } else {
    const { target, caller } = judgement
    proxyRequest({ request, response, isWaiting }, { target: target.target, caller }, proxy)
  }
}

const handleUpgrade = async (
  gateway: Gateway,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): Promise<void> => {
  const requestId = requestIdIn(request)
  socket.on('error', () => socket.destroy())
  const isRefused = findFault(request) !== null || unclear.has(socket)
  if (gateway.proxy === null || isRefused || !isWebSocket(request)) {
    const detail = 'Only WebSocket can be asked for.'
    sendRefusalOnSocket(socket, gatewayProblem('UPGRADE_REFUSED', detail, requestId))
    return
  }
  const judgement = await judgeRequest(gateway, request)
  if (!judgement.ok) {
    sendRefusalOnSocket(socket, judgement.answer)
    return
  }
  if (socket.destroyed) return
  const { target, caller } = judgement
  const upgrade = { request, socket, head, requestId }
  proxyUpgrade(upgrade, { target: target.target, caller }, gateway.proxy)
}

const parseAnswers: Readonly<Record<string, readonly [status: number, title: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The head of the request is too large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunks have too long extensions'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time'],
}

/** Where not even a request could be read: the connection ends, and nothing goes on. */
const refuseBytes = (error: Error & { code?: string }, socket: Socket): void => {
  const [status, title] = parseAnswers[error.code ?? ''] ?? [400, 'This is no HTTP request']
  const type = 'urn:mintmark:problem:request-unreadable'
  const reason = 'REQUEST_UNREADABLE'
  const body = JSON.stringify({ type, title, status, reason })
  const headers = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }
  sendRefusalOnSocket(socket, { status, headers, body })
}

/** Any certificate may be shown: a token names the one it is bound to (RFC 8705 §3). */
const secure = ({ guard }: GatewaySettings, tls: NonNullable<GatewaySettings['tls']>) => {
  const { certificate: cert, key } = tls
  const requestCert = guard.certificates?.from === 'handshake'
  return { cert, key, minVersion: 'TLSv1.2', requestCert, rejectUnauthorized: false } as const
}

const makeServer = (gateway: Gateway): Server => {
  const { limits, tls } = gateway.settings
  const guarded = (
    request: IncomingMessage,
    response: ServerResponse,
    isWaiting: boolean,
  ): void => {
    handle(gateway, request, response, isWaiting).catch((error) => {
      gateway.report(`A request failed: ${error instanceof Error ? error.stack : error}`)
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
      : createSecureServer({ ...options, ...secure(gateway.settings, tls) }, listener)
  server.maxConnections = limits.connectionsMax
  // Their bytes are bounded; a bound of their number would drop the rest of them silently.
  server.maxHeadersCount = 0
  server.timeout = limits.silenceTimeoutMs + 5000
  server.on('checkContinue', (request, response) => guarded(request, response, true))
  server.on('upgrade', (request, socket: Socket, head) => {
    handleUpgrade(gateway, request, socket, head).catch((error) => {
      gateway.report(`An upgrade failed: ${error instanceof Error ? error.stack : error}`)
      socket.destroy()
    })
  })
  server.on('connect', (_request, socket: Socket) => socket.destroy())
  server.on('clientError', (error, socket: Socket) => refuseBytes(error, socket))
  return server
}

const trackSockets = (server: Server): ReadonlySet<Socket> => {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

/**
 * Starts a gateway.
 * @param report told of trouble, never a token
 * @throws TypeError for options of the guard that cannot be; Error when the port is taken
 */
export const startGateway = async (
  settings: GatewaySettings,
  listenAt: ListenAt,
  report: (message: string) => void,
): Promise<RunningGateway> => {
  const guard = createGuard(settings.guard)
  const isTrusted = createTrust(settings.trustedProxies)
  const judge = createJudge(guard, createRouteTable(settings.routes))
  const upstream =
    settings.upstream === null ? null : createUpstream(settings.upstream, { settings, isTrusted })
  const { bodyBytesMax } = settings.limits
  const proxy = upstream === null ? null : { upstream, bodyBytesMax, report }
  const server = makeServer({ settings, guard, judge, isTrusted, proxy, report })
  const sockets = trackSockets(server)
  await new Promise<void>((fulfil, reject) => {
    server.once('error', reject)
    server.listen(listenAt.port, listenAt.host, fulfil)
  })
  const { port } = server.address() as AddressInfo
  const host = listenAt.host.includes(':') ? `[${listenAt.host}]` : listenAt.host
  return {
    url: `${settings.tls === null ? 'http' : 'https'}://${host}:${port}`,
    guard,
    stop: async (drainMs) => {
      const closed = new Promise((fulfil) => server.close(fulfil))
      const idle = setInterval(() => server.closeIdleConnections(), drainStepMs)
      const timer = setTimeout(() => {
        for (const socket of sockets) socket.destroy()
      }, drainMs)
      await closed
      clearTimeout(timer)
      clearInterval(idle)
      upstream?.close()
      guard.close()
    },
  }
}
