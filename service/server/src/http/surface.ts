import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { TlsOptions } from 'node:tls'
import type { Refusal } from '@mintmark/protocol/refusal'
import { StorageFailed } from '@mintmark/storage/database'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { consolePages } from '../console/pages.ts'
import { refuseForgedRequests } from '../console/refuse-forged-requests.ts'
import { sessionRoutes } from '../console/session-routes.ts'
import { administrationRoutes } from '../endpoints/administration.ts'
import { discoveryRoutes, issuerPathDocument, sendDocument } from '../endpoints/discovery.ts'
import { answerIntrospection } from '../endpoints/introspect.ts'
import { openApiRoute } from '../endpoints/openapi.ts'
import { metricsRoute, operationRoutes } from '../endpoints/operation.ts'
import { answerRevocation } from '../endpoints/revoke.ts'
import { signingCertificateRoute } from '../endpoints/signing-certificate.ts'
import { answerTokenRequest } from '../endpoints/token.ts'
import { happeningRoutes } from '../happenings/routes.ts'
import type { Services } from '../services.ts'
import { newEcid } from '../signing/random-ids.ts'
import { idHeaders, strictTransport } from './answer.ts'
import { answerFault } from './answer-fault.ts'
import { notNow, type OAuthDoor, oauthDoor, refusalAnswer } from './oauth-door.ts'
import { originForm } from './request-target.ts'
import { watchSilentConnections } from './silent-connections.ts'
import { answerUnrouted } from './unrouted.ts'

// Imported as modules they would load every lazy part of theirs, a web client too: 18 ms a start.
const { createServer } = process.getBuiltinModule('node:http')
const { createServer: createTlsServer } = process.getBuiltinModule('node:https')

const unexpected = (): never => {
  throw new Error('a route declares a JSON schema, and the compilers of them are left out')
}

// Bodies are read by rules of our own. The framework's schema compilers are about a hundred
// modules that no route asks for.
const noSchemas = {
  compilersFactory: { buildValidator: () => unexpected, buildSerializer: () => unexpected },
}

/** Bounds of one door; times in milliseconds, sizes in bytes. */
export interface DoorLimits {
  readonly bodyBytesMax: number
  readonly administrationBodyBytesMax: number
  readonly headersTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly connectionsMax: number
}

/** Base64url of the 1023 bytes that a credential id may have (WebAuthn §4). */
const passkeyIdCharsMax = 1364

/** What tells one door from another. */
export interface DoorKind {
  /** null: plain HTTP. */
  readonly tls: TlsOptions | null
  /** Whether `/metrics` is here, or on a door of its own. */
  readonly metricsHere: boolean
}

const serversOfApps = new WeakMap<FastifyInstance, readonly Server[]>()

/** The servers of a door: one for each address of the name `localhost`, else one. */
export const serversOf = (app: FastifyInstance): readonly Server[] =>
  serversOfApps.get(app) ?? [app.server]

/** The door for whoever collects the metrics, where they are moved off the others. */
export const buildMetricsDoor = (services: Services): FastifyInstance => {
  const app = Fastify({
    logger: false,
    genReqId: newEcid,
    requestIdHeader: false,
    forceCloseConnections: 'idle',
    schemaController: noSchemas,
    clientErrorHandler: answerClientError,
  })
  answerHeaders(app, false)
  answerFaults(app, services)
  answerUnrouted(app, {
    refuse: (_request, reply) => refuse(reply, { reason: 'PATH_ONLY_READ' }, services),
    unknownPath: (_request, reply) => refuse(reply, { reason: 'PATH_UNKNOWN' }, services),
  })
  metricsRoute(app, services)
  return app
}

/**
 * The whole surface on one door. The plain and the TLS door are two of these over the same
 * services.
 */
export const buildSurface = (
  services: Services,
  limits: DoorLimits,
  { tls, metricsHere }: DoorKind,
): FastifyInstance => {
  const oauthDoors = openOAuthDoors(services, limits.bodyBytesMax)
  const servers: Server[] = []
  const app = Fastify({
    logger: false,
    genReqId: newEcid,
    requestIdHeader: false,
    bodyLimit: limits.bodyBytesMax,
    forceCloseConnections: 'idle',
    schemaController: noSchemas,
    clientErrorHandler: answerClientError,
    routerOptions: { maxParamLength: passkeyIdCharsMax },
    // of a path that cannot be decoded, or is too long: no hook has run, and no handler is asked
    frameworkErrors: (_error, request, reply) => {
      setHeaders(reply, idHeaders(request.id))
      if (tls !== null) setHeaders(reply, strictTransport)
      return refuse(reply, { reason: 'PATH_UNKNOWN' }, services)
    },
    serverFactory: (handler) => {
      const server = createDoor(oauthDoors, handler, limits, tls)
      server.on('connection', services.workload.hurry)
      servers.push(server)
      return server
    },
  })
  serversOfApps.set(app, servers)
  readBodiesAsBytes(app)
  answerHeaders(app, tls !== null)
  answerFaults(app, services)
  refuseOutOfTouch(app, services)
  refuseForgedRequests(app, services)
  answerOtherPaths(app, services)
  discoveryRoutes(app, services)
  signingCertificateRoute(app, services)
  openApiRoute(app)
  operationRoutes(app, services)
  if (metricsHere) metricsRoute(app, services)
  administrationRoutes(app, services, limits.administrationBodyBytesMax)
  happeningRoutes(app, services, limits.bodyBytesMax)
  sessionRoutes(app, services)
  consolePages(app, services)
  return app
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** The hot paths are answered at once; everything else goes through the framework. */
const createDoor = (
  oauthDoors: ReadonlyMap<string, OAuthDoor>,
  handler: Handler,
  limits: DoorLimits,
  tls: TlsOptions | null,
): Server => {
  const choose: Handler = (request, response) => {
    const url = originForm(request.url ?? '')
    request.url = url
    const query = url.indexOf('?')
    const door = oauthDoors.get(query === -1 ? url : url.slice(0, query))
    if (door === undefined) handler(request, response)
    else door(request, response)
  }
  const options = {
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.idleTimeoutMs,
    connectionsCheckingInterval: 1000,
  }
  const server =
    tls === null ? createServer(options, choose) : createTlsServer({ ...tls, ...options }, choose)
  server.maxConnections = limits.connectionsMax
  watchSilentConnections(server as Server, tls !== null)
  return server as Server
}

const openOAuthDoors = (services: Services, bodyBytesMax: number): ReadonlyMap<string, OAuthDoor> =>
  new Map([
    ['/oauth2/v1/token', oauthDoor('token', answerTokenRequest, services, bodyBytesMax)],
    ['/oauth2/v1/introspect', oauthDoor('introspect', answerIntrospection, services, bodyBytesMax)],
    ['/oauth2/v1/revoke', oauthDoor('revoke', answerRevocation, services, bodyBytesMax)],
  ])

/** Every body arrives as bytes: what it means is for the endpoint's own strict reader to say. */
const readBodiesAsBytes = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
}

const answerHeaders = (app: FastifyInstance, secure: boolean): void => {
  app.addHook('onRequest', (request, reply, done) => {
    setHeaders(reply, idHeaders(request.id))
    if (secure) setHeaders(reply, strictTransport)
    done()
  })
}

const setHeaders = (reply: FastifyReply, headers: readonly string[]): void => {
  for (let at = 0; at < headers.length; at += 2) {
    reply.header(headers[at] as string, headers[at + 1])
  }
}

const honouring = /^\/(?:(?:admin|api)\/|console\/(?:session|pairing)\b)/

/** Whoever administers or follows is not answered from a memory that may be out of date. */
const refuseOutOfTouch = (app: FastifyInstance, services: Services): void => {
  app.addHook('onRequest', (request, _reply, done) => {
    const why = honouring.test(request.url) ? services.outOfTouch() : null
    done(why === null ? undefined : new StorageFailed(why))
  })
}

/** Where no route says it in the format of its own: in that of the OAuth doors. */
const answerFaults = (app: FastifyInstance, services: Services): void => {
  app.setErrorHandler(
    answerFault(services, (reply, reason) => {
      if (reason === 'RECORD_UNAVAILABLE') return refuse(reply, notNow, services)
      const named = reason === 'BODY_NOT_AN_OBJECT' ? 'BODY_MALFORMED' : reason
      return refuse(reply, { reason: named }, services)
    }),
  )
}

const answerOtherPaths = (app: FastifyInstance, services: Services): void => {
  const no = (reply: FastifyReply, reason: 'PATH_ONLY_READ' | 'PATH_UNKNOWN') =>
    refuse(reply, { reason }, services)
  answerUnrouted(app, {
    refuse: (_request, reply) => no(reply, 'PATH_ONLY_READ'),
    unknownPath: async (request, reply) => {
      const document = await issuerPathDocument(request, services)
      if (document === null) return no(reply, 'PATH_UNKNOWN')
      const isRead = request.method === 'GET' || request.method === 'HEAD'
      return isRead ? sendDocument(request, reply, document) : no(reply, 'PATH_ONLY_READ')
    },
  })
}

const refuse = (reply: FastifyReply, refusal: Refusal, services: Services): FastifyReply => {
  const { status, body, headers = [] } = refusalAnswer(refusal, reply.request.id, services)
  setHeaders(reply, headers)
  reply.code(status).headers({ 'cache-control': 'no-store', pragma: 'no-cache' })
  return reply.header('content-type', 'application/json').send(JSON.stringify(body))
}

const lastWordsMs = 1000

/** What the HTTP parser itself refuses: conflicting lengths, a bad header, a sender too slow. */
const answerClientError = (error: NodeJS.ErrnoException, socket: Socket): void => {
  // before the handshake is done nothing can be said, and an end that waits for it never comes
  const isUnheard = error.code === 'ECONNRESET' || /^ERR_(?:TLS|SSL)_/.test(error.code ?? '')
  if (isUnheard || !socket.writable) return void socket.destroy()
  const slow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
  const large = error.code === 'HPE_HEADER_OVERFLOW'
  const status = slow
    ? '408 Request Timeout'
    : large
      ? '431 Request Header Fields Too Large'
      : '400 Bad Request'
  const body = JSON.stringify({
    error: 'invalid_request',
    error_description: slow
      ? 'The request took too long to arrive.'
      : 'This is not a well-formed HTTP request.',
    ecid: newEcid(),
  })
  // whoever does not close their side either must not keep ours
  setTimeout(() => socket.destroy(), lastWordsMs).unref()
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      'cache-control: no-store\r\npragma: no-cache\r\n' +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
