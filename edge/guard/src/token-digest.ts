import { createHash } from 'node:crypto'

/** SHA-256 of a token: what memories are keyed by, so that they hold nothing that can be used. */
export const tokenDigest = (token: string): string =>
  createHash('sha256').update(token).digest('base64url')
