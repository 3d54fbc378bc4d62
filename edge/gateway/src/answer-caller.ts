/** What a caller gets: a refusal of the gateway's own, or the answer of the API. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { connectionOf } from '@mintmark/guard/node-request'
import { answerForwardAuth, forwardAuthPrefix } from './forward-auth.ts'
import {
  type GatewayReason,
  gatewayProblem,
  type RefusalAnswer,
  requestIdOf,
} from './gateway-problem.ts'
import type { Generation } from './generation.ts'
import type { Judgement } from './judge-request.ts'
import { valuesOf } from './passed-fields.ts'
import { proxyRequest } from './proxy-request.ts'
import { isWebSocket, proxyUpgrade } from './proxy-upgrade.ts'
import { sendRefusal, sendRefusalOnSocket } from './refuse-request.ts'

export const requestIdIn = (request: IncomingMessage): string =>
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

const refuse = (
  { metrics }: Generation,
  request: IncomingMessage,
  response: ServerResponse,
  answer: RefusalAnswer,
): void => {
  metrics.refused(answer.reason)
  sendRefusal(request, response, answer)
}

const refuseSocket = ({ metrics }: Generation, socket: Socket, answer: RefusalAnswer): void => {
  metrics.refused(answer.reason)
  sendRefusalOnSocket(socket, answer)
}

const refuseUnclear = (
  generation: Generation,
  request: IncomingMessage,
  response: ServerResponse,
  fault: GatewayReason,
): void => {
  unclear.add(request.socket)
  const detail = 'Send one Host field, and a length or chunks.'
  const headers = { connection: 'close' }
  const answer = gatewayProblem(fault, detail, requestIdIn(request), headers)
  refuse(generation, request, response, answer)
}

const judgeRequest = (generation: Generation, request: IncomingMessage): Promise<Judgement> => {
  const { rawHeaders, method = '', url = '', headers } = request
  const fields = (name: string) => valuesOf(rawHeaders, name)
  const connection = () => connectionOf(request)
  return generation.judge({ method, target: url, host: headers.host ?? null, fields, connection })
}

const onlyAsked = 'This gateway only answers the proxies that ask it.'

/** Answers one request. */
export const answerRequest = async (
  generation: Generation,
  request: IncomingMessage,
  response: ServerResponse,
  isWaiting: boolean,
): Promise<void> => {
  const { method = '', url = '' } = request
  const { settings, guard } = generation
  const fault = findFault(request)
  if (fault !== null || unclear.has(request.socket)) {
    refuseUnclear(generation, request, response, fault ?? 'CODING_UNKNOWN')
    return
  }
  if (settings.forwardAuth && url.startsWith(forwardAuthPrefix)) {
    await answerForwardAuth(request, response, generation)
    return
  }
  const metadata = url.startsWith('/') ? guard.answerMetadata(method, url) : null
  if (metadata !== null) {
    sendRefusal(request, response, metadata)
    return
  }
  const judgement = await judgeRequest(generation, request)
  if (response.destroyed) return
  if (!judgement.ok) {
    refuse(generation, request, response, judgement.answer)
    return
  }
  const { target, caller, recheck, route } = judgement
  const proxy = generation.proxyFor(route)
  if (proxy === null) {
    const answer = gatewayProblem('ROUTE_UNKNOWN', onlyAsked, requestIdIn(request))
    refuse(generation, request, response, answer)
    return
  }
  const passed = { target: target.target, caller, recheck }
  proxyRequest({ request, response, isWaiting }, passed, proxy)
}

/** Answers one request for another protocol. */
export const answerUpgrade = async (
  generation: Generation,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): Promise<void> => {
  const requestId = requestIdIn(request)
  socket.on('error', () => socket.destroy())
  const isRefused = findFault(request) !== null || unclear.has(socket)
  if (isRefused || !isWebSocket(request)) {
    const detail = 'Only WebSocket can be asked for.'
    refuseSocket(generation, socket, gatewayProblem('UPGRADE_REFUSED', detail, requestId))
    return
  }
  const judgement = await judgeRequest(generation, request)
  if (!judgement.ok) {
    refuseSocket(generation, socket, judgement.answer)
    return
  }
  if (socket.destroyed) return
  const { target, caller, recheck, route } = judgement
  const proxy = generation.proxyFor(route)
  if (proxy === null) {
    refuseSocket(generation, socket, gatewayProblem('UPGRADE_REFUSED', onlyAsked, requestId))
    return
  }
  const upgrade = { request, socket, head, requestId }
  proxyUpgrade(upgrade, { target: target.target, caller, recheck }, proxy)
}
