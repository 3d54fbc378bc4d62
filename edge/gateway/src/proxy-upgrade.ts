/** WebSockets (RFC 6455): judged like any request, then two sockets joined. */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { gatewayProblem } from './gateway-problem.ts'
import { answerFields } from './passed-fields.ts'
import type { ProxyOptions } from './proxy-request.ts'
import { sendRefusalOnSocket } from './refuse-request.ts'
import { type Passed, UpstreamTimeout } from './upstream.ts'

export interface Upgrade {
  readonly request: IncomingMessage
  readonly socket: Socket
  /** What the caller sent behind the head of its request. */
  readonly head: Buffer
  readonly requestId: string
}

/** Only this one: `h2c` would open a way past every rule for the requests inside of it. */
export const isWebSocket = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket'

const writeHead = (socket: Socket, answer: IncomingMessage, more: readonly string[]): void => {
  const fields = [...answerFields(answer.rawHeaders), ...more]
  let head = `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage ?? ''}\r\n`
  for (let at = 0; at + 1 < fields.length; at += 2) head += `${fields[at]}: ${fields[at + 1]}\r\n`
  socket.write(`${head}\r\n`, 'latin1')
}

const join = (caller: Socket, api: Socket): void => {
  for (const [one, other] of [
    [caller, api],
    [api, caller],
  ] as const) {
    one.setTimeout(0)
    one.setKeepAlive(true)
    one.on('error', () => other.destroy())
    one.once('close', () => other.destroy())
    one.pipe(other)
  }
}

/** Asks the API for the upgrade and joins the two sockets; its refusal is passed on. */
export const proxyUpgrade = (upgrade: Upgrade, passed: Passed, options: ProxyOptions): void => {
  const { request, socket, head, requestId } = upgrade
  const upstream = options.upstream.open(request, passed, [
    'Connection',
    'Upgrade',
    'Upgrade',
    'websocket',
  ])
  let isAnswered = false
  const watched = options.watch.watch(passed, (refused) => {
    options.metrics.ended(refused?.refusal.reason ?? 'TOKEN_EXPIRED')
    socket.destroy()
  })
  watched.endAtExpiry()
  socket.once('close', () => {
    watched.forget()
    upstream.destroy()
  })
  upstream.once('upgrade', (answer, apiSocket: Socket, apiHead: Buffer) => {
    isAnswered = true
    options.metrics.answered(options.upstream.origin, 101)
    writeHead(socket, answer, ['Connection', 'Upgrade', 'Upgrade', 'websocket'])
    if (apiHead.length > 0) socket.write(apiHead)
    if (head.length > 0) apiSocket.write(head)
    join(socket, apiSocket)
  })
  upstream.once('response', (answer) => {
    isAnswered = true
    options.metrics.answered(options.upstream.origin, answer.statusCode ?? 0)
    writeHead(socket, answer, ['Connection', 'close'])
    answer.on('error', () => socket.destroy())
    answer.pipe(socket)
  })
  upstream.on('error', (error) => {
    if (isAnswered || socket.destroyed) {
      socket.destroy()
      return
    }
    options.report(`The API did not answer: ${error.message}`)
    const reason = error instanceof UpstreamTimeout ? 'UPSTREAM_SLOW' : 'UPSTREAM_UNREACHABLE'
    options.metrics.refused(reason)
    sendRefusalOnSocket(socket, gatewayProblem(reason, 'Try again later.', requestId))
  })
  upstream.end()
}
