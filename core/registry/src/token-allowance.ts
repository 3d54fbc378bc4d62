/**
 * What happens to a request when a budget is spent. `observe`: it is answered, and told on record.
 * `enforce`: it is refused. `reissue`: who has a living token for the same gets that once more;
 * others are refused.
 */
export const budgetModes = ['observe', 'enforce', 'reissue'] as const
export type BudgetMode = (typeof budgetModes)[number]

/** How many tokens may be issued to one client, or for one API, and when an old one will do. */
export interface TokenAllowance {
  /** The current token is given again while so much of its life is left; null: never. */
  readonly reusePercent: number | null
  readonly tokensPerMinute: number | null
  /** Days are those of UTC. */
  readonly tokensPerDay: number | null
  readonly budgetMode: BudgetMode
}

/** Nothing is said: every request is answered by a token of its own. */
export const noAllowance: TokenAllowance = Object.freeze({
  reusePercent: null,
  tokensPerMinute: null,
  tokensPerDay: null,
  budgetMode: 'enforce',
})

export const budgetSpans = ['minute', 'day'] as const
export type BudgetSpan = (typeof budgetSpans)[number]

export const budgetSpanSeconds: Readonly<Record<BudgetSpan, number>> = Object.freeze({
  minute: 60,
  day: 86_400,
})

/** What one request takes of one budget. */
export interface BudgetCharge {
  /** Whose: a client, or an API. */
  readonly side: 'client' | 'api'
  /** `id` of the application. */
  readonly applicationId: string
  readonly span: BudgetSpan
  readonly tokensMax: number
  readonly tokens: number
  readonly mode: BudgetMode
}

/** How a budget stands after a request was charged to it, or refused. */
export interface BudgetStanding extends BudgetCharge {
  readonly left: number
  /** Until it begins anew. */
  readonly resetSeconds: number
  /** There was not enough left. */
  readonly spent: boolean
}
