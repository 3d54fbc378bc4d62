/**
 * Requests to the authorization server, over `node:http` and `node:https`: these show certificates,
 * follow no redirects, and send nothing that was not asked for.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { ClientError } from './client-error.ts'
import type { Credentials } from './read-credentials.ts'
import { isUnknownAuthority } from './unknown-authority.ts'

/** Metadata and token answers are a few kilobytes. */
const answerBytesMax = 1_048_576
const socketsMax = 8

export interface Call {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
}

/** Connections of one client, with what it shows in the handshake. */
export interface Connections {
  readonly http: HttpAgent
  readonly https: HttpsAgent
  close(): void
}

/** Opens nothing yet. Idle connections do not keep a process alive. */
export const makeConnections = (credentials: Credentials): Connections => {
  const { certificate, authority } = credentials
  const http = new HttpAgent({ keepAlive: true, maxSockets: socketsMax })
  const https = new HttpsAgent({
    keepAlive: true,
    maxSockets: socketsMax,
    minVersion: 'TLSv1.2',
    ...(certificate === null ? {} : { cert: certificate.chain, key: certificate.key }),
    ...(authority === null ? {} : { ca: authority }),
  })
  const close = (): void => {
    http.destroy()
    https.destroy()
  }
  return { http, https, close }
}

/** What TLS says when one side does not believe the other: asking again changes nothing. */
const tlsRefusal =
  /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_|ERR_TLS|ERR_SSL|ERR_OSSL|EPROTO)/

/** The words of an unknown authority are OpenSSL's, and name no remedy. */
const remedy =
  'No authority that is known here vouches for its certificate: authorityFile, or ' +
  'MINTMARK_AUTHORITY_FILE, names a file with another.'

/** Names of hosts and codes are worth telling; a cause's other members are not looked at. */
export const connectionFailure = (url: string, error: unknown): ClientError => {
  const { code = '', message } = error as NodeJS.ErrnoException
  const { host } = new URL(url)
  const what = code === '' ? message : code
  if (tlsRefusal.test(code)) {
    const words = isUnknownAuthority(error) ? `${message}. ${remedy}` : message
    return new ClientError('tls_refused', `TLS with ${host} failed: ${words}`, { cause: error })
  }
  return new ClientError('unreachable', `${host} was not reached: ${what}.`, {
    retryable: true,
    cause: error,
  })
}

const readAnswer = (incoming: IncomingMessage): Promise<Answer> =>
  new Promise((fulfil, reject) => {
    const pieces: Buffer[] = []
    let bytes = 0
    incoming.on('data', (piece: Buffer) => {
      bytes += piece.length
      if (bytes > answerBytesMax) incoming.destroy(new Error('the answer is too large'))
      else pieces.push(piece)
    })
    incoming.once('end', () => {
      const { statusCode = 0, headers } = incoming
      fulfil({ status: statusCode, headers, text: Buffer.concat(pieces).toString('utf8') })
    })
    incoming.once('error', reject)
    incoming.once('aborted', () => reject(new Error('the connection broke')))
  })

/**
 * Sends one request and reads its answer whole.
 * @throws ClientError `unreachable`, `tls_refused` or `timed_out`; the signal's reason when aborted
 */
export const exchange = async (connections: Connections, call: Call): Promise<Answer> => {
  const { url, method, headers, body, signal, timeoutMs } = call
  const isSecure = new URL(url).protocol === 'https:'
  const ended = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  const options = { method, headers, signal: ended }
  try {
    return await new Promise<Answer>((fulfil, reject) => {
      const onAnswer = (incoming: IncomingMessage): void => {
        readAnswer(incoming).then(fulfil, reject)
      }
      const outgoing = isSecure
        ? httpsRequest(url, { ...options, agent: connections.https }, onAnswer)
        : httpRequest(url, { ...options, agent: connections.http }, onAnswer)
      outgoing.once('error', reject)
      outgoing.end(body)
    })
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (!ended.aborted) throw connectionFailure(url, error)
    const message = `${new URL(url).host} did not answer within ${timeoutMs} ms.`
    throw new ClientError('timed_out', message, { retryable: true })
  }
}
