import { ClientError } from './client-error.ts'
import type { Fetch } from './client-options.ts'

/** One request to an API, as often as redirects and second tries need it. */
export interface ApiRequest {
  readonly url: URL
  readonly method: string
  /** Without `Authorization`: that is added for each hop or not at all. */
  readonly headers: Headers
  readonly body: RequestInit['body'] | null
  readonly isReplayable: boolean
  /** Whatever else the caller stated. */
  readonly init: RequestInit
  readonly redirect: 'follow' | 'manual' | 'error'
}

/** Bodies that can be read once. */
export const isStream = (body: unknown): boolean =>
  body instanceof ReadableStream ||
  (typeof body === 'object' && body !== null && Symbol.asyncIterator in body)

/**
 * Reads the two parameters of `fetch`.
 * @throws TypeError for what `fetch` would refuse; ClientError `not_configured` for a request that
 * brings its own `Authorization`, which this client would have to overwrite or to leak
 */
export const readApiRequest = (
  input: string | URL | Request,
  init: RequestInit = {},
): ApiRequest => {
  const given = input instanceof Request ? input : null
  const url = new URL(given === null ? String(input) : given.url)
  const headers = new Headers(init.headers ?? given?.headers)
  if (headers.has('authorization')) {
    throw new ClientError(
      'not_configured',
      'The request has an Authorization of its own, and this fetch sets that field. Send such ' +
        'requests with the usual fetch.',
    )
  }
  const body = init.body ?? given?.body ?? null
  const signal = init.signal ?? given?.signal
  return {
    url,
    method: (init.method ?? given?.method ?? 'GET').toUpperCase(),
    headers,
    body,
    isReplayable: !isStream(body),
    init: { ...init, ...(signal ? { signal } : {}) },
    redirect: init.redirect ?? given?.redirect ?? 'follow',
  }
}

/** What stands in the header of one hop. */
export interface ShownToken {
  readonly value: string
  readonly type: 'Bearer' | 'DPoP'
  /** RFC 9449 §7.1; null for bearer tokens. */
  readonly proof: string | null
}

/** Sends one hop: no redirect is followed behind our back. */
export const sendOnce = (send: Fetch, request: ApiRequest, token: ShownToken | null) => {
  const { url, method, body, init, isReplayable } = request
  const headers = new Headers(request.headers)
  if (token !== null) headers.set('authorization', `${token.type} ${token.value}`)
  if (token !== null && token.proof !== null) headers.set('dpop', token.proof)
  const stream = isReplayable ? {} : { duplex: 'half' as const }
  const { body: _body, ...others } = init
  const payload = body === null ? {} : { body, ...stream }
  return send(url.href, { ...others, ...payload, method, headers, redirect: 'manual' })
}

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** Where an answer sends the request; null: nowhere. */
const locationOf = (response: Response, from: URL): URL | null => {
  const location = response.headers.get('location')
  if (!redirectStatuses.has(response.status) || location === null) return null
  const target = new URL(location, from)
  if (target.protocol === 'http:' || target.protocol === 'https:') return target
  throw new TypeError(`The redirect leads to ${target.protocol} and is not followed.`)
}

/** Fields that are meant for one origin. */
const personalFields = ['cookie', 'proxy-authorization', 'host']
const bodyFields = ['content-type', 'content-length', 'content-encoding', 'content-language']

/** Fetch standard §4.4: what of a request goes on to the next address. */
export const redirected = (request: ApiRequest, response: Response): ApiRequest | null => {
  const url = locationOf(response, request.url)
  if (url === null || request.redirect === 'manual') return null
  if (request.redirect === 'error') throw new TypeError('A redirect was answered and not wanted.')
  const { status } = response
  const headers = new Headers(request.headers)
  if (url.origin !== request.url.origin) {
    for (const name of personalFields) headers.delete(name)
  }
  const { method } = request
  const toGet =
    (status === 303 && method !== 'GET' && method !== 'HEAD') ||
    ((status === 301 || status === 302) && method === 'POST')
  if (!toGet) {
    if (request.body === null || request.isReplayable) return { ...request, url, headers }
    throw new ClientError(
      'body_not_replayable',
      `${request.url.origin} redirects a request whose body was a stream: send text or bytes.`,
    )
  }
  for (const name of bodyFields) headers.delete(name)
  return { ...request, url, headers, method: 'GET', body: null, isReplayable: true }
}
