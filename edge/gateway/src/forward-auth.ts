/**
 * Verdicts for proxies that keep the traffic and ask about each request: nginx `auth_request`,
 * Caddy `forward_auth`, Traefik `ForwardAuth`, Envoy `ext_authz` (HTTP), HAProxy with our script.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connectionOf } from '@mintmark/guard/node-request'
import type { GatewayMetrics } from './gateway-metrics.ts'
import { gatewayProblem, type RefusalAnswer, requestIdOf } from './gateway-problem.ts'
import type { GatewaySettings } from './gateway-settings.ts'
import { identityFields, identityNames, spellingKey } from './identity-fields.ts'
import type { Judge } from './judge-request.ts'
import { valuesOf } from './passed-fields.ts'
import { sendRefusal } from './refuse-request.ts'

export const frontProxies = ['nginx', 'caddy', 'haproxy', 'traefik', 'envoy'] as const
export type FrontProxy = (typeof frontProxies)[number]

/** Below it no path is ever the API's, where questions are answered at all. */
export const forwardAuthPrefix = '/.mintmark/'

interface Question {
  readonly proxy: FrontProxy
  /** nginx keeps no body of a refusal: it asks a second time, for the refusal itself. */
  readonly wantsRefusal: boolean
  /** What follows in the path: the original path and query, for Envoy. */
  readonly rest: string
}

const questionPath = /^\/\.mintmark\/(authorize|refusal)\/([a-z]+)(.*)$/s

const readQuestion = (url: string): Question | null => {
  const [, verb, name, rest = ''] = questionPath.exec(url) ?? []
  const proxy = frontProxies.find((each) => each === name)
  if (proxy === undefined || (proxy === 'envoy') !== rest.startsWith('/')) return null
  return { proxy, wantsRefusal: verb === 'refusal', rest }
}

/** Where a proxy writes what it was asked; only it writes there, so twice is a forgery. */
const told: Readonly<Record<FrontProxy, readonly [method: string, target: string] | null>> = {
  nginx: ['x-original-method', 'x-original-uri'],
  haproxy: ['x-original-method', 'x-original-uri'],
  caddy: ['x-forwarded-method', 'x-forwarded-uri'],
  traefik: ['x-forwarded-method', 'x-forwarded-uri'],
  envoy: null,
}

interface Original {
  readonly method: string
  readonly target: string
}

const readOriginal = (request: IncomingMessage, question: Question): Original | null => {
  const names = told[question.proxy]
  if (names === null) return { method: request.method ?? '', target: question.rest }
  const [methods, targets] = names.map((name) => valuesOf(request.rawHeaders, name))
  const [method, target] = [methods?.[0], targets?.[0]]
  if (methods?.length !== 1 || targets?.length !== 1) return null
  if (method === undefined || target === undefined) return null
  return /^[A-Z-]{1,32}$/.test(method) ? { method, target } : null
}

/** The proxy in front passes them on to the API, which might take them for the real ones. */
export const misleadingFields: ReadonlySet<string> = new Set([
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  'x-original-url',
  'x-rewrite-url',
])

/** A field that the proxy in front would pass on and the API could mistake; null: none. */
const findMisleading = (
  { rawHeaders }: IncomingMessage,
  names: readonly string[],
): string | null => {
  const exact = new Set(names.map((name) => name.toLowerCase()))
  const keys = new Set(names.map(spellingKey))
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    const key = spellingKey(name)
    if (misleadingFields.has(key) || (keys.has(key) && !exact.has(name.toLowerCase()))) return name
  }
  return null
}

export interface ForwardAuthOptions {
  readonly settings: GatewaySettings
  readonly judge: Judge
  readonly isTrusted: (address: string) => boolean
  readonly metrics: GatewayMetrics
}

const judgeOriginal = async (
  request: IncomingMessage,
  question: Question,
  { settings, judge }: ForwardAuthOptions,
) => {
  const requestId = requestIdOf(valuesOf(request.rawHeaders, 'x-request-id')[0])
  const no = (answer: RefusalAnswer) => ({ ok: false, answer }) as const
  const names = identityNames(settings.identity)
  const field = findMisleading(request, names)
  if (field !== null) {
    const detail = 'The request has a field that imitates one of the gateway, or changes the path.'
    return no(gatewayProblem('FORWARDED_AMBIGUOUS', detail, requestId))
  }
  const original = readOriginal(request, question)
  if (original === null) {
    const detail = 'Method and path of the request are told once each, by the proxy.'
    return no(gatewayProblem('FORWARDED_AMBIGUOUS', detail, requestId))
  }
  const fields = (name: string) => valuesOf(request.rawHeaders, name)
  const connection = () => connectionOf(request)
  const judgement = await judge({ ...original, host: null, fields, connection })
  if (judgement.ok && !judgement.target.isAsSent) {
    // The proxy passes the path on as it came; only its one form is surely read alike.
    const detail = 'The request target encodes characters that need none, or lacks encoding.'
    return no(gatewayProblem('TARGET_AMBIGUOUS', detail, requestId))
  }
  if (judgement.ok && question.wantsRefusal) {
    return no(gatewayProblem('EXPECTATION_CHANGED', 'Ask again.', requestId))
  }
  return judgement
}

/** Answers a question: 200 with the identity, which may be empty, or the refusal itself. */
export const answerForwardAuth = async (
  request: IncomingMessage,
  response: ServerResponse,
  options: ForwardAuthOptions,
): Promise<void> => {
  const question = readQuestion(request.url ?? '')
  const requestId = requestIdOf(valuesOf(request.rawHeaders, 'x-request-id')[0])
  if (question === null || !options.isTrusted(request.socket.remoteAddress ?? '')) {
    const detail = 'See trustedProxies in the file of the gateway.'
    options.metrics.refused('PROXY_NOT_TRUSTED')
    sendRefusal(request, response, gatewayProblem('PROXY_NOT_TRUSTED', detail, requestId))
    return
  }
  const judgement = await judgeOriginal(request, question, options)
  if (!judgement.ok) {
    options.metrics.refused(judgement.answer.reason)
    sendRefusal(request, response, judgement.answer)
    return
  }
  const identity = identityFields(options.settings.identity, judgement.caller)
  response.writeHead(200, [...identity, 'Cache-Control', 'no-store', 'Content-Length', '0'])
  response.end()
}
