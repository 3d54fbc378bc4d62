/** The API that the examples call: a few lines that judge tokens, as a test may. */
import { createHash, X509Certificate } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose'

export interface OrdersApi {
  readonly audience: string
  /** Method, path and client of each request that was let in. */
  readonly served: readonly string[]
  /** How many different tokens of a client were let in. */
  tokensOf(clientId: string): number
  /** What its issuer calls itself; known after the issuer has heard of this API. */
  trust(issuer: { readonly issuer: string; readonly url: string }): void
  /** Answers with this status for a while, as an API does that is down. */
  fail(status: number | null): void
  close(): Promise<void>
}

interface Confirmed extends JWTPayload {
  readonly cnf?: { readonly 'x5t#S256'?: string }
}

const scopeFor = ({ method = '', url = '' }: IncomingMessage): string => {
  if (url.startsWith('/orders/maintenance/')) return 'orders.maintain'
  return method === 'GET' ? 'orders.read' : 'orders.write'
}

/** RFC 8705 §3.1: the certificate of this connection, as the token would name it. */
const thumbprintOf = (request: IncomingMessage): string | null => {
  const raw = (request.socket as Partial<TLSSocket>).getPeerCertificate?.()?.raw
  if (raw === undefined) return null
  return createHash('sha256').update(new X509Certificate(raw).raw).digest('base64url')
}

type Judge = (request: IncomingMessage) => Promise<JWTPayload | string>

const judgeFor = (
  issuer: { readonly issuer: string; readonly url: string },
  audience: string,
): Judge => {
  const keys = createRemoteJWKSet(new URL(`${issuer.url}/.well-known/jwks.json`))
  return async (request) => {
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (token === undefined) return 'no token'
    const read = await jwtVerify<Confirmed>(token, keys, { issuer: issuer.issuer, audience }).catch(
      (error: Error) => error.message,
    )
    if (typeof read === 'string') return read
    const { payload } = read
    const scopes = String(payload['scope']).split(' ')
    if (!scopes.includes(scopeFor(request))) return `not in ${scopes}`
    const bound = payload.cnf?.['x5t#S256']
    if (bound !== undefined && bound !== thumbprintOf(request)) return 'another certificate'
    return payload
  }
}

export interface OrdersApiOptions {
  /** Over TLS, with certificates asked for as it says. */
  readonly tls?: ServerOptions
  /** Says where its tokens come from (RFC 9728). */
  readonly describes?: boolean
}

const metadataPath = '/.well-known/oauth-protected-resource/orders'

/** Starts the API on loopback. */
export const startOrdersApi = async (options: OrdersApiOptions = {}): Promise<OrdersApi> => {
  const { tls, describes = false } = options

  const served: string[] = []
  const tokens = new Set<string>()
  let issuer = ''
  let audience = ''
  let judge: Judge = async () => 'no issuer yet'
  let failure: number | null = null
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    request.resume()
    const { method, url, headers } = request
    if (url === '/echo') {
      return void response.end(`Authorization: ${headers.authorization ?? 'none'}`)
    }
    if (describes && url === metadataPath) {
      const document = { resource: audience, authorization_servers: [issuer] }
      return void response.end(JSON.stringify(document))
    }
    const judged = await judge(request)
    if (typeof judged === 'string') {
      const where = describes ? `resource_metadata="${new URL(metadataPath, audience)}"` : ''
      const why = headers.authorization === undefined ? where : 'error="invalid_token"'
      response.writeHead(401, { 'www-authenticate': `Bearer ${why}` })
      return void response.end(judged)
    }
    if (failure !== null) return void response.writeHead(failure).end('down')
    tokens.add(`${judged['client_id']} ${judged.jti}`)
    served.push(`${method} ${url} ${judged['client_id']}`)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ order: url?.split('/').at(-1), for: judged['client_id'] }))
  }
  const server = (
    tls === undefined ? createServer(answer) : createSecureServer(tls, answer)
  ) as Server
  await new Promise<void>((fulfil) => server.listen(0, '127.0.0.1', fulfil))
  const { port } = server.address() as AddressInfo
  audience = `${tls === undefined ? 'http' : 'https'}://localhost:${port}/orders`
  return {
    audience,
    served,
    tokensOf: (clientId) => [...tokens].filter((each) => each.startsWith(`${clientId} `)).length,
    trust: (trusted) => {
      issuer = trusted.issuer
      judge = judgeFor(trusted, audience)
    },
    fail: (status) => {
      failure = status
    },
    close: () =>
      new Promise((fulfil) => {
        server.close(() => fulfil())
        server.closeAllConnections()
      }),
  }
}
