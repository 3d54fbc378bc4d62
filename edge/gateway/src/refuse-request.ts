/** Answers that the gateway gives in the API's place, whatever the caller still sends. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { GuardAnswer } from '@mintmark/guard/refusal-answer'

/** A body that nobody wants is read so far, that a caller who writes first can read the answer. */
const unwantedBytesMax = 1_048_576
const unwantedMsMax = 5000

/** Lets a body that was not asked for run out, and ends the connection when it does not. */
export const drainBody = (request: IncomingMessage): void => {
  if (request.complete || request.destroyed) return
  let bytes = 0
  const timer = setTimeout(() => request.socket.destroy(), unwantedMsMax)
  timer.unref()
  request.unpipe()
  request.on('data', (piece: Buffer) => {
    bytes += piece.length
    if (bytes > unwantedBytesMax) request.socket.destroy()
  })
  request.on('close', () => clearTimeout(timer))
  request.on('error', () => clearTimeout(timer))
  request.resume()
}

/** Sends an answer of our own; if one has begun already, the connection ends instead. */
export const sendRefusal = (
  request: IncomingMessage,
  response: ServerResponse,
  answer: GuardAnswer,
): void => {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const length = String(Buffer.byteLength(answer.body))
  response.writeHead(answer.status, { ...answer.headers, 'content-length': length })
  response.end(request.method === 'HEAD' ? '' : answer.body)
  drainBody(request)
}

const phrases: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
}

/** The same on a bare socket: before a request could be read, or where it asked for an upgrade. */
export const sendRefusalOnSocket = (socket: Socket, answer: GuardAnswer): void => {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const headers = Object.entries({
    ...answer.headers,
    'content-length': String(Buffer.byteLength(answer.body)),
    connection: 'close',
  })
  const lines = headers.map(([name, value]) => `${name}: ${value.replaceAll(/[\r\n]/g, ' ')}\r\n`)
  const phrase = phrases[answer.status] ?? 'Refused'
  socket.end(`HTTP/1.1 ${answer.status} ${phrase}\r\n${lines.join('')}\r\n${answer.body}`)
  setTimeout(() => socket.destroy(), unwantedMsMax).unref()
}
