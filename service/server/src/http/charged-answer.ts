import { rateLimitFields } from '@mintmark/protocol/ratelimit-fields'
import { type Refusal, refuse } from '@mintmark/protocol/refusal'
import type { Result } from '@mintmark/protocol/result'
import type { ChargedRecord } from '@mintmark/registry/ledger'
import { type BudgetStanding, budgetSpanSeconds } from '@mintmark/registry/token-allowance'
import type { ServiceMetrics, Spoken } from '../services.ts'
import type { AnswerBody } from './answer.ts'

type Respond = () => Result<AnswerBody, Refusal>

interface Decided {
  readonly respond: Respond
  readonly respondInstead?: Respond
}

/** What is answered when a request was charged, and the fields that say how its budgets stand. */
export const answerCharged = (
  { outcome, standings }: ChargedRecord,
  decided: Decided,
  metrics: Pick<ServiceMetrics, 'budgetSpent'>,
): Pick<Spoken, 'result' | 'headers'> => {
  for (const { spent, side, mode } of standings) if (spent) metrics.budgetSpent(side, mode)
  const headers = budgetFields(standings)
  if (outcome === 'spent') return { result: refuse('BUDGET_SPENT', tellSpent(standings)), headers }
  const respond = outcome === 'instead' ? decided.respondInstead : decided.respond
  return { result: (respond ?? decided.respond)(), headers }
}

/** Budgets that only observe are nobody's business but the operator's. */
const isTold = ({ mode }: BudgetStanding): boolean => mode !== 'observe'

const nameOf = ({ side, span }: BudgetStanding): string => `${side}-${span}`

/** One line a name: of several APIs, the one with the least left. */
const budgetFields = (standings: readonly BudgetStanding[]): readonly string[] => {
  const byName = new Map<string, BudgetStanding>()
  for (const standing of standings.filter(isTold)) {
    const before = byName.get(nameOf(standing))
    if (before === undefined || standing.left < before.left) byName.set(nameOf(standing), standing)
  }
  const quotas = Array.from(byName, ([name, { tokensMax, span, left, resetSeconds }]) => ({
    name,
    quota: tokensMax,
    windowSeconds: budgetSpanSeconds[span],
    left,
    resetSeconds,
  }))
  return Object.entries(rateLimitFields(quotas)).flat()
}

const tellSpent = (standings: readonly BudgetStanding[]): Omit<Refusal, 'reason'> => {
  const spent = standings.filter((each) => each.spent && isTold(each))
  const whose = { client: 'for this client', api: 'for this API, by all clients together' }
  const told = spent.map(
    ({ side, span, tokensMax }) => `${tokensMax} tokens a ${span} ${whose[side]}`,
  )
  return {
    detail: `There are ${told.join('; ')}. Keep a token until it expires.`,
    retryAfterSeconds: Math.max(1, ...spent.map((each) => each.resetSeconds)),
  }
}
