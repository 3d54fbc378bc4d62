/** One connection to a TLS door by hand: sessions taken up again, other certificates shown. */
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { type Answer, form, type Parameters, type Shown } from './http.ts'
import { parseRawAnswer, rawRequest } from './raw-socket.ts'

const timeoutMs = 5000

export interface SecureCall {
  readonly url: string
  readonly path: string
  readonly parameters: Parameters
  /** The authority of the server's certificate, PEM. */
  readonly authority: string | undefined
  readonly shown?: Shown | undefined
  /** A session of an earlier connection, to be taken up. */
  readonly session?: Buffer | undefined
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3'
}

export interface SecureAnswer {
  readonly answer: Answer
  /** For the next connection; null where the server gave none. */
  readonly session: Buffer | null
  readonly resumed: boolean
}

/** Sends one form over a connection of its own. */
export const askOverSession = (call: SecureCall): Promise<SecureAnswer> =>
  new Promise((resolve, reject) => {
    const { port } = new URL(call.url)
    const options: ConnectionOptions = {
      host: '127.0.0.1',
      port: Number(port),
      servername: 'localhost',
      ca: call.authority,
      ...call.shown,
      ...(call.session && { session: call.session }),
      ...(call.maxVersion && { maxVersion: call.maxVersion }),
    }
    const socket: TLSSocket = connect(options)
    const received: Buffer[] = []
    let session: Buffer | null = null
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer in ${timeoutMs} ms`)))
    // TLS 1.3 sends its tickets after the handshake, and the last one counts
    socket.on('session', (ticket: Buffer) => {
      session = ticket
    })
    socket.on('data', (bytes: Buffer) => received.push(bytes))
    socket.on('error', reject)
    socket.once('secureConnect', () => {
      const body = form(call.parameters)
      const headers = [
        'Content-Type: application/x-www-form-urlencoded',
        `Content-Length: ${Buffer.byteLength(body)}`,
      ]
      socket.write(rawRequest(call.url, call.path, headers, body))
    })
    socket.once('close', () => {
      const answer = parseRawAnswer(Buffer.concat(received).toString('latin1'))
      resolve({ answer, session, resumed: socket.isSessionReused() })
    })
  })
