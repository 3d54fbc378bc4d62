import type { SigningAlgorithm } from '@mintmark/registry/application'
import type { SigningKey } from '@mintmark/registry/signing-key'

export interface RotationPolicy {
  /** Age in milliseconds at which an active key gives way. */
  readonly rotateAfterMs: number
  /** How long a key is in the key set before it signs: more than any cache keeps the set. */
  readonly publishLeadMs: number
  /** How long a retired key stays in the key set: the longest life of a token. */
  readonly keepRetiredMs: number
}

/**
 * Keys of both algorithms that a key set may have before it gets another one; those who read it
 * stop at some number, our guards at 500. Only an emergency goes beyond it, and takes keys away.
 */
export const signingKeysMax = 400

/** One step; each is a transaction of its own, so a crash between two of them loses nothing. */
export type RotationStep =
  | {
      readonly step: 'create'
      readonly algorithm: SigningAlgorithm
      readonly as: 'active' | 'announced'
    }
  | { readonly step: 'publish'; readonly key: SigningKey }
  | { readonly step: 'activate'; readonly key: SigningKey; readonly retire: readonly SigningKey[] }
  | { readonly step: 'remove'; readonly key: SigningKey }

/**
 * The next step that is due for one algorithm, or null. Read from the keys' states alone, so that
 * whoever starts after a crash goes on where the last step ended.
 */
export const decideKeyRotation = (
  keys: readonly SigningKey[],
  algorithm: SigningAlgorithm,
  nowMs: number,
  policy: RotationPolicy,
): RotationStep | null => {
  const mine = keys.filter((key) => key.algorithm === algorithm)
  const inState = (state: SigningKey['state']) => mine.filter((key) => key.state === state)
  const active = inState('active')
  const [announced] = inState('announced')
  if (announced !== undefined) return { step: 'publish', key: announced }
  const [published] = inState('published')
  if (published !== undefined) {
    const seenEverywhere = nowMs - published.stateSinceMs >= policy.publishLeadMs
    if (seenEverywhere) return { step: 'activate', key: published, retire: active }
  } else if (active.length === 0) {
    // Nobody holds a key set yet, so there is nobody to announce to.
    return { step: 'create', algorithm, as: 'active' }
  } else if (
    keys.length < signingKeysMax &&
    active.every((key) => nowMs - key.stateSinceMs >= policy.rotateAfterMs)
  ) {
    return { step: 'create', algorithm, as: 'announced' }
  }
  const old = inState('retired').find((key) => nowMs - key.stateSinceMs >= policy.keepRetiredMs)
  return old === undefined ? null : { step: 'remove', key: old }
}
