/**
 * Real servers that show key sets, well and badly. Nothing that serves a request may import this.
 */
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { TestCertificate } from '../certificates/test-authority.ts'

export interface KeySource extends AsyncDisposable {
  readonly port: number
  /** Path of each request. */
  readonly requests: string[]
  /** Server name of each TLS connection; an empty text for one without TLS. */
  readonly connections: string[]
  /** What the next requests are answered with. */
  answer: RequestListener
}

/** An EC key of P-256 with a name; where the point is does not matter to who only fetches it. */
export const sourceKey = (kid: string) => ({
  kty: 'EC',
  crv: 'P-256',
  kid,
  x: 'A'.repeat(43),
  y: 'A'.repeat(43),
})

export const jsonAnswer =
  (value: unknown): RequestListener =>
  (_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(value))
  }

export const keysAnswer = (...kids: readonly string[]): RequestListener =>
  jsonAnswer({ keys: kids.map(sourceKey) })

/** Listens on 127.0.0.1, with TLS when there is a certificate. */
export const startKeySource = async (
  answer: RequestListener,
  certificate: TestCertificate | null = null,
): Promise<KeySource> => {
  const requests: string[] = []
  const connections: string[] = []
  const listener: RequestListener = (request, response) => {
    requests.push(request.url ?? '')
    source.answer(request, response)
  }
  const server: Server =
    certificate === null
      ? createServer(listener)
      : createSecureServer({ cert: certificate.pem, key: certificate.keyPem }, listener)
  if (certificate === null) server.on('connection', () => connections.push(''))
  else server.on('secureConnection', (socket: TLSSocket) => connections.push(nameOf(socket)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const source: KeySource = {
    port: (server.address() as AddressInfo).port,
    requests,
    connections,
    answer,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return source
}

const nameOf = (socket: TLSSocket): string => {
  const name = (socket as { servername?: string | false }).servername
  return typeof name === 'string' ? name : ''
}
