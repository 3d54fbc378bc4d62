/*
 * INV-9: a second identity domain in the same database, whose records have the same ids. No server
 * is its own. It comes first in every index, so that a statement which forgets the domain reads it.
 */
import { serialize } from 'node:v8'
import type { ModelDatabase } from './model-database.ts'

export const neighbourId = 'idcs--neighbour'

/** Applications of the neighbour are called so. */
export const neighbourName = 'Neighbour'

type Look = Pick<ModelDatabase, 'look'>

/** Tables whose rows belong to a domain; the domains themselves are found by who serves them. */
export const tablesOf = (database: Look): readonly string[] =>
  database
    .look(
      `SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
       WHERE m.type = 'table' AND c.name = 'domain_id' AND m.name <> 'identity_domain'`,
      [],
    )
    .map(({ name }) => String(name))

/** All rows of a domain but its audit, which is packed; as bytes that differ when anything does. */
export const rowsOf = (database: Look, tables: readonly string[], domainId: string): Buffer =>
  serialize(
    tables
      .filter((name) => name !== 'audit_pack')
      .map((name) => database.look(`SELECT * FROM ${name} WHERE domain_id = $1`, [domainId])),
  )

/** Copies a domain as it is committed, under other names. */
export const addNeighbour = (database: Look, domainId: string): void => {
  // nobody may find the neighbour's domain itself, so that its rows refer to nothing
  database.look('PRAGMA foreign_keys = OFF', [])
  const label = '"displayName":"'
  const copies: Readonly<Record<string, string>> = {
    domain_id: '$1',
    record: `replace(replace(record, $2, $1), '${label}', '${label}${neighbourName} ')`,
  }
  for (const name of tablesOf(database)) {
    const values = database
      .look('SELECT name FROM pragma_table_info($1)', [name])
      .map((column) => String(column['name']))
      .map((column) => copies[column] ?? column)
    database.look(
      `INSERT OR IGNORE INTO ${name} SELECT ${values.join(', ')} FROM ${name} WHERE domain_id = $2`,
      [neighbourId, domainId],
    )
  }
  database.look('PRAGMA foreign_keys = ON', [])
}
