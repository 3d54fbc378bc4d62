import type { Explanation, Situation } from './explanation.ts'
import { judgeSituation } from './judge-situation.ts'
import { proposeFixes } from './propose-fixes.ts'
import { traceDecision } from './trace-decision.ts'

/**
 * Decides a token request of a client without issuing anything, and tells why. The verdict is that
 * of `decideTokenRequest` for a client that proves itself with what it has; every fix was tried on
 * the same decision before it is proposed. Pure.
 */
export const explainTokenRequest = (situation: Situation): Explanation => {
  const judged = judgeSituation(situation)
  const steps = traceDecision(situation, judged)
  if (judged.ok) {
    return { verdict: 'issued', refusal: null, decision: judged.value, steps, fixes: [] }
  }
  const fixes = proposeFixes(situation, judged.failure)
  return { verdict: 'refused', refusal: judged.failure, decision: null, steps, fixes }
}
