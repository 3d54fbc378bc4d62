import { allowanceAttribute } from '@mintmark/decisions/administration/check-token-allowance'
import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import {
  type BudgetMode,
  budgetModes,
  type TokenAllowance,
} from '@mintmark/registry/token-allowance'
import { type Attribute, attribute } from './attribute.ts'
import type { Values } from './read-resource.ts'

type Side = 'client' | 'api'

const names = ['tokenReusePercent', 'tokensPerMinute', 'tokensPerDay', 'budgetMode'] as const

/** What a client, or an API, is allowed; of an API every name begins with `resource`. */
export const allowanceNames = (side: Side): readonly string[] =>
  names.map((name) => allowanceAttribute(name, side))

const attributesOf = (side: Side): readonly Attribute[] =>
  names.map((name) => {
    const spelled = allowanceAttribute(name, side)
    return name === 'budgetMode'
      ? attribute(spelled, 'string', { caseExact: true, values: budgetModes })
      : attribute(spelled, 'integer')
  })

export const allowanceAttributes: readonly Attribute[] = [
  ...attributesOf('client'),
  ...attributesOf('api'),
]

/** What is said of budget and re-use window; undefined: nothing. */
export const readAllowance = (
  values: Values,
  side: Side,
): Result<TokenAllowance | undefined, AdministrationRefusal> => {
  const said = <T>(name: (typeof names)[number]) =>
    (values.get(allowanceAttribute(name, side)) as T | undefined) ?? null
  const reusePercent = said<number>('tokenReusePercent')
  const tokensPerMinute = said<number>('tokensPerMinute')
  const tokensPerDay = said<number>('tokensPerDay')
  const mode = said<BudgetMode>('budgetMode')
  const isLimited = tokensPerMinute !== null || tokensPerDay !== null
  if (mode !== null && !isLimited) {
    const at = allowanceAttribute('budgetMode', side)
    const perMinute = allowanceAttribute('tokensPerMinute', side)
    const perDay = allowanceAttribute('tokensPerDay', side)
    return refuseChange('VALUE_INVALID', `${at} means nothing without a budget.`, {
      fix: `Set ${perMinute} or ${perDay}, or leave ${at} out.`,
      at,
    })
  }
  if (!isLimited && reusePercent === null) return ok(undefined)
  return ok({ reusePercent, tokensPerMinute, tokensPerDay, budgetMode: mode ?? 'enforce' })
}

/** The attributes that say it; null: nothing is said. */
export const writeAllowance = (
  allowance: TokenAllowance | undefined,
  side: Side,
): Readonly<Record<string, unknown>> => {
  if (allowance === undefined) return {}
  const { reusePercent, tokensPerMinute, tokensPerDay, budgetMode } = allowance
  const isLimited = tokensPerMinute !== null || tokensPerDay !== null
  const values = [reusePercent, tokensPerMinute, tokensPerDay, isLimited ? budgetMode : null]
  return Object.fromEntries(
    allowanceNames(side).flatMap((name, at) => (values[at] === null ? [] : [[name, values[at]]])),
  )
}
