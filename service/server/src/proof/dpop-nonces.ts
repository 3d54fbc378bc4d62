import { createHmac } from 'node:crypto'
import type { MasterKey } from '../signing/master-key.ts'

/**
 * Nonces that a DPoP proof must carry (RFC 9449 §8), so that none can be made long beforehand. They
 * are kept nowhere: each is a MAC of its minute under a key of the domain, the same for every
 * worker and after a restart, and nobody else can say the next one.
 */
export interface DpopNonces {
  /** The one to use from now on. */
  current(nowMs: number): string
  /** Those that are good: of this minute and the one before. */
  accepted(nowMs: number): readonly string[]
}

const bucketMs = 60_000

export const createDpopNonces = (masterKey: MasterKey): DpopNonces => {
  const key = masterKey.derive('dpop-nonce')
  let at = -1
  let pair: readonly string[] = []
  const nonceOf = (bucket: number): string =>
    createHmac('sha256', key).update(String(bucket)).digest('base64url')
  const accepted = (nowMs: number): readonly string[] => {
    const bucket = Math.floor(nowMs / bucketMs)
    if (bucket !== at) {
      at = bucket
      pair = [nonceOf(bucket), nonceOf(bucket - 1)]
    }
    return pair
  }
  return { accepted, current: (nowMs) => accepted(nowMs)[0] as string }
}
