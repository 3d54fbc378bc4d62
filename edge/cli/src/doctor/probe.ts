import type { X509Certificate } from 'node:crypto'
import { request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import { checkServerIdentity, type TLSSocket } from 'node:tls'

/** What TLS said of the server. */
export interface SeenTls {
  readonly certificate: X509Certificate
  /** Why this machine does not trust it; null: it does. */
  readonly distrust: string | null
  /** Why it is not for the name that was asked; null: it is. */
  readonly misnomer: string | null
}

/** One answer, from whoever it came: nothing secret is ever sent with a probe. */
export interface Probe {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly json: unknown
  readonly tls: SeenTls | null
  /** Milliseconds since the epoch: the middle of the exchange. */
  readonly atMs: number
}

const timeoutMs = 5000
const bodyBytesMax = 1_048_576

const seenTls = (socket: TLSSocket, hostname: string): SeenTls | null => {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return null
  const misnomer = checkServerIdentity(hostname, socket.getPeerCertificate())
  // A wrong name is told apart; everything else that TLS has against it is distrust.
  const error = socket.authorizationError as unknown as string | Error | null
  const code =
    error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : error
  const isName = code === 'ERR_TLS_CERT_ALTNAME_INVALID'
  return {
    certificate,
    distrust: socket.authorized || isName || code === null ? null : code,
    misnomer: misnomer === undefined ? null : misnomer.message,
  }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/**
 * Asks a URL once, trusting nobody and sending nothing but the request.
 * @throws Error when nothing answers
 */
export const probe = (url: string): Promise<Probe> =>
  new Promise((fulfil, reject) => {
    const { protocol, hostname } = new URL(url)
    const host = hostname.replace(/^\[|\]$/g, '')
    const ask = protocol === 'https:' ? requestSecure : requestPlain
    const begunMs = Date.now()
    const options = { agent: false, timeout: timeoutMs, rejectUnauthorized: false }
    const sent = ask(url, options, (answer) => {
      const atMs = (begunMs + Date.now()) / 2
      const tls = protocol === 'https:' ? seenTls(answer.socket as TLSSocket, host) : null
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => {
        text += part
        if (text.length > bodyBytesMax) answer.destroy(new Error('the answer is too large'))
      })
      answer.once('error', reject)
      answer.once('end', () => {
        const { statusCode: status = 0, headers } = answer
        fulfil({ status, headers, json: parseJson(text), tls, atMs })
      })
    })
    sent.once('timeout', () => sent.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)))
    sent.once('error', reject)
    sent.end()
  })
