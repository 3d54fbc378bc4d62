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

/** What is counted; `params` is bound to the tables and conditions of `from`. */
interface Countable {
  readonly from: string
  readonly params: readonly SqlValue[]
}

const memoryKey = ({ domainId }: Counting, { from, params }: Countable): string =>
  JSON.stringify([domainId, from, params])

/** What has been counted before, if nothing was changed since; else null. */
export const rememberedTotal = (counting: Counting, rows: Countable): number | null => {
  const known = counting.statements.counted?.get(memoryKey(counting, rows))
  return known?.version === counting.standing.version ? known.total : null
}

/** Keeps what was counted, where there is a memory. */
export const rememberTotal = (counting: Counting, rows: Countable, total: number): void => {
  const { version } = counting.standing
  counting.statements.counted?.set(memoryKey(counting, rows), { version, total })
}

/** Counts rows, and remembers how many they were. */
export const countRows = async (counting: Counting, rows: Countable): Promise<number> => {
  const text = `SELECT count(*) AS total FROM ${rows.from}`
  const [row] = await counting.statements.all(text, rows.params)
  const total = Number(row?.['total'] ?? 0)
  rememberTotal(counting, rows, total)
  return total
}

/** A value that is kept in rows. */
interface Part {
  readonly field: string
  readonly value: string
}

type Indexed = Readonly<Record<string, unknown>>

const partOf = (indexed: Indexed, condition: Condition, within = ''): Part | null => {
  if (condition.kind === 'some' && within === '') {
    return partOf(indexed, condition.condition, `${condition.field}.`)
  }
  if (condition.kind !== 'compare' || condition.operator !== 'eq') return null
  const { value } = condition
  const field = `${within}${condition.field}`
  if (typeof value !== 'string' || !Object.hasOwn(indexed, field)) return null
  return { field, value: keepText(value) }
}

/** Values deeper inside a condition are taken for rare. */
const depthMax = 8

/** Values of a condition that are kept in rows. */
const partsOf = (
  indexed: Indexed,
  condition: Condition,
  depth = 0,
  within = '',
): readonly Part[] => {
  if (depth > depthMax) return []
  const inner = (each: Condition, name = within) => partsOf(indexed, each, depth + 1, name)
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.conditions.flatMap((each) => inner(each))
    case 'not':
      return inner(condition.condition)
    case 'some':
      return inner(condition.condition, `${condition.field}.`)
    default:
      return [partOf(indexed, condition, within) ?? []].flat()
  }
}

/** Flags of which one condition holds; null: it is not about a flag. */
const flagsThat = (names: readonly string[], condition: Condition): readonly string[] | null => {
  if (condition.kind !== 'compare' || condition.operator !== 'eq') return null
  const at = names.indexOf(condition.field)
  if (at === -1 || typeof condition.value !== 'boolean') return null
  const wanted = condition.value ? '1' : '0'
  return allFlags(names).filter((flags) => flags[at] === wanted)
}

const allFlags = (names: readonly string[]): readonly string[] =>
  Array.from({ length: 2 ** names.length }, (_, bits) =>
    bits.toString(2).padStart(names.length, '0'),
  )

/** What all that a condition holds of is counted under; null: there is no such count. */
const countedUnder = (
  names: readonly string[],
  indexed: Indexed,
  where: Condition | null,
): Counted | null => {
  const all = where === null ? [] : where.kind === 'and' ? where.conditions : [where]
  let flags = allFlags(names)
  let part: Part | null = null
  for (const each of all) {
    const some = flagsThat(names, each)
    if (some !== null) flags = flags.filter((one) => some.includes(one))
    else if (part !== null) return null
    else {
      part = partOf(indexed, each)
      if (part === null) return null
    }
  }
  return { ...(part ?? { field: '', value: '' }), flags }
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

/** Asks for what is counted of a condition; nothing before all is counted. */
export const findKnownTotals = async <Item>(
  counting: Counting,
  { indexed, countedFlags }: SearchTable<Item>,
  where: Condition | null,
): Promise<KnownTotals> => {
  if (countedFlags === undefined || counting.standing.countedUntil !== null) return nothingKnown
  const flags = allFlags(countedFlags)
  const common = new Set<string>()
  const key = ({ field, value }: Part): string => `${field} ${value}`
  for (const part of where === null ? [] : partsOf(indexed, where).slice(0, partsMax)) {
    const total = await countedTotal(counting, { ...part, flags })
    if (total > fewMax) common.add(key(part))
  }
  const whole = countedUnder(countedFlags, indexed, where)
  return {
    total: whole === null ? null : await countedTotal(counting, whole),
    isCommon: (field, value) => common.has(key({ field, value })),
  }
}
