/** One HTTP request as it is, and its answer as it came: no redirects followed, nothing decoded. */
import { Agent, type IncomingHttpHeaders, type RequestOptions, request } from 'node:http'
import { request as secureRequest } from 'node:https'
import { text } from 'node:stream/consumers'

/** Names and values; a list where one name comes twice or the order counts. */
export type Parameters = Readonly<Record<string, string>> | readonly (readonly [string, string])[]

/** A certificate a caller shows in the handshake, with its private key; both PEM. */
export interface Shown {
  readonly cert: string
  readonly key: string
}

export interface Call {
  readonly url: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Uint8Array
  /** The authority of the server's certificate, PEM; for https. */
  readonly authority?: string | undefined
  readonly shown?: Shown | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[]
  readonly text: string
  /** The body as a JSON object; null when it is none. */
  readonly json: Readonly<Record<string, unknown>> | null
}

/** Answers in these tests come at once; a server that hangs must fail the test, not the run. */
const timeoutMs = 15_000

const agent = new Agent({ keepAlive: true, maxSockets: 8 })

/** A body of `application/x-www-form-urlencoded`. */
export const form = (parameters: Parameters): string =>
  new URLSearchParams(
    Array.isArray(parameters)
      ? (parameters as [string, string][]).map(([name, value]) => [name, value])
      : { ...(parameters as Record<string, string>) },
  ).toString()

/** One part of Basic: form-encoded, as RFC 6749 §2.3.1 demands before the two are joined. */
export const formEncode = (part: string): string => form([['', part]]).slice(1)

/** The value of an `Authorization` header with both parts form-encoded. */
export const basic = (clientId: string, secret: string): string =>
  `Basic ${Buffer.from(`${formEncode(clientId)}:${formEncode(secret)}`).toString('base64')}`

/** Both parts as they are: what clients do that never read RFC 6749 Appendix B. */
export const rawBasic = (clientId: string, secret: string): string =>
  `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`

const objectOf = (body: string): Readonly<Record<string, unknown>> | null => {
  try {
    const value: unknown = JSON.parse(body)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** What came over the wire, with its body as JSON where it is some. */
export const answerOf = (
  status: number,
  headers: IncomingHttpHeaders,
  rawHeaders: readonly string[],
  body: string,
): Answer => ({ status, headers, rawHeaders, text: body, json: objectOf(body) })

const optionsOf = (call: Call): RequestOptions => {
  const { hostname, port, protocol, pathname, search } = new URL(call.url)
  const isSecure = protocol === 'https:'
  return {
    // `localhost` may be looked up as ::1, where nobody listens.
    host: hostname === 'localhost' ? '127.0.0.1' : hostname,
    port: port === '' ? (isSecure ? 443 : 80) : port,
    path: pathname + search,
    method: call.method ?? 'POST',
    headers: { host: new URL(call.url).host, ...call.headers },
    timeout: timeoutMs,
    ...(isSecure
      ? { agent: false, servername: hostname, ca: call.authority, ...call.shown }
      : { agent }),
  }
}

/** Sends one request and reads the whole answer. */
export const send = (call: Call): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const start = call.url.startsWith('https:') ? secureRequest : request
    const sent = start(optionsOf(call), (response) => {
      text(response).then(
        (body) =>
          resolve(answerOf(response.statusCode ?? 0, response.headers, response.rawHeaders, body)),
        reject,
      )
    })
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)))
    sent.on('error', reject)
    const { body } = call
    if (body !== undefined) sent.setHeader('content-length', Buffer.byteLength(body))
    sent.end(body)
  })

/** Headers of a form post, with more, or with others in their place. */
export const formHeaders = (
  more: Readonly<Record<string, string | readonly string[]>> = {},
): Record<string, string | readonly string[]> => ({
  'content-type': 'application/x-www-form-urlencoded',
  ...more,
})
