import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { Readable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { isStream } from './api-request.ts'
import type { Fetch } from './client-options.ts'
import { type Connections, connectionFailure } from './http-exchange.ts'

const bodiless: ReadonlySet<number> = new Set([101, 204, 205, 304])

const headersOf = (incoming: IncomingMessage): Headers => {
  const headers = new Headers()
  const { rawHeaders } = incoming
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    headers.append(rawHeaders[at] as string, rawHeaders[at + 1] as string)
  }
  return headers
}

const responseOf = (incoming: IncomingMessage, method: string): Response => {
  const { statusCode: status = 500, statusMessage: statusText = '' } = incoming
  const init = { status, statusText, headers: headersOf(incoming) }
  if (method !== 'HEAD' && !bodiless.has(status)) {
    return new Response(Readable.toWeb(incoming) as ReadableStream, init)
  }
  incoming.resume()
  return new Response(null, init)
}

/**
 * The length of a body is stated by us alone (RFC 9112 §6): `node:http` frames the bodies of some
 * methods only, and what stands behind an unframed request would be read as the next one.
 */
const framedHeaders = (request: Request, bytes: Buffer | null): Record<string, string> => {
  const headers: Record<string, string> = { 'accept-encoding': 'identity' }
  for (const [name, value] of request.headers) headers[name] = value
  delete headers['content-length']
  delete headers['transfer-encoding']
  if (bytes === null) headers['transfer-encoding'] = 'chunked'
  else if (request.body !== null) headers['content-length'] = String(bytes.length)
  return headers
}

/**
 * `fetch` that shows a certificate or believes an authority of its own, which the built-in one
 * cannot. One hop; bodies are not decompressed, and none is asked to be compressed.
 */
export const makeTlsFetch =
  (connections: () => Promise<Connections>): Fetch =>
  async (url, init) => {
    // The built-in types know how each kind of body is written and described.
    const request = new Request(url, { ...init, redirect: 'manual' })
    const bytes = isStream(init.body) ? null : Buffer.from(await request.arrayBuffer())
    const headers = framedHeaders(request, bytes)
    const { https: agent } = await connections()
    const { method, signal } = request
    return new Promise((fulfil, reject) => {
      const outgoing = httpsRequest(url, { agent, method, headers, signal }, (incoming) => {
        fulfil(responseOf(incoming, method))
      })
      outgoing.once('error', (error) => {
        reject(signal.aborted ? signal.reason : connectionFailure(url, error))
      })
      if (bytes !== null) outgoing.end(bytes.length === 0 ? undefined : bytes)
      else {
        const body = Readable.fromWeb(request.body as NodeReadableStream)
        body.once('error', (error) => outgoing.destroy(error))
        body.pipe(outgoing)
      }
    })
  }
