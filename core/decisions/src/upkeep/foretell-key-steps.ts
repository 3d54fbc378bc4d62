import type { SigningKey } from '@mintmark/registry/signing-key'
import type { RotationPolicy } from './decide-key-rotation.ts'

/** What comes next for one key, and from when on; upkeep takes it within half a minute of then. */
export interface ForetoldStep {
  readonly step: 'publish' | 'activate' | 'replace' | 'retire' | 'remove'
  /** Milliseconds since the epoch. */
  readonly atMs: number
}

/**
 * The next step of a key: announced → published → active → retired → removed. An active key whose
 * successor is in the key set already is retired when that one signs; one without is replaced when
 * it is old enough.
 */
export const foretellKeyStep = (
  key: SigningKey,
  keys: readonly SigningKey[],
  policy: RotationPolicy,
): ForetoldStep => {
  const { state, stateSinceMs } = key
  if (state === 'announced') return { step: 'publish', atMs: stateSinceMs }
  if (state === 'published') return { step: 'activate', atMs: stateSinceMs + policy.publishLeadMs }
  if (state === 'retired') return { step: 'remove', atMs: stateSinceMs + policy.keepRetiredMs }
  const successor = keys.find(
    (each) => each.algorithm === key.algorithm && each.state === 'published',
  )
  return successor === undefined
    ? { step: 'replace', atMs: stateSinceMs + policy.rotateAfterMs }
    : { step: 'retire', atMs: successor.stateSinceMs + policy.publishLeadMs }
}
