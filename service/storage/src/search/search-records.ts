import type { Query } from '@mintmark/registry/query'
import type { Listed } from '@mintmark/registry/registry'
import type { Dialect, Row, SqlValue, Statements } from '../database.ts'
import { findStanding } from '../tables/registry-standing.ts'
import { parseRecord } from '../tables/table.ts'
import {
  type Compiling,
  compileCondition,
  itemPlace,
  UnknownCondition,
} from './compile-condition.ts'
import { dialectWords } from './dialect-words.ts'
import {
  countRows,
  fewMax,
  findKnownTotals,
  rememberedTotal,
  rememberTotal,
} from './known-totals.ts'
import type { SearchTable } from './search-table.ts'

interface OrderTerm {
  readonly sql: string
  readonly descending: boolean
}

/** Missing values come last, or first when descending (RFC 7644 §3.4.2.3). */
const orderOf = <Item>(
  table: SearchTable<Item>,
  compiling: Compiling,
  sort: Query['sort'],
): readonly OrderTerm[] => {
  const ascending = (sql: string): OrderTerm => ({ sql, descending: false })
  if (sort === null) return [...table.order, 'item.id'].map(ascending)
  const { words } = compiling
  const place = itemPlace(table, words)(sort.field)
  if (place.kind !== 'single') throw new UnknownCondition(`search: ${sort.field} has many values`)
  const { descending } = sort
  const isText = place.type === 'folded' || place.type === 'exact'
  const value = { sql: isText ? words.bytewise(place.sql) : place.sql, descending }
  const missing = { sql: `${place.sql} IS NULL`, descending }
  return table.required.includes(sort.field)
    ? [value, ascending('item.id')]
    : [missing, value, ascending('item.id')]
}

const orderBy = (terms: readonly OrderTerm[]): string =>
  terms.map(({ sql, descending }) => (descending ? `${sql} DESC` : sql)).join(', ')

/** A condition as SQL, and what is bound to it. */
interface Matching {
  readonly from: string
  readonly params: readonly SqlValue[]
  readonly order: readonly OrderTerm[]
}

const idsOf = (rows: readonly Row[]): readonly string[] => rows.map((row) => row['id'] as string)

/** All that match, in order, when they are few; null when they are more. */
const findFew = async (
  statements: Statements,
  { from, params, order }: Matching,
): Promise<readonly string[] | null> => {
  const keys = order.map(({ sql }, index) => `${sql} AS k${index}`).join(', ')
  const rows = await statements.all(
    // materialized: otherwise SQLite sorts all that match, and only then counts to the limit
    `WITH f AS MATERIALIZED (SELECT item.id, ${keys} FROM ${from} LIMIT ${fewMax + 1}) ` +
      `SELECT f.id FROM f ORDER BY ` +
      orderBy(order.map((term, index) => ({ ...term, sql: `f.k${index}` }))),
    params,
  )
  return rows.length > fewMax ? null : idsOf(rows)
}

/** A page of ids, walked to in the order that they are listed in. */
const findPage = async (
  statements: Statements,
  { from, params, order }: Matching,
  page: { readonly offset: number; readonly count: number },
): Promise<readonly string[]> =>
  idsOf(
    await statements.all(
      `SELECT item.id FROM ${from} ORDER BY ${orderBy(order)} ` +
        `LIMIT $${params.length + 1} OFFSET $${params.length + 2}`,
      [...params, page.count, page.offset],
    ),
  )

/** A noun that is searched without the rows that are not all there. */
const withoutRows = <Item>(table: SearchTable<Item>): SearchTable<Item> => {
  const { filledLater = [], indexed } = table
  if (filledLater.length === 0) return table
  const filled = Object.entries(indexed).filter(([path]) => !filledLater.includes(path))
  return { ...table, indexed: Object.fromEntries(filled) }
}

/** Records by id, in the order of the ids. */
const readRecords = async <Item>(
  statements: Statements,
  text: string,
  domainId: string,
  ids: readonly string[],
): Promise<readonly Item[]> => {
  if (ids.length === 0) return []
  const rows = await statements.all(text, [domainId, JSON.stringify(ids)])
  const byId = new Map(rows.map((row) => [row['id'] as string, row]))
  return ids.flatMap((id) => {
    const row = byId.get(id)
    return row === undefined ? [] : [parseRecord<Item>(row)]
  })
}

/**
 * One page of the records that a condition holds of, and how many there are in all.
 *
 * @throws UnknownCondition when the query names a field that the noun does not have
 */
export const searchRecords = async <Item>(
  context: {
    readonly statements: Statements
    readonly dialect: Dialect
    readonly domainId: string
  },
  table: SearchTable<Item>,
  query: Query,
): Promise<Listed<Item>> => {
  const { statements, dialect, domainId } = context
  const standing = await findStanding(statements, domainId)
  const counting = { ...context, standing }
  const usable = standing.countedUntil === null ? table : withoutRows(table)
  const known = await findKnownTotals(counting, usable, query.where)
  const words = dialectWords[dialect]
  const params: SqlValue[] = [domainId]
  // PostgreSQL has statistics of its own
  const isCommon = dialect === 'sqlite' ? known.isCommon : () => false
  const compiling: Compiling = { words, params, fewSought: false, isCommon }
  const fromWhere = (how: Compiling): string => {
    const where = query.where === null ? '' : ` AND ${compileCondition(how, usable, query.where)}`
    return `${table.name} AS item WHERE item.domain_id = $1${where}`
  }
  const matching: Matching = {
    from: fromWhere(compiling),
    params,
    order: orderOf(usable, compiling, query.sort),
  }
  const remembered = rememberedTotal(counting, matching)
  if (remembered === 0) return { total: 0, items: [] }
  const total = remembered ?? known.total
  const countAll = async (): Promise<number> => total ?? countRows(counting, matching)
  if (query.count <= 0) return { total: await countAll(), items: [] }
  const offset = Math.max(0, query.startIndex - 1)
  const read = (ids: readonly string[]): Promise<readonly Item[]> => {
    const text =
      `SELECT r.id, r.record FROM ${table.name} AS r ` +
      `WHERE r.domain_id = $1 AND r.id IN (SELECT t.value FROM ${words.texts('$2')})`
    return readRecords<Item>(statements, text, domainId, ids)
  }
  const from = fromWhere({ ...compiling, params: [domainId], fewSought: true })
  const canBeFew = query.where !== null && (total ?? 0) <= fewMax
  const few = canBeFew ? await findFew(statements, { ...matching, from }) : null
  if (few !== null) {
    rememberTotal(counting, matching, few.length)
    return { total: few.length, items: await read(few.slice(offset, offset + query.count)) }
  }
  // ids first: records must not be carried through a sort
  return {
    total: await countAll(),
    items: await read(await findPage(statements, matching, { offset, count: query.count })),
  }
}
