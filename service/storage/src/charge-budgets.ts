import type { AuditEvent } from '@mintmark/registry/audit-event'
import type { Charge, ChargedRecord, LedgerEntry } from '@mintmark/registry/ledger'
import {
  type BudgetCharge,
  type BudgetStanding,
  budgetSpanSeconds,
} from '@mintmark/registry/token-allowance'
import type { Statements } from './database.ts'
import {
  type BudgetKey,
  findTokenCounts,
  putTokenCounts,
  type TokenCount,
} from './tables/token-count.ts'

/** The budgets of one transaction; nobody charges in between: transactions follow one another. */
export interface Budgets {
  /** Takes all of a charge, or nothing. */
  charge(charge: Charge): ChargedRecord
  /** Stores what was taken. */
  store(): Promise<void>
}

const nameOf = ({ side, applicationId, span }: BudgetKey): string =>
  `${side} ${applicationId} ${span}`

/**
 * The count as it goes on now. Where another server's clock is ahead, its minute is everybody's;
 * a count from further ahead was made by a clock that was wrong, and begins anew.
 */
const countNow = (key: BudgetKey, stored: TokenCount | undefined, nowMs: number): TokenCount => {
  const spanMs = budgetSpanSeconds[key.span] * 1000
  const beginsAtMs = Math.floor(nowMs / spanMs) * spanMs
  const isLiving =
    stored !== undefined &&
    stored.beginsAtMs >= beginsAtMs &&
    stored.beginsAtMs <= beginsAtMs + spanMs
  if (isLiving) return stored
  const { side, applicationId, span } = key
  return { side, applicationId, span, beginsAtMs, endsAtMs: beginsAtMs + spanMs, tokens: 0 }
}

const standingOf = (
  charge: BudgetCharge,
  count: TokenCount,
  isTaken: boolean,
  nowMs: number,
): BudgetStanding => {
  const used = count.tokens + (isTaken ? charge.tokens : 0)
  return {
    ...charge,
    left: Math.max(0, charge.tokensMax - used),
    resetSeconds: Math.max(1, Math.ceil((count.endsAtMs - nowMs) / 1000)),
    spent: count.tokens + charge.tokens > charge.tokensMax,
  }
}

/** What becomes of a charge when these of its budgets are spent. */
const outcomeOf = (
  spent: readonly BudgetCharge[],
  instead: AuditEvent | undefined,
): ChargedRecord['outcome'] => {
  const binding = spent.filter(({ mode }) => mode !== 'observe')
  if (binding.length === 0) return 'charged'
  const isSoft = binding.every(({ mode }) => mode === 'reissue')
  return isSoft && instead !== undefined ? 'instead' : 'spent'
}

/** Reads what the entries are charged to; null: nobody is charged for anything. */
export const openBudgets = async (
  statements: Statements,
  domainId: string,
  entries: readonly { readonly entry: LedgerEntry }[],
  nowMs: number,
): Promise<Budgets | null> => {
  if (entries.every(({ entry }) => entry.charge === undefined)) return null
  const keys = new Map<string, BudgetKey>()
  for (const { entry } of entries) {
    for (const budget of entry.charge?.budgets ?? []) keys.set(nameOf(budget), budget)
  }
  const stored = new Map<string, TokenCount>()
  for (const count of await findTokenCounts(statements, domainId, [...keys.values()])) {
    stored.set(nameOf(count), count)
  }
  const counts = new Map<string, TokenCount>()
  for (const [name, key] of keys) counts.set(name, countNow(key, stored.get(name), nowMs))
  const countOf = (budget: BudgetKey) => counts.get(nameOf(budget)) as TokenCount
  return {
    charge: ({ budgets, instead }) => {
      const isSpent = (each: BudgetCharge) => countOf(each).tokens + each.tokens > each.tokensMax
      const outcome = outcomeOf(budgets.filter(isSpent), instead)
      const isTaken = outcome === 'charged'
      const standings = budgets.map((each) => standingOf(each, countOf(each), isTaken, nowMs))
      for (const each of isTaken ? budgets : []) {
        const count = countOf(each)
        counts.set(nameOf(each), { ...count, tokens: count.tokens + each.tokens })
      }
      return { outcome, standings }
    },
    store: () => {
      const changed = [...counts].filter(([name, count]) => {
        const before = stored.get(name)
        return count.tokens > 0 && (before === undefined || before !== count)
      })
      return putTokenCounts(
        statements,
        domainId,
        changed.map(([, count]) => count),
      )
    },
  }
}

/** The event that goes on record for a charged entry. */
export const chargedEvent = (
  event: AuditEvent,
  { instead }: Charge,
  { outcome, standings }: ChargedRecord,
): AuditEvent => {
  const spent = standings.filter((each) => each.spent)
  if (spent.length === 0) return event
  const budget = spent.map(({ side, span, tokensMax }) => `${side} ${tokensMax}/${span}`)
  if (outcome === 'charged') return { ...event, detail: { ...event.detail, overBudget: budget } }
  if (outcome === 'instead' && instead !== undefined) {
    return { ...instead, detail: { ...instead.detail, budget } }
  }
  const { object: _, ...refused } = event
  const detail = { ...event.detail, budget }
  return { ...refused, result: 'refused', reason: 'BUDGET_SPENT', detail }
}
