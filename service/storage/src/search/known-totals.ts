import type { Condition } from '@mintmark/registry/query'
import { keepText } from '@mintmark/registry/search-definition'
import type { Dialect, SqlValue, Statements } from '../database.ts'
import { countedTotal } from '../tables/application-count.ts'
import type { RegistryStanding } from '../tables/registry-standing.ts'
import type { Counted, SearchTable } from './search-table.ts'

/** Where is counted. */
export interface Counting {
  readonly statements: Statements
  readonly dialect: Dialect
  readonly domainId: string
  /** Read before anything is counted. */
  readonly standing: RegistryStanding
}

/**
 * Counts what `from` has, unless that has been counted before and nothing was changed since.
 *
 * @param from tables and conditions; `params` is bound to it
 */
export const countRows = async (
  { statements, domainId, standing: { version } }: Counting,
  { from, params }: { readonly from: string; readonly params: readonly SqlValue[] },
): Promise<number> => {
  const memory = statements.counted
  const key = JSON.stringify([domainId, from, params])
  const known = memory?.get(key)
  if (known?.version === version) return known.total
  const [row] = await statements.all(`SELECT count(*) AS total FROM ${from}`, params)
  const total = Number(row?.['total'] ?? 0)
  memory?.set(key, { version, total })
  return total
}

/** Values deeper inside a condition are taken for rare. */
const depthMax = 8

/** Comparisons of a condition with values that are kept in rows, by what they are counted under. */
const countedParts = (
  indexed: Readonly<Record<string, unknown>>,
  condition: Condition,
  depth = 0,
  within = '',
): readonly Counted[] => {
  if (depth > depthMax) return []
  const inner = (each: Condition, name = within): readonly Counted[] =>
    countedParts(indexed, each, depth + 1, name)
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.conditions.flatMap((each) => inner(each))
    case 'not':
      return inner(condition.condition)
    case 'some':
      return inner(condition.condition, `${condition.field}.`)
    case 'present':
      return []
    case 'compare': {
      const field = `${within}${condition.field}`
      const { operator, value } = condition
      if (operator !== 'eq' || typeof value !== 'string') return []
      return Object.hasOwn(indexed, field) ? [{ field, values: [keepText(value)] }] : []
    }
  }
}

/** What is known of a condition without counting. */
export interface KnownTotals {
  /** Records that it holds of; null: they have to be counted. */
  readonly total: number | null
  /** Whether so many have this value that all others are better looked at first. */
  isCommon(field: string, value: string): boolean
}

const nothingKnown: KnownTotals = { total: null, isCommon: () => false }

/** Values asked for before a search; further ones are taken for rare. */
const partsMax = 8
/** More records than this are not sorted, but walked to in their order. */
export const fewMax = 1000

/** Whether one comparison is all of a condition. */
const isWhole = (where: Condition): boolean =>
  where.kind === 'compare' || (where.kind === 'some' && where.condition.kind === 'compare')

/** Asks for what is counted of a condition; nothing before all is counted. */
export const findKnownTotals = async <Item>(
  counting: Counting,
  table: SearchTable<Item>,
  where: Condition | null,
): Promise<KnownTotals> => {
  if (table.countedUnder === undefined || counting.standing.countedUntil !== null) {
    return nothingKnown
  }
  const whole = table.countedUnder(where)
  if (whole !== null) return { ...nothingKnown, total: await countedTotal(counting, whole) }
  const parts = where === null ? [] : countedParts(table.indexed, where).slice(0, partsMax)
  const totals = new Map<string, number>()
  const key = (field: string, value: string): string => `${field} ${value}`
  for (const { field, values } of parts) {
    const [value = ''] = values
    const total = await countedTotal(counting, { field, values })
    totals.set(key(field, value), total)
  }
  return {
    total: where !== null && isWhole(where) ? ([...totals.values()][0] ?? null) : null,
    isCommon: (field, value) => (totals.get(key(field, value)) ?? 0) > fewMax,
  }
}
