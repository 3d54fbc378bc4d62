import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { LRUCache } from 'lru-cache'
import { duplicateRecord, type Row, type SqlValue } from '../database.ts'

const preparedMax = 256
const numberedParameter = /\$(\d+)/g

/** `$1` is PostgreSQL's spelling; to SQLite it would be a name, so that it is bound by `?1`. */
export const numbered = (sql: string): string => sql.replace(numberedParameter, '?$1')

// extended result codes: https://www.sqlite.org/rescode.html
const primaryKeyViolation = 1555
const uniqueViolation = 2067

/** What SQLite says went wrong. */
export interface SqliteError extends Error {
  readonly errcode: number
}

export const isSqliteError = (error: unknown): error is SqliteError =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'

/** `UNIQUE constraint failed: app_role.domain_id, app_role.id` → which record, which member. */
export const translate = (error: unknown): unknown => {
  if (!isSqliteError(error)) return error
  if (error.errcode !== uniqueViolation && error.errcode !== primaryKeyViolation) return error
  const [, list = ''] = error.message.split('constraint failed: ')
  const keys = list.split(', ').map((name) => name.split('.'))
  return duplicateRecord(
    keys[0]?.[0] ?? '',
    keys.map((key) => key[1] ?? ''),
  )
}

/** One connection with its prepared statements. */
export interface Connection {
  readonly raw: DatabaseSync
  all(sql: string, params: readonly SqlValue[]): Row[]
  run(sql: string, params: readonly SqlValue[]): { readonly changes: number }
}

export const connect = (raw: DatabaseSync): Connection => {
  // What is used least goes first: filters that nobody repeats do not push out what tokens need.
  const prepared = new LRUCache<string, StatementSync>({ max: preparedMax })
  const prepare = (sql: string): StatementSync => {
    const known = prepared.get(sql)
    if (known !== undefined) return known
    const statement = raw.prepare(numbered(sql))
    prepared.set(sql, statement)
    return statement
  }
  return {
    raw,
    all: (sql, params) => prepare(sql).all(...params) as Row[],
    run: (sql, params) => ({ changes: Number(prepare(sql).run(...params).changes) }),
  }
}
