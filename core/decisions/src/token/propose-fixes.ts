import type { Refusal } from '@mintmark/protocol/refusal'
import { applyFix } from './apply-fix.ts'
import { candidateFixes } from './candidate-fixes.ts'
import { describeFix } from './describe-fix.ts'
import type { Fix, FixChange, FixStep, Situation } from './explanation.ts'
import { judgeSituation } from './judge-situation.ts'

const fixesMax = 5
/** One refusal after the other may stand in the way of a request. */
const stepsMax = 7
/** Alternatives tried at each step behind the first. */
const branchesMax = 5
/** Decisions tried for one fix: what cannot be found within these is not proposed. */
const trialsMax = 100

/**
 * What would flip a refusal. A change that only leads to the next refusal is continued until a
 * token is issued; what never gets there is left out, so that no advice is given in vain.
 */
export const proposeFixes = (situation: Situation, refusal: Refusal): readonly Fix[] => {
  const fixes: Fix[] = []
  for (const change of candidateFixes(situation, refusal)) {
    if (fixes.length === fixesMax) break
    const path = findPath(change, situation, stepsMax, { left: trialsMax })
    if (path !== null) fixes.push(fixOf(path))
  }
  return fixes
}

const findPath = (
  change: FixChange,
  situation: Situation,
  stepsLeft: number,
  trials: { left: number },
): readonly FixStep[] | null => {
  if (trials.left === 0 || stepsLeft === 0) return null
  trials.left -= 1
  const step = describeFix(change, situation.snapshot)
  const changed = applyFix(change, situation)
  const judged = judgeSituation(changed)
  if (judged.ok) return [step]
  for (const next of candidateFixes(changed, judged.failure).slice(0, branchesMax)) {
    const rest = findPath(next, changed, stepsLeft - 1, trials)
    if (rest !== null) return [step, ...rest]
  }
  return null
}

const fixOf = (steps: readonly FixStep[]): Fix => ({
  kind: steps[0]?.change.kind ?? 'change-request',
  sentence: steps.map((step) => step.sentence).join(' Then: '),
  steps,
})
