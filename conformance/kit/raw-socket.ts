/** Requests that no HTTP library would send: bytes on a socket, and what comes back. */
import { connect, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import { type Answer, answerOf } from './http.ts'

const timeoutMs = 5000

const open = (url: string): Socket => {
  const { hostname, port, protocol } = new URL(url)
  const host = hostname === 'localhost' ? '127.0.0.1' : hostname
  if (protocol === 'http:') return connect(Number(port), host)
  return connectSecurely({
    port: Number(port),
    host,
    servername: hostname,
    rejectUnauthorized: false,
  })
}

/**
 * Writes the chunks one after the other, each when the server had a moment to act on the last, and
 * reads until the server closes or falls silent.
 */
export const sendRaw = (
  url: string,
  ...chunks: readonly (string | Uint8Array)[]
): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = open(url)
    const received: Buffer[] = []
    const done = () => {
      socket.destroy()
      resolve(Buffer.concat(received).toString('latin1'))
    }
    socket.setTimeout(timeoutMs, done)
    socket.on('data', (bytes: Buffer) => received.push(bytes))
    socket.on('close', done)
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // A server may close while we are still writing: what it said before counts.
      if (error.code === 'EPIPE' || error.code === 'ECONNRESET') done()
      else reject(error)
    })
    const write = async () => {
      for (const [at, chunk] of chunks.entries()) {
        if (at > 0) await new Promise((fulfil) => setTimeout(fulfil, 50))
        if (!socket.writable) return
        socket.write(chunk)
      }
    }
    socket.once(url.startsWith('https:') ? 'secureConnect' : 'connect', () => void write())
  })

const unchunk = (body: string): string => {
  let rest = body
  let whole = ''
  for (;;) {
    const size = Number.parseInt(rest, 16)
    if (!(size > 0)) return whole
    const start = rest.indexOf('\r\n') + 2
    whole += rest.slice(start, start + size)
    rest = rest.slice(start + size + 2)
  }
}

/** The last answer in what came back; interim ones (1xx) are left out. */
export const parseRawAnswer = (text: string): Answer => {
  let rest = text
  while (/^HTTP\/1\.1 1\d\d /.test(rest)) rest = rest.slice(rest.indexOf('\r\n\r\n') + 4)
  const end = rest.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = rest.slice(0, end).split('\r\n')
  const rawHeaders = lines.flatMap((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()]
  })
  const headers: Record<string, string> = {}
  for (let at = 0; at < rawHeaders.length; at += 2) {
    headers[(rawHeaders[at] as string).toLowerCase()] = rawHeaders[at + 1] as string
  }
  const body = rest.slice(end + 4)
  const isChunked = headers['transfer-encoding'] === 'chunked'
  const status = Number(statusLine.split(' ')[1] ?? 0)
  return answerOf(status, headers, rawHeaders, isChunked ? unchunk(body) : body)
}

/** One request written by hand: head lines, an empty line, the body; then the connection ends. */
export const rawRequest = (
  url: string,
  path: string,
  headers: readonly string[],
  body: string,
  method = 'POST',
): string =>
  [
    `${method} ${path} HTTP/1.1`,
    `Host: ${new URL(url).host}`,
    'Connection: close',
    ...headers,
    '',
    body,
  ].join('\r\n')

/** Sends one request written by hand and parses the answer. */
export const ask = async (
  url: string,
  path: string,
  headers: readonly string[],
  body: string,
): Promise<Answer> => parseRawAnswer(await sendRaw(url, rawRequest(url, path, headers, body)))
