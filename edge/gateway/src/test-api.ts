/** An API that tells what it was sent, a gateway before it, and bytes on a socket. Tests only. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type RequirementWish, readRequirement } from '@mintmark/guard/requirement'
import { type TestIssuer, testIssuer } from '@mintmark/guard/testing'
import type { GatewaySettings } from './gateway-settings.ts'
import { type RunningGateway, startGateway } from './start-gateway.ts'
import { testSettings } from './test-settings.ts'

export const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((fulfil) => server.listen(0, '127.0.0.1', fulfil))
  return (server.address() as AddressInfo).port
}

/** What reached the API. */
export interface Seen {
  readonly method: string
  readonly url: string
  readonly fields: readonly string[]
  readonly trailers: readonly string[]
  readonly body: string
}

export const route = (
  pattern: string,
  wish?: RequirementWish | null,
  methods: readonly string[] = [],
) => ({ pattern, methods, requirement: wish === null ? null : readRequirement(wish) })

const readBody = async (request: IncomingMessage): Promise<string> => {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString('latin1')
}

export interface Bench {
  readonly issuer: TestIssuer
  readonly api: Server
  readonly apiPort: number
  readonly gateway: RunningGateway
  readonly port: number
  /** Requests that reached the API, in order. */
  readonly seen: Seen[]
  readonly reports: string[]
  /** A token with the scope that the routes under `/orders` demand. */
  readonly token: string
  close(): Promise<void>
}

/** @param answer how the API answers; with what it saw, as JSON, unless stated */
export const startBench = async (
  wishes: Partial<GatewaySettings> = {},
  answer?: RequestListener,
): Promise<Bench> => {
  const issuer = await testIssuer()
  const seen: Seen[] = []
  const tell: RequestListener = async (request, response) => {
    const body = await readBody(request).catch(() => 'broken off')
    const { method = '', url = '', rawHeaders: fields, rawTrailers: trailers } = request
    seen.push({ method, url, fields, trailers, body })
    response.end(JSON.stringify(seen.at(-1)))
  }
  const api = createServer({ maxHeaderSize: 65_536 }, answer ?? tell)
  api.maxHeadersCount = 0
  const apiPort = await listen(api)
  const reports: string[] = []
  const settings = testSettings({
    guard: issuer.guardOptions,
    routes: [route('/orders/**', 'orders.read'), route('/open/**', null)],
    upstream: `http://127.0.0.1:${apiPort}`,
    ...wishes,
  })
  const gateway = await startGateway(settings, { host: '127.0.0.1', port: 0 }, (message) =>
    reports.push(message),
  )
  const close = async () => {
    await gateway.stop(0)
    api.closeAllConnections()
    await new Promise((fulfil) => api.close(fulfil))
    await issuer.close()
  }
  const port = Number(new URL(gateway.url).port)
  const token = issuer.token({ scope: 'orders.read' })
  return { issuer, api, apiPort, gateway, port, seen, reports, token, close }
}

/** Sends bytes and reads until the other side closes, or `until` is in what it said. */
export const sendBytes = (
  port: number,
  bytes: string,
  until?: (said: string) => boolean,
): Promise<string> =>
  new Promise((fulfil) => {
    const socket: Socket = connect(port, '127.0.0.1')
    let said = ''
    const done = () => {
      socket.destroy()
      fulfil(said)
    }
    socket.setTimeout(4000, done)
    socket.on('data', (piece) => {
      said += piece.toString('latin1')
      if (until?.(said) === true) done()
    })
    socket.on('close', done)
    socket.on('error', done)
    socket.write(bytes, 'latin1')
  })

/** A request written by hand, after which the connection ends. */
export const head = (line: string, ...fields: readonly string[]): string =>
  `${[`${line} HTTP/1.1`, 'Host: api.test', 'Connection: close', ...fields].join('\r\n')}\r\n\r\n`

export const statusOf = (said: string): number => Number(said.split(' ')[1] ?? 0)

/** A caller that goes away in the middle of what it says. */
export const sendAndLeave = (port: number, bytes: string): Promise<void> =>
  new Promise((fulfil) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.on('close', () => fulfil())
    socket.write(bytes, 'latin1')
    setTimeout(() => socket.destroy(), 50)
  })
