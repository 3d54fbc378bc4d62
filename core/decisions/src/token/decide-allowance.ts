import type { Application } from '@mintmark/registry/application'
import type { BudgetCharge, TokenAllowance } from '@mintmark/registry/token-allowance'
import type { TokenPlan } from './token-plan.ts'

/**
 * From which part of its life on a token is not given again, in percent; null: it never is. What
 * client and API both say is held to the stricter of them. Several tokens at once are always new.
 */
export const decideReuse = (tokens: readonly TokenPlan[], client: Application): number | null => {
  const [token] = tokens
  if (token === undefined || tokens.length > 1) return null
  const ofClient = client.client?.allowance?.reusePercent ?? null
  const ofApi = allowanceOfApi(token)?.reusePercent ?? null
  if (ofClient === null || ofApi === null) return ofClient ?? ofApi
  return Math.max(ofClient, ofApi)
}

const allowanceOfApi = ({ target }: TokenPlan): TokenAllowance | undefined =>
  target.resourceServer?.application.resourceServer?.allowance

const noCharges: readonly BudgetCharge[] = Object.freeze([])

/** What these tokens take of the budgets of the client and of each API. */
export const chargesOf = (
  tokens: readonly TokenPlan[],
  client: Application,
): readonly BudgetCharge[] => {
  const ofClient = client.client?.allowance
  if (ofClient === undefined && tokens.every((each) => allowanceOfApi(each) === undefined)) {
    return noCharges
  }
  return [
    ...chargesTo('client', client.id, ofClient, tokens.length),
    ...tokens.flatMap((token) =>
      chargesTo('api', token.target.resourceServer?.application.id, allowanceOfApi(token), 1),
    ),
  ]
}

const chargesTo = (
  side: BudgetCharge['side'],
  applicationId: string | undefined,
  allowance: TokenAllowance | undefined,
  tokens: number,
): readonly BudgetCharge[] => {
  if (allowance === undefined || applicationId === undefined) return []
  const { tokensPerMinute, tokensPerDay, budgetMode: mode } = allowance
  const charge = { side, applicationId, tokens, mode }
  return [
    ...(tokensPerMinute === null
      ? []
      : [{ ...charge, span: 'minute' as const, tokensMax: tokensPerMinute }]),
    ...(tokensPerDay === null
      ? []
      : [{ ...charge, span: 'day' as const, tokensMax: tokensPerDay }]),
  ]
}
