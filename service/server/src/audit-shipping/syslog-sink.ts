import { once } from 'node:events'
import { hostname } from 'node:os'
import { type AuditSink, codeOf, type ShippedPack, SinkFailed } from './audit-sink.ts'

const { connect: connectPlain } = process.getBuiltinModule('node:net')
const { connect: connectTls } = process.getBuiltinModule('node:tls')

type Socket = ReturnType<typeof connectPlain>

/** RFC 5424 §6.2.1: facility 13 (log audit), severity 6 (informational): 13 × 8 + 6. */
const priority = 110

/** RFC 6587 §3.4.1: the length in bytes, so that a message may hold anything. */
const framed = (message: string): string => `${Buffer.byteLength(message)} ${message}`

/** When an event happened (RFC 5424 §6.2.3); the line of a pack has no time of its own. */
const timeOf = (line: string): string => {
  const { at } = JSON.parse(line) as { readonly at?: unknown }
  return typeof at === 'number' ? new Date(at).toISOString() : '-'
}

const messagesOf = ({ head, body }: ShippedPack, host: string): string =>
  [head, ...body.split('\n').filter((line) => line !== '')]
    .map((line) => {
      const kind = line === head ? 'pack' : 'event'
      return framed(
        `<${priority}>1 ${timeOf(line)} ${host} mintmark ${process.pid} ${kind} - ${line}`,
      )
    })
    .join('')

const connect = async (url: URL, signal: AbortSignal): Promise<Socket> => {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const isTls = url.protocol === 'tls:'
  const port = Number(url.port)
  const socket = isTls
    ? connectTls({ host, port, servername: host, rejectUnauthorized: true })
    : connectPlain({ host, port })
  socket.on('error', () => {}) // who waits for it hears of it; a later one closes the socket
  try {
    await once(socket, isTls ? 'secureConnect' : 'connect', { signal })
  } catch (error) {
    socket.destroy()
    throw error
  }
  socket.unref()
  return socket
}

/** What the receiver has not read yet must leave this machine: until then it is not taken. */
const write = (socket: Socket, text: string, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const fail = () => reject(signal.reason)
    signal.addEventListener('abort', fail, { once: true })
    socket.write(text, (error) => {
      signal.removeEventListener('abort', fail)
      if (error) reject(error)
      else resolve()
    })
  })

/**
 * A syslog receiver over TCP (RFC 5424 messages, RFC 6587 framing) or TLS (RFC 5425). The protocol
 * has no receipts: what the receiver's machine accepted and lost with a broken connection is lost
 * there, not here.
 *
 * @param url `tls://host:port` or `tcp://host:port`
 */
export const openSyslogSink = (url: string): AuditSink => {
  let socket: Socket | null = null
  const host =
    hostname()
      .replace(/[^\x21-\x7e]/g, '')
      .slice(0, 255) || '-'
  return {
    name: 'syslog',
    take: async (packs, signal) => {
      try {
        if (socket === null || socket.destroyed || !socket.writable) {
          socket = await connect(new URL(url), signal)
        }
        await write(socket, packs.map((pack) => messagesOf(pack, host)).join(''), signal)
      } catch (error) {
        socket?.destroy()
        socket = null
        throw new SinkFailed(signal.aborted ? 'it did not take them in time' : codeOf(error))
      }
    },
    close: async () => {
      socket?.end()
    },
  }
}
