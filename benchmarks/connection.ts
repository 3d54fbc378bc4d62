import { Buffer } from 'node:buffer'
import { createConnection, type Socket } from 'node:net'

/** One answer as far as the load needs it. */
export interface Answer {
  readonly status: number
  readonly body: Buffer
  /** Length of the whole answer, its header included. */
  readonly bytes: number
  /** `Connection: close`: nothing more may be sent on this connection (RFC 9112 §9.6). */
  readonly closes: boolean
}

/** What drives a connection: it asks for the next request and tells what became of the last one. */
export interface Exchange {
  /** The next request, or undefined when this connection has nothing more to send. */
  readonly next: () => { readonly index: number; readonly bytes: Uint8Array } | undefined
  readonly answered: (index: number, answer: Answer, latencyMillis: number) => void
  /** A request that will never be answered, and why. */
  readonly broken: (reason: string) => void
}

/** A keep-alive connection with at most one request under way. */
export interface Connection {
  /** Sends requests, one at a time, until `next` has none or `close` is called. */
  readonly drive: () => Promise<void>
  readonly isOpen: () => boolean
  readonly close: () => void
}

const headerEnd = Buffer.from('\r\n\r\n')
const contentLength = /\r\ncontent-length: *(\d+)/i
const connectionClose = /\r\nconnection: *close(?:\r|$)/i
const headerBytesMax = 64 * 1024

interface Parsed {
  readonly answer: Answer
  readonly size: number
}

/**
 * Reads one HTTP/1.1 answer with a Content-Length (RFC 9112 §6.3) from the start of `bytes`.
 *
 * @returns the answer, undefined while bytes are missing, or why it cannot be read. Chunked answers
 * are refused: a subject that sends them would be measured with another parser than the others.
 */
export function parseAnswer(bytes: Buffer): Parsed | undefined | string {
  const end = bytes.indexOf(headerEnd)
  if (end === -1) return bytes.length > headerBytesMax ? 'header too long' : undefined
  const head = bytes.toString('latin1', 0, end)
  const status = Number(head.slice(9, 12))
  if (!head.startsWith('HTTP/1.1 ') || !Number.isInteger(status)) return 'not an HTTP/1.1 answer'
  const length = contentLength.exec(head)
  if (length === null && status !== 204) return 'answer without Content-Length'
  const size = end + headerEnd.length + (length === null ? 0 : Number(length[1]))
  if (bytes.length < size) return undefined
  const closes = connectionClose.test(head)
  const body = bytes.subarray(end + headerEnd.length, size)
  return { answer: { status, body, bytes: size, closes }, size }
}

function openSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: '127.0.0.1', port, noDelay: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}

/** Opens a connection to a port on 127.0.0.1; throws when nobody listens there. */
export async function openConnection(port: number, exchange: Exchange): Promise<Connection> {
  const socket = await openSocket(port)
  let pending: Buffer = Buffer.alloc(0)
  let underWay: number | undefined
  let sentAt = 0
  let done: () => void = () => {}

  const sendNext = (): void => {
    const request = exchange.next()
    if (request === undefined) {
      done()
      return
    }
    underWay = request.index
    sentAt = performance.now()
    socket.write(request.bytes)
  }
  const stop = (reason: string): void => {
    socket.destroy()
    if (underWay !== undefined) {
      underWay = undefined
      exchange.broken(reason)
    }
    done()
  }
  socket.on('error', (error) => stop(error.message))
  socket.on('close', () => stop('connection closed by the server'))
  socket.on('data', (chunk: Buffer) => {
    const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    const parsed = parseAnswer(bytes)
    if (typeof parsed === 'string') return stop(parsed)
    if (parsed === undefined) {
      pending = bytes
      return
    }
    if (underWay === undefined || bytes.length > parsed.size) return stop('bytes nobody asked for')
    pending = Buffer.alloc(0)
    const index = underWay
    underWay = undefined
    exchange.answered(index, parsed.answer, performance.now() - sentAt)
    if (parsed.answer.closes) stop('closed')
    else sendNext()
  })

  return {
    drive: () =>
      new Promise<void>((resolve) => {
        done = resolve
        if (socket.destroyed) resolve()
        else sendNext()
      }),
    isOpen: () => !socket.destroyed,
    close: () => stop('not answered before the window was closed'),
  }
}
