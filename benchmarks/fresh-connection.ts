import { Buffer } from 'node:buffer'
import { connect, type Socket } from 'node:net'
import { connect as connectSecurely, createSecureContext } from 'node:tls'
import { type Connection, type Exchange, parseAnswer } from './connection.ts'

/** What the load proves itself with in a TLS handshake, and whom it believes; PEM. */
export interface ClientTls {
  readonly cert: string
  readonly key: string
  readonly authority: string
}

/** A new connection for each request, over TLS if a certificate is given. */
export interface FreshConnections {
  readonly tls?: ClientTls
}

/**
 * What opens the connections. No TLS session is resumed: each handshake is a whole one.
 *
 * @param port port on 127.0.0.1
 */
export function freshSockets(port: number, { tls }: FreshConnections): () => Socket {
  const to = { host: '127.0.0.1', port, noDelay: true }
  if (tls === undefined) return () => connect(to)
  const { cert, key, authority } = tls
  const secureContext = createSecureContext({ cert, key, ca: authority })
  return () => connectSecurely({ ...to, secureContext, servername: 'localhost' })
}

/** One caller who connects, asks, reads the answer and hangs up, again and again. */
export function renewConnections(open: () => Socket, exchange: Exchange): Connection {
  let stop: () => void = () => {}
  let done: () => void = () => {}

  const sendNext = (): void => {
    const request = exchange.next()
    if (request === undefined) {
      done()
      return
    }
    const startedAt = performance.now()
    const socket = open()
    let pending: Buffer = Buffer.alloc(0)
    let isSettled = false
    const fail = (reason: string): void => {
      if (isSettled) return
      isSettled = true
      socket.destroy()
      exchange.broken(reason)
      done()
    }
    stop = () => fail('not answered before the window was closed')
    socket.on('error', (error) => fail(error.message))
    socket.on('close', () => fail('connection closed by the server'))
    socket.on('data', (chunk: Buffer) => {
      if (isSettled) return
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
      const parsed = parseAnswer(pending)
      if (typeof parsed === 'string') return fail(parsed)
      if (parsed === undefined) return
      isSettled = true
      socket.destroySoon()
      exchange.answered(request.index, parsed.answer, performance.now() - startedAt)
      sendNext()
    })
    socket.write(request.bytes)
  }

  return {
    drive: () =>
      new Promise<void>((resolve) => {
        done = resolve
        sendNext()
      }),
    // There is always another one to be had.
    isOpen: () => true,
    close: () => stop(),
  }
}
