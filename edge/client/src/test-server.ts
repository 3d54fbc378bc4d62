/** Servers and clocks for the tests of this package. */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createSecureServer, type ServerOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import type { World } from './world.ts'

/** A request as it arrived. */
export interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  readonly form: URLSearchParams
  /** SHA-256 of the certificate that was shown; null: none. */
  readonly certificate: string | null
}

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON. */
  readonly body?: string | object
}

/** What a test server says; null breaks the connection. */
export type Handle = (seen: Seen, server: TestServer) => Reply | null | Promise<Reply | null>

export interface TestServer {
  readonly url: string
  readonly seen: readonly Seen[]
  /** Requests to one path. */
  at(path: string): readonly Seen[]
  close(): Promise<void>
}

const certificateOf = (request: IncomingMessage): string | null => {
  const socket = request.socket as Partial<TLSSocket>
  return socket.getPeerCertificate?.().fingerprint256 ?? null
}

const answerWith = (server: Server, handle: Handle, own: () => TestServer, seen: Seen[]): void => {
  server.on('request', async (request: IncomingMessage, response) => {
    const body = await text(request)
    const { method = '', url = '', headers } = request
    const form = new URLSearchParams(body)
    const one: Seen = {
      method,
      path: url,
      headers,
      body,
      form,
      certificate: certificateOf(request),
    }
    seen.push(one)
    const reply = await handle(one, own())
    if (reply === null) return void request.socket.destroy()
    const isText = typeof reply.body === 'string' || reply.body === undefined
    const type: Record<string, string> = isText ? {} : { 'content-type': 'application/json' }
    response.writeHead(reply.status ?? 200, { ...type, ...reply.headers })
    response.end(isText ? reply.body : JSON.stringify(reply.body))
  })
}

/** Starts a server on loopback that answers as it is told. */
export const startTestServer = async (
  handle: Handle,
  tls?: ServerOptions & { readonly host?: string },
): Promise<TestServer> => {
  const seen: Seen[] = []
  const sockets = new Set<Socket>()
  const server = tls === undefined ? createServer() : createSecureServer(tls)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((fulfil) => server.listen(0, '127.0.0.1', fulfil))
  const { port } = server.address() as AddressInfo
  const own: TestServer = {
    url: `${tls === undefined ? 'http' : 'https'}://localhost:${port}`,
    seen,
    at: (path) => seen.filter((each) => each.path === path),
    close: () =>
      new Promise((fulfil) => {
        server.close(() => fulfil())
        for (const socket of sockets) socket.destroy()
      }),
  }
  answerWith(server as Server, handle, () => own, seen)
  return own
}

export const metadataPath = '/.well-known/oauth-authorization-server'
export const tokenPath = '/oauth2/v1/token'

/** Metadata of a server that speaks as ours does. */
export const metadataOf = (url: string, more: object = {}): Reply => ({
  body: { issuer: url, token_endpoint: `${url}${tokenPath}`, ...more },
})

let counter = 0
/** A token of its own each time. */
export const tokenReply = (more: object = {}): Reply => {
  counter += 1
  const access_token = `token-${counter}`
  return { body: { access_token, token_type: 'Bearer', expires_in: 3600, ...more } }
}

/** An issuer whose token endpoint is told what to say. */
export const startIssuer = (
  onToken: (seen: Seen, server: TestServer) => ReturnType<Handle> = () => tokenReply(),
): Promise<TestServer> =>
  startTestServer((seen, server) => {
    if (seen.path === metadataPath) return metadataOf(server.url)
    return seen.path === tokenPath ? onToken(seen, server) : { status: 404 }
  })

/** A clock that moves when it is told, and by whatever is slept. */
export interface TestWorld extends World {
  readonly sleptMs: readonly number[]
  advance(ms: number): void
}

export const makeWorld = (
  environment: Readonly<Record<string, string>> = {},
  random = 0.5,
): TestWorld => {
  const sleptMs: number[] = []
  let passedMs = 0
  return {
    environment,
    sleptMs,
    nowMs: () => Date.UTC(2026, 0, 1) + passedMs,
    monotonicMs: () => passedMs,
    random: () => random,
    sleep: async (ms) => {
      sleptMs.push(ms)
      passedMs += ms
    },
    advance: (ms) => {
      passedMs += ms
    },
  }
}
