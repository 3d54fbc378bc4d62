/** One request through the gateway and its answer back, as streams: no body is ever kept. */
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import type { GatewayMetrics } from './gateway-metrics.ts'
import { gatewayProblem, type RefusalAnswer, requestIdOf } from './gateway-problem.ts'
import { answerFields, trailerFields, valuesOf } from './passed-fields.ts'
import { drainBody, sendRefusal } from './refuse-request.ts'
import type { TokenWatch, Watched } from './token-watch.ts'
import { hasBody, type Passed, type Upstream, UpstreamTimeout } from './upstream.ts'

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** The caller waits for `100 Continue` before it sends its body. */
  readonly isWaiting: boolean
}

export interface ProxyOptions {
  readonly upstream: Upstream
  readonly bodyBytesMax: number
  readonly watch: TokenWatch
  readonly metrics: GatewayMetrics
  readonly report: (message: string) => void
}

/** What the parser cannot read, or Node would not write: `ERR_HTTP_…`, `ERR_INVALID_…`. */
const isBroken = (error: Error & { code?: string }): boolean =>
  /^(?:HPE|ERR)_/.test(error.code ?? '')

const problemFor = (error: Error, requestId: string) => {
  if (error instanceof UpstreamTimeout) {
    return gatewayProblem('UPSTREAM_SLOW', 'Try again later.', requestId)
  }
  return isBroken(error)
    ? gatewayProblem('UPSTREAM_BROKEN', 'Its answer is no HTTP.', requestId)
    : gatewayProblem('UPSTREAM_UNREACHABLE', 'Try again later.', requestId)
}

const requestIdIn = (request: IncomingMessage): string =>
  requestIdOf(valuesOf(request.rawHeaders, 'x-request-id')[0])

const refuse = (
  { request, response }: Exchange,
  answer: RefusalAnswer,
  { metrics }: ProxyOptions,
): void => {
  metrics.refused(answer.reason)
  sendRefusal(request, response, answer)
}

const tooLarge = ({ request }: Exchange, { bodyBytesMax }: ProxyOptions): RefusalAnswer => {
  const detail = `A body may have ${bodyBytesMax} bytes here.`
  return gatewayProblem('BODY_TOO_LARGE', detail, requestIdIn(request))
}

/** Sends the body on, no faster than the API takes it, and what stands behind it. */
const sendBody = (exchange: Exchange, upstream: ClientRequest, options: ProxyOptions): void => {
  const { request } = exchange
  if (!hasBody(request)) {
    upstream.end()
    return
  }
  let bytes = 0
  request.on('data', function count(piece: Buffer) {
    bytes += piece.length
    if (bytes <= options.bodyBytesMax) return
    request.off('data', count)
    upstream.destroy()
    refuse(exchange, tooLarge(exchange, options), options)
  })
  request.pipe(upstream, { end: false })
  request.once('end', () => {
    const trailers = trailerFields(request.rawTrailers, options.upstream.identityKeys)
    if (trailers.length > 0) upstream.addTrailers(pairsOf(trailers))
    upstream.end()
  })
}

const pairsOf = (fields: readonly string[]): [string, string][] => {
  const pairs: [string, string][] = []
  for (let at = 0; at + 1 < fields.length; at += 2) {
    pairs.push([fields[at] ?? '', fields[at + 1] ?? ''])
  }
  return pairs
}

/** Passes an answer on; one that breaks off is broken off here too, never ended as if whole. */
const sendAnswer = (exchange: Exchange, answer: IncomingMessage, watched: Watched): void => {
  const { request, response } = exchange
  if (/^\s*text\/event-stream\b/i.test(answer.headers['content-type'] ?? '')) watched.endAtExpiry()
  const fields = answerFields(answer.rawHeaders)
  response.sendDate = answer.headers.date === undefined
  // Nobody has asked for another protocol: 101 is as little an answer here as 0 is.
  const status = answer.statusCode === 101 ? 0 : (answer.statusCode ?? 0)
  response.writeHead(status, answer.statusMessage ?? '', fields)
  answer.pipe(response, { end: false })
  answer.once('end', () => {
    const trailers = trailerFields(answer.rawTrailers, new Set())
    if (trailers.length > 0) response.addTrailers(pairsOf(trailers))
    response.end()
    drainBody(request)
  })
  answer.on('error', () => response.destroy())
  answer.once('close', () => {
    if (!answer.complete) response.destroy()
  })
}

/**
 * RFC 9110 §15.2: interim answers go through, but for 100, which belongs to the body. HTTP/1.0 has
 * none.
 */
const sendInterim = (
  { request, response }: Exchange,
  { statusCode, rawHeaders }: { readonly statusCode: number; readonly rawHeaders: string[] },
): void => {
  if (response.headersSent || request.httpVersion === '1.0') return
  if (statusCode === 102) response.writeProcessing()
  const link = valuesOf(rawHeaders, 'link').flatMap((value) => value.split(/,\s*(?=<)/))
  if (statusCode !== 103 || link.length === 0) return
  try {
    response.writeEarlyHints({ link })
  } catch {
    // Node does not write all that RFC 8288 allows; a hint may be left out.
  }
}

/** Whether a connection that was closed while it lay idle is to blame, and nothing was done. */
const mayRepeat = (request: IncomingMessage, upstream: ClientRequest): boolean =>
  upstream.reusedSocket && !hasBody(request) && /^(?:GET|HEAD|OPTIONS)$/.test(request.method ?? '')

/** Sends a request that was let through to the API, and the answer back. */
export const proxyRequest = (
  exchange: Exchange,
  passed: Passed,
  options: ProxyOptions,
  isRepeated = false,
): void => {
  const { request, response, isWaiting } = exchange
  if (Number(request.headers['content-length'] ?? 0) > options.bodyBytesMax) {
    refuse(exchange, tooLarge(exchange, options), options)
    return
  }
  const more = isWaiting ? ['Expect', '100-continue'] : []
  const upstream = options.upstream.open(request, passed, more)
  let isAnswered = false
  const watched = options.watch.watch(passed, (refused) => {
    options.metrics.ended(refused?.refusal.reason ?? 'TOKEN_EXPIRED')
    upstream.destroy()
    if (refused === null) response.destroy()
    else sendRefusal(request, response, refused.answer)
  })
  const abandon = () => {
    watched.forget()
    upstream.destroy()
  }
  response.once('close', abandon)
  upstream.once('continue', () => {
    if (!response.headersSent) response.writeContinue()
  })
  upstream.on('information', (interim) => sendInterim(exchange, interim))
  upstream.once('response', (answer) => {
    try {
      sendAnswer(exchange, answer, watched)
    } catch (error) {
      // a status or a phrase that Node reads and does not write
      response.statusMessage = ''
      upstream.destroy(error as Error)
      return
    }
    isAnswered = true
    options.metrics.answered(options.upstream.origin, answer.statusCode ?? 0)
  })
  upstream.on('error', (error: Error) => {
    if (response.headersSent || response.destroyed) {
      if (isAnswered) response.destroy()
      return
    }
    if (!isRepeated && !isAnswered && mayRepeat(request, upstream)) {
      response.off('close', abandon)
      watched.forget()
      proxyRequest(exchange, passed, options, true)
      return
    }
    options.report(`The API did not answer: ${error.message}`)
    refuse(exchange, problemFor(error, requestIdIn(request)), options)
  })
  if (isWaiting) upstream.flushHeaders()
  sendBody(exchange, upstream, options)
}
