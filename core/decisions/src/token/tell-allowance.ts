import type { BudgetCharge, BudgetMode } from '@mintmark/registry/token-allowance'
import type { ExplainedStep } from './explanation.ts'
import type { TokenDecision } from './token-plan.ts'

const whenSpent: Readonly<Record<BudgetMode, string>> = {
  observe: 'only told on record when it is spent',
  enforce: 'refused when it is spent',
  reissue: 'the current token again when it is spent',
}

const tellBudget = ({ side, tokensMax, span, mode }: BudgetCharge): string => {
  const whose = side === 'client' ? 'this client' : 'all clients of the API'
  return `${tokensMax} tokens a ${span} for ${whose}, ${whenSpent[mode]}`
}

/** Re-use window and budgets of what was decided; null: it has neither. */
export const tellAllowance = ({
  reusePercent,
  charges,
}: TokenDecision): Pick<ExplainedStep, 'what' | 'detail'> | null => {
  if (reusePercent === null && charges.length === 0) return null
  const reused =
    reusePercent === null
      ? []
      : [`the current token is given again while ${reusePercent} % of its life is left`]
  const told = [...reused, ...charges.map(tellBudget)].join('; ')
  return { what: 're-use and budget', detail: `${told[0]?.toUpperCase()}${told.slice(1)}.` }
}
