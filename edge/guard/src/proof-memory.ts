/** Proofs that were used, for as long as they could be used again; when full, none is taken. */

/** What became of a proof that somebody shows. */
export type ProofClaim = 'first' | 'used' | 'full'

export interface ProofMemory {
  /** Takes a proof for its first presenter. @param endsAtSeconds when it is too old for anybody */
  claim(key: string, endsAtSeconds: number): ProofClaim
}

interface Generation {
  readonly keys: Set<string>
  endsAtSeconds: number
}

const empty = (): Generation => ({ keys: new Set(), endsAtSeconds: 0 })

/**
 * Two generations of proofs: the older one is dropped whole once everything in it is too old.
 * @param proofsMax proofs in both together
 * @param generationMs at least the time for which one proof can be used
 * @param steadyMs a clock that nobody sets. Where the clock that proofs are judged by is set back,
 * those of a dropped generation stay refused by their end.
 */
export const createProofMemory = (
  proofsMax: number,
  generationMs: number,
  steadyMs: () => number,
): ProofMemory => {
  let [now, before] = [empty(), empty()]
  let startedMs = steadyMs()
  let forgottenUntilSeconds = 0

  const turn = (): void => {
    const ageMs = steadyMs() - startedMs
    if (ageMs < generationMs) return
    forgottenUntilSeconds = Math.max(forgottenUntilSeconds, before.endsAtSeconds)
    before = now
    now = empty()
    startedMs = steadyMs()
    // long silence: what is older than one generation is older than two
    if (ageMs >= 2 * generationMs) {
      forgottenUntilSeconds = Math.max(forgottenUntilSeconds, before.endsAtSeconds)
      before = empty()
    }
  }

  return {
    claim: (key, endsAtSeconds) => {
      turn()
      if (endsAtSeconds <= forgottenUntilSeconds) return 'used'
      if (now.keys.has(key) || before.keys.has(key)) return 'used'
      if (now.keys.size + before.keys.size >= proofsMax) return 'full'
      now.keys.add(key)
      now.endsAtSeconds = Math.max(now.endsAtSeconds, endsAtSeconds)
      return 'first'
    },
  }
}
