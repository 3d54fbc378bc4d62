import { deflateSync, inflateSync } from 'node:zlib'

/**
 * Shorter ones are stored as they are: a row of less than a page is no smaller on the disk. Events
 * of one commit are much alike, so that longer ones shrink to an eighth.
 */
const deflatedFromBytes = 4096
/** Far above what one commit holds; a longer body is stored as it is, and none inflates to more. */
const deflatedUpToBytes = 64 * 1024 * 1024

/** RFC 1950 §2.2: the lower half of the first byte is 8. Lines of JSON begin with a brace, 0x7b. */
const isDeflated = (stored: Uint8Array): boolean => ((stored[0] ?? 0) & 0x0f) === 8

/** Events repeat what stands a few hundred bytes before: little memory does, and is faster. */
const deflating = { level: 1, windowBits: 13, memLevel: 6 } as const

/** The body of a pack as it is stored: from some length on deflated (RFC 1950). */
export const storedBody = (body: Uint8Array): Uint8Array =>
  body.length < deflatedFromBytes || body.length > deflatedUpToBytes
    ? body
    : deflateSync(body, deflating)

/** The body of a pack from its row. What cannot be inflated is given as it is: no hash fits it. */
export const readStoredBody = (stored: Uint8Array): Uint8Array => {
  if (!isDeflated(stored)) return stored
  try {
    return inflateSync(stored, { maxOutputLength: deflatedUpToBytes })
  } catch {
    return stored
  }
}
