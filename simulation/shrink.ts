import type { Plan, Step } from './plan.ts'
import { type Outcome, type Stage, simulate } from './simulate.ts'

const runsMax = 300

/**
 * Leaves out steps as long as the same promise is still broken: half of them, a quarter, … one.
 *
 * @returns a plan that breaks it with few steps, and what came of it
 */
export const shrink = async (
  stage: Stage,
  plan: Plan,
  found: Outcome,
): Promise<{ readonly plan: Plan; readonly outcome: Outcome }> => {
  let least = { plan, outcome: found }
  let runs = 0
  const breaksToo = async (steps: readonly Step[]): Promise<boolean> => {
    runs += 1
    const smaller = { ...plan, steps }
    const outcome = await simulate(stage, smaller)
    if (outcome.broken?.invariant !== found.broken?.invariant) return false
    least = { plan: smaller, outcome }
    return true
  }
  for (let size = Math.ceil(plan.steps.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < least.plan.steps.length && runs < runsMax; ) {
      const { steps } = least.plan
      const rest = [...steps.slice(0, at), ...steps.slice(at + size)]
      if (rest.length === 0 || !(await breaksToo(rest))) at += size
    }
  }
  return least
}
