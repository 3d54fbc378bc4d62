import { isUnknownAuthority } from '@mintmark/client/unknown-authority'
import { isLoopbackHost } from '@mintmark/protocol/rfc6761-localhost'
import { isObject, type Send, textOf } from '../domain-file/present-state.ts'

const timeoutMs = 60_000

/** The server could not be reached, or what answered is no server of ours. */
export class ServerNotReached extends Error {}
/** The server does not take these credentials, or they do not administer anything. */
export class SignInRefused extends Error {}

export interface ConnectedServer {
  readonly send: Send
  readonly ask: Send
  /** What lets browsers in. */
  readonly console: Send
  /** The same with an answer that may be long: text as it comes. */
  readonly stream: (
    path: string,
    query: Readonly<Record<string, string>>,
    /** Events come for as long as both sides like. */
    accept?: 'text/event-stream',
  ) => Promise<Response>
  /** Sends something and gets bytes back, for as long as they come. */
  readonly download: (path: string, body: unknown) => Promise<Response>
  readonly issuer: string
  /** Where it was reached, without a slash at the end. */
  readonly url: string
  readonly tokenEndpoint: string
  /** What the person should know before going on; null: nothing. */
  readonly warning: string | null
}

/** Why TLS was not gone on with, where the authority is not known; null: it is something else. */
export const untrustedReason = (error: unknown): string | null =>
  isUnknownAuthority(error)
    ? 'its certificate is from no authority that is known here. Name one of your own in the ' +
      'environment: NODE_EXTRA_CA_CERTS=ca.crt'
    : null

const request = async (url: string, init: RequestInit): Promise<Response> => {
  try {
    // A redirect would carry credentials to somebody who was not asked.
    const signal = AbortSignal.timeout(timeoutMs)
    return await fetch(url, { signal, ...init, redirect: 'error' })
  } catch (error) {
    const cause = (error as Error).cause
    const fault = cause instanceof Error ? cause : (error as Error)
    const reason = untrustedReason(fault) ?? fault.message
    throw new ServerNotReached(`${new URL(url).origin} was not reached: ${reason}.`)
  }
}

const readBody = async (response: Response): Promise<unknown> => {
  const text = await response.text()
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    throw new ServerNotReached(`${response.url} answered with something that is no JSON.`)
  }
}

/** RFC 6749 §2.3.1: both parts are form-encoded before they are joined. */
const basic = (clientId: string, clientSecret: string): string => {
  const encode = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)
  const pair = `${encode(clientId)}:${encode(clientSecret)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

const getToken = async (
  base: string,
  credentials: { readonly clientId: string; readonly clientSecret: string },
): Promise<string> => {
  const response = await request(`${base}/oauth2/v1/token`, {
    method: 'POST',
    headers: { authorization: basic(credentials.clientId, credentials.clientSecret) },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'urn:opc:idm:__myscopes__',
    }),
  })
  const body = await readBody(response)
  const token = isObject(body) ? textOf(body, 'access_token') : ''
  if (response.ok && token !== '') return token
  const said = isObject(body) ? textOf(body, 'error_description') || textOf(body, 'error') : ''
  const who = `'${credentials.clientId}'`
  const why = (said || String(response.status)).replace(/\.?$/, '.')
  const fix =
    response.status === 401
      ? 'Client id or secret may be wrong, the secret may have ended, or the application be ' +
        'inactive. They come from options, MINTMARK_CLIENT_ID and MINTMARK_CLIENT_SECRET (or ' +
        '…_FILE), or a profile, which mintmark login renews.'
      : 'The application must be active and hold an administrator role. --client-id, ' +
        'MINTMARK_CLIENT_ID or a profile says which it is.'
  throw new SignInRefused(`${base} gave no administration token for ${who}: ${why} ${fix}`)
}

/** What it says of itself (RFC 8414); what it does not say is taken as usual. */
const readMetadata = async (base: string) => {
  const usual = { issuer: base, tokenEndpoint: `${base}/oauth2/v1/token` }
  try {
    const response = await request(`${base}/.well-known/oauth-authorization-server`, {})
    const body = await readBody(response)
    if (!response.ok || !isObject(body)) return usual
    const issuer = textOf(body, 'issuer') || base
    return { issuer, tokenEndpoint: textOf(body, 'token_endpoint') || usual.tokenEndpoint }
  } catch {
    return usual
  }
}

/**
 * Signs in at a server as an application that administers.
 * @throws ServerNotReached, SignInRefused with a message for people
 */
export const connectServer = async (
  url: string,
  credentials: { readonly clientId: string; readonly clientSecret: string },
): Promise<ConnectedServer> => {
  const parsed = URL.parse(url)
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new ServerNotReached(`"${url}" is no http or https URL.`)
  }
  const base = `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`
  const inTheClear = parsed.protocol === 'http:' && !isLoopbackHost(parsed.hostname)
  const token = await getToken(base, credentials)
  const authorization = `Bearer ${token}`
  const senderTo =
    (prefix: string, type: string): Send =>
    async ({ method, path, query, body }) => {
      const search = query === undefined ? '' : `?${new URLSearchParams(query)}`
      const response = await request(`${base}${prefix}${path}${search}`, {
        method,
        headers: { authorization, 'content-type': type },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: response.status, body: await readBody(response) }
    }
  return {
    ...(await readMetadata(base)),
    url: base,
    warning: inTheClear ? `${base} is plain http: the secret can be read on the way.` : null,
    send: senderTo('/admin/v1', 'application/scim+json'),
    ask: senderTo('/api/v1', 'application/json'),
    console: senderTo('/console', 'application/json'),
    download: (path, body) =>
      request(`${base}/api/v1${path}`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: null,
      }),
    stream: (path, query, accept) => {
      const init = { headers: { authorization, ...(accept && { accept }) } }
      const url = `${base}/api/v1${path}?${new URLSearchParams(query)}`
      return request(url, accept === undefined ? init : { ...init, signal: null })
    },
  }
}
