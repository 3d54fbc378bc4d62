import type { IncomingMessage } from 'node:http'

/** `too large` is known as soon as it is, without reading on. */
export type BodyRead =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly why: 'too large' | 'aborted' }

const nothing = Buffer.alloc(0)

/** Reads a request's body, at most `bytesMax` of it. Calls back once. */
export const readBody = (
  request: IncomingMessage,
  bytesMax: number,
  done: (read: BodyRead) => void,
): void => {
  const stated = request.headers['content-length']
  if (stated !== undefined && Number(stated) > bytesMax) {
    done({ ok: false, why: 'too large' })
    return
  }
  let first: Buffer = nothing
  let more: Buffer[] | null = null
  let length = 0
  let settled = false
  const settle = (read: BodyRead): void => {
    if (settled) return
    settled = true
    done(read)
  }
  request.on('data', (chunk: Buffer) => {
    if (settled) return
    length += chunk.length
    if (length > bytesMax) settle({ ok: false, why: 'too large' })
    else if (length === chunk.length) first = chunk
    else if (more === null) more = [first, chunk]
    else more.push(chunk)
  })
  request.on('end', () => settle({ ok: true, bytes: more === null ? first : Buffer.concat(more) }))
  // Comes after an error too, and Node raises none when nobody listens for it.
  request.on('close', () => settle({ ok: false, why: 'aborted' }))
}
