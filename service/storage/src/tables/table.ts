import type { Listed, Page } from '@mintmark/registry/registry'
import {
  foldText,
  type SearchDefinition,
  searchDocument,
} from '@mintmark/registry/search-definition'
import type { SqlValue, Statements } from '../database.ts'

type Columns<Item, Column extends string> = Readonly<Record<Column, (item: Item) => SqlValue>>

/** How a noun of one domain is kept: its key, its searched columns, and the record as JSON. */
export interface TableDefinition<Item, Column extends string> {
  readonly name: string
  /** Column that, with the domain, is the primary key. */
  readonly key: NoInfer<Column>
  readonly columns: Columns<Item, Column>
  /** Columns that give lists their order. */
  readonly order: readonly NoInfer<Column>[]
  /** Given: the table has a column `search` with the document of it. */
  readonly search?: SearchDefinition<Item>
}

/** Equalities that must all hold; `undefined` asks nothing. */
export type Where<Column extends string> = Readonly<Partial<Record<Column, SqlValue | undefined>>>

export interface Table<Item, Column extends string> {
  put(statements: Statements, domainId: string, item: Item): Promise<void>
  /** Stores a new record; false, and nothing is done, when there is one with its key. */
  add(statements: Statements, domainId: string, item: Item): Promise<boolean>
  find(statements: Statements, domainId: string, key: string): Promise<Item | null>
  /** All rows that match, in the order of the table. */
  all(statements: Statements, domainId: string, where: Where<Column>): Promise<readonly Item[]>
  list(
    statements: Statements,
    domainId: string,
    where: Where<Column>,
    page: Page,
  ): Promise<Listed<Item>>
  /** @returns how many rows went */
  deleteWhere(statements: Statements, domainId: string, where: Where<Column>): Promise<number>
}

/** What a record looks like in the column `record`. */
export const parseRecord = <Item>(row: Readonly<Record<string, unknown>>): Item =>
  JSON.parse(row['record'] as string) as Item

/** The form under which display names are compared: SCIM `caseExact` is false for them. */
export const displayNameKey = foldText

export const integerOf = (value: boolean): number => (value ? 1 : 0)

interface Condition {
  readonly text: string
  readonly params: readonly SqlValue[]
}

/** Names come from the definition only; values are bound. */
const conditionOf = <Column extends string>(
  names: readonly Column[],
  domainId: string,
  where: Where<Column>,
): Condition => {
  const params: SqlValue[] = [domainId]
  let text = 'domain_id = $1'
  for (const name of names) {
    const value = where[name]
    if (value === undefined) continue
    params.push(value)
    text += ` AND ${name} = $${params.length}`
  }
  return { text, params }
}

const putTexts = (
  name: string,
  key: string,
  columns: readonly string[],
  searched: boolean,
): { readonly put: string; readonly add: string } => {
  const all = ['domain_id', ...columns, 'record', ...(searched ? ['search'] : [])]
  // understood by both databases: binary JSON, parsed once and not by every search
  const value = (column: string, index: number): string =>
    column === 'search' ? `jsonb($${index + 1})` : `$${index + 1}`
  const kept = all.filter((column) => column !== 'domain_id' && column !== key)
  const insert =
    `INSERT INTO ${name} (${all.join(', ')}) ` +
    `VALUES (${all.map(value).join(', ')}) ON CONFLICT (domain_id, ${key}) `
  const update = kept.map((column) => `${column} = excluded.${column}`).join(', ')
  return { put: `${insert}DO UPDATE SET ${update}`, add: `${insert}DO NOTHING` }
}

/** Makes the statements of one noun's table. */
export const defineTable = <Item extends { readonly domain: string }, Column extends string>(
  definition: TableDefinition<Item, Column>,
): Table<Item, Column> => {
  const { name, key, columns, search } = definition
  const names = Object.keys(columns) as Column[]
  const texts = putTexts(name, key, names, search !== undefined)
  const order = definition.order.join(', ')
  const valuesOf = (domainId: string, item: Item): readonly SqlValue[] => {
    if (item.domain !== domainId) throw new Error(`${name}: a record of another identity domain`)
    const values = names.map((column) => columns[column](item))
    const document = search === undefined ? [] : [JSON.stringify(searchDocument(search, item))]
    return [domainId, ...values, JSON.stringify(item), ...document]
  }
  return {
    put: async (statements, domainId, item) => {
      await statements.run(texts.put, valuesOf(domainId, item))
    },
    add: async (statements, domainId, item) =>
      (await statements.run(texts.add, valuesOf(domainId, item))).changes > 0,
    find: async (statements, domainId, id) => {
      const rows = await statements.all(
        `SELECT record FROM ${name} WHERE domain_id = $1 AND ${key} = $2`,
        [domainId, id],
      )
      return rows[0] === undefined ? null : parseRecord<Item>(rows[0])
    },
    all: async (statements, domainId, where) => {
      const { text, params } = conditionOf(names, domainId, where)
      const sql = `SELECT record FROM ${name} WHERE ${text} ORDER BY ${order}`
      return (await statements.all(sql, params)).map((row) => parseRecord<Item>(row))
    },
    list: async (statements, domainId, where, page) => {
      const { text, params } = conditionOf(names, domainId, where)
      const offset = Math.max(0, page.startIndex - 1)
      const rows =
        page.count <= 0
          ? []
          : await statements.all(
              `SELECT record FROM ${name} WHERE ${text} ORDER BY ${order} ` +
                `LIMIT $${params.length + 1} OFFSET $${params.length + 2}`,
              [...params, page.count, offset],
            )
      const items = rows.map((row) => parseRecord<Item>(row))
      // a page that is not full is the last one, unless it lies behind the end
      const isLast = rows.length < page.count && (rows.length > 0 || offset === 0)
      if (isLast) return { total: offset + rows.length, items }
      const counted = await statements.all(
        `SELECT count(*) AS total FROM ${name} WHERE ${text}`,
        params,
      )
      return { total: Number(counted[0]?.['total'] ?? 0), items }
    },
    deleteWhere: async (statements, domainId, where) => {
      const { text, params } = conditionOf(names, domainId, where)
      // a misspelt condition must not empty a table
      if (params.length < 2) throw new Error(`${name}: refuses to delete without a condition`)
      return (await statements.run(`DELETE FROM ${name} WHERE ${text}`, params)).changes
    },
  }
}
