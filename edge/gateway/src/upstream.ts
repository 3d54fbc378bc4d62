/** The API behind: connections to it, and requests as they are sent there. */
import { Agent, type ClientRequest, type IncomingMessage, request as requestPlain } from 'node:http'
import { request as requestSecurely, Agent as SecureAgent } from 'node:https'
import type { Socket } from 'node:net'
import type { Caller, Refused } from '@mintmark/guard/guard'
import type { GatewaySettings } from './gateway-settings.ts'
import { identityFields, identityNames, spellingKey } from './identity-fields.ts'
import { requestFields, valuesOf } from './passed-fields.ts'

/** A request that may go on. */
export interface Passed {
  readonly target: string
  readonly caller: Caller | null
  /** Judges its token again, for as long as it is served; null without one. */
  readonly recheck: (() => Promise<Refused | null>) | null
}

export interface UpstreamOptions {
  readonly settings: GatewaySettings
  readonly isTrusted: (address: string) => boolean
}

export interface Upstream {
  readonly origin: string
  /** Keys of the fields that only the gateway sets. */
  readonly identityKeys: ReadonlySet<string>
  /** Begins a request; its body and its end are the caller's affair. */
  open(request: IncomingMessage, passed: Passed, more: readonly string[]): ClientRequest
  close(): void
}

const socketsIdleMax = 256
const idleMs = 15_000

const isEncrypted = (request: IncomingMessage): boolean =>
  (request.socket as { encrypted?: boolean }).encrypted === true

/** RFC 9112 §6.3: neither a length nor chunks is no body. */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** How the body is framed on the next hop: as it came, written anew. */
const framingOf = (request: IncomingMessage): readonly string[] => {
  const { headers, method = '' } = request
  if (headers['transfer-encoding'] !== undefined) return ['Transfer-Encoding', 'chunked']
  const length = headers['content-length']
  if (length !== undefined) return ['Content-Length', length]
  return /^(?:GET|HEAD|OPTIONS|DELETE|TRACE)$/.test(method) ? [] : ['Content-Length', '0']
}

const forwardedFields = (request: IncomingMessage, isTrusted: boolean): readonly string[] => {
  const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '')
  const told = (name: string) => (isTrusted ? valuesOf(request.rawHeaders, name).join(', ') : '')
  const before = told('x-forwarded-for')
  const own = isEncrypted(request) ? 'https' : 'http'
  return [
    'X-Forwarded-For',
    before === '' ? address : `${before}, ${address}`,
    'X-Forwarded-Proto',
    told('x-forwarded-proto') || own,
    'X-Forwarded-Host',
    told('x-forwarded-host') || (request.headers.host ?? ''),
  ]
}

const trailersFields = (request: IncomingMessage): readonly string[] => {
  const wantsTrailers = /(?:^|,)\s*trailers\s*(?:,|$)/i.test(String(request.headers.te ?? ''))
  const announced = valuesOf(request.rawHeaders, 'trailer')
  return [
    ...(wantsTrailers ? ['TE', 'trailers'] : []),
    ...announced.flatMap((value) => ['Trailer', value]),
  ]
}

/** Every field of the request to the API. */
const fieldsFor = (
  request: IncomingMessage,
  { caller }: Passed,
  { settings, isTrusted }: UpstreamOptions,
  identityKeys: ReadonlySet<string>,
): readonly string[] => {
  const kept = requestFields(request.rawHeaders, identityKeys)
  const isSpent = caller !== null && !settings.passToken
  const plain: string[] = []
  for (let at = 0; at < kept.length; at += 2) {
    const name = kept[at] ?? ''
    if (!isSpent || !/^(?:authorization|dpop)$/.test(spellingKey(name)))
      plain.push(name, kept[at + 1] ?? '')
  }
  const named = caller === null ? [] : identityFields(settings.identity, caller)
  const isFromProxy = isTrusted(request.socket.remoteAddress ?? '')
  return [
    'Host',
    request.headers.host ?? '',
    ...plain,
    ...forwardedFields(request, isFromProxy),
    ...named,
  ]
}

/** @param origin `http://host:port` or `https://…` of the API */
export const createUpstream = (origin: string, options: UpstreamOptions): Upstream => {
  const { protocol, hostname, port } = new URL(origin)
  const isSecure = protocol === 'https:'
  const agentOptions = {
    keepAlive: true,
    maxFreeSockets: socketsIdleMax,
    timeout: idleMs,
    scheduling: 'lifo',
  } as const
  const agent = isSecure ? new SecureAgent(agentOptions) : new Agent(agentOptions)
  const send = isSecure ? requestSecurely : requestPlain
  const { limits, identity } = options.settings
  const identityKeys = new Set(identityNames(identity).map(spellingKey))

  const watchConnecting = (upstream: ClientRequest): void => {
    upstream.once('socket', (socket: Socket) => {
      socket.setTimeout(limits.silenceTimeoutMs)
      if (!socket.connecting) return
      const late = () => upstream.destroy(new UpstreamTimeout('The connection took too long.'))
      const timer = setTimeout(late, limits.connectTimeoutMs)
      const settle = () => clearTimeout(timer)
      socket.once(isSecure ? 'secureConnect' : 'connect', settle)
      socket.once('close', settle)
    })
    upstream.once('timeout', () => upstream.destroy(new UpstreamTimeout('The API was silent.')))
  }

  return {
    origin,
    identityKeys,
    open: (request, passed, more) => {
      const framing = more.includes('Upgrade') ? [] : framingOf(request)
      const fields = fieldsFor(request, passed, options, identityKeys)
      const upstream = send({
        agent,
        hostname: hostname.replace(/^\[|\]$/g, ''),
        port: port === '' ? (isSecure ? 443 : 80) : Number(port),
        method: request.method ?? 'GET',
        path: passed.target,
        headers: [...fields, ...trailersFields(request), ...framing, ...more],
        timeout: limits.silenceTimeoutMs,
        maxHeaderSize: 65_536,
        insecureHTTPParser: false,
      })
      watchConnecting(upstream)
      return upstream
    },
    close: () => agent.destroy(),
  }
}

/** The API took too long: 504, where any other fault is 502. */
export class UpstreamTimeout extends Error {}
