import type { Query } from '@mintmark/registry/query'
import type { Listed } from '@mintmark/registry/registry'
import type { Dialect, SqlValue, Statements } from '../database.ts'
import { parseRecord } from '../tables/table.ts'
import {
  type Compiling,
  compileCondition,
  itemPlace,
  UnknownCondition,
} from './compile-condition.ts'
import { dialectWords } from './dialect-words.ts'
import type { SearchTable } from './search-table.ts'

/** Missing values come last, or first when descending (RFC 7644 §3.4.2.3). */
const orderOf = <Item>(
  table: SearchTable<Item>,
  compiling: Compiling,
  sort: Query['sort'],
): string => {
  if (sort === null) return [...table.order, 'item.id'].join(', ')
  const { words } = compiling
  const place = itemPlace(table, words)(sort.field)
  if (place.kind !== 'single') throw new UnknownCondition(`search: ${sort.field} has many values`)
  const isText = place.type === 'folded' || place.type === 'exact'
  const value = isText ? words.bytewise(place.sql) : place.sql
  const direction = sort.descending ? ' DESC' : ''
  const missing = table.required.includes(sort.field) ? '' : `${place.sql} IS NULL${direction}, `
  return `${missing}${value}${direction}, item.id`
}

const countAll = async (
  statements: Statements,
  from: string,
  params: readonly SqlValue[],
): Promise<number> =>
  Number((await statements.all(`SELECT count(*) AS total FROM ${from}`, params))[0]?.['total'] ?? 0)

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
  const words = dialectWords[dialect]
  const params: SqlValue[] = [domainId]
  const compiling: Compiling = { words, params }
  const where =
    query.where === null ? '' : ` AND ${compileCondition(compiling, table, query.where)}`
  const order = orderOf(table, compiling, query.sort)
  const from = `${table.name} AS item WHERE item.domain_id = $1${where}`
  if (query.count <= 0) return { total: await countAll(statements, from, params), items: [] }
  const offset = Math.max(0, query.startIndex - 1)
  // ids first: records must not be carried through a sort
  const rows = await statements.all(
    `SELECT item.id FROM ${from} ORDER BY ${order} ` +
      `LIMIT $${params.length + 1} OFFSET $${params.length + 2}`,
    [...params, query.count, offset],
  )
  const ended = rows.length < query.count && (rows.length > 0 || offset === 0)
  const total = ended ? offset + rows.length : await countAll(statements, from, params)
  const text =
    `SELECT r.id, r.record FROM ${table.name} AS r ` +
    `WHERE r.domain_id = $1 AND r.id IN (SELECT t.value FROM ${words.texts('$2')})`
  const ids = rows.map((row) => row['id'] as string)
  return { total, items: await readRecords<Item>(statements, text, domainId, ids) }
}
