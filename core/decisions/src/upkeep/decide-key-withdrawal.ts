import type { SigningAlgorithm } from '@mintmark/registry/application'
import type { Revocation } from '@mintmark/registry/revocation'
import type { SigningKey } from '@mintmark/registry/signing-key'
import { lifetimeSecondsMax } from '../token/decide-lifetime.ts'

/** Keys that leave the key set at once, and what ends all that they have signed. */
export interface KeyWithdrawal {
  readonly keys: readonly SigningKey[]
  readonly revocations: readonly Revocation[]
  /** Of these no key is active afterwards: one that is new signs from now on. */
  readonly replaced: readonly SigningAlgorithm[]
}

const isWaiting = ({ state }: SigningKey): boolean => state === 'announced' || state === 'published'

/**
 * What an emergency takes away: of an algorithm, the key that signs and any that waits to follow
 * it, since whoever could read the one could read the other; or one key by its name. Retired keys
 * stay unless they are named: they were sealed as long ago as the tokens they check.
 *
 * @returns null when no key has this name
 */
export const decideKeyWithdrawal = (
  keys: readonly SigningKey[],
  wish: { readonly algorithm: SigningAlgorithm } | { readonly kid: string },
  nowMs: number,
): KeyWithdrawal | null => {
  const withdrawn =
    'kid' in wish
      ? keys.filter(({ kid }) => kid === wish.kid)
      : keys.filter(
          (key) => key.algorithm === wish.algorithm && (key.state === 'active' || isWaiting(key)),
        )
  if ('kid' in wish && withdrawn.length === 0) return null
  const stays = (algorithm: SigningAlgorithm): boolean =>
    keys.some(
      (key) => key.algorithm === algorithm && key.state === 'active' && !withdrawn.includes(key),
    )
  const touched = 'kid' in wish ? withdrawn.map(({ algorithm }) => algorithm) : [wish.algorithm]
  return {
    keys: withdrawn,
    revocations: withdrawn.map(({ domain, kid }) => ({
      domain,
      kind: 'key',
      subject: kid,
      issuedBeforeMs: nowMs,
      expiresAtMs: nowMs + lifetimeSecondsMax * 1000,
    })),
    replaced: touched.filter((algorithm) => !stays(algorithm)),
  }
}
