import { DatabaseSync } from 'node:sqlite'
import type { Row, SqlValue } from '@mintmark/storage/database'
import { connect, translate } from '@mintmark/storage/sqlite/sqlite-connection'
import { createReadMemory } from './read-memory.ts'

/** SQLite in memory: what a unique key refuses is told as the product tells it. */
export interface Store {
  all(sql: string, params: readonly SqlValue[]): Row[]
  run(sql: string, params: readonly SqlValue[]): { readonly changes: number }
  /** Begins or ends a transaction, or a part of one. */
  mark(text: string): void
}

export const createStore = (): Store => {
  const connection = connect(new DatabaseSync(':memory:', { enableForeignKeyConstraints: true }))
  const memory = createReadMemory()
  const told = <T>(act: () => T): T => {
    try {
      return act()
    } catch (error) {
      throw translate(error)
    }
  }
  // SQLite plans anew for each limit that it is given, which costs more than to read; not for sums
  const planned = new Map<string, string>()
  const plannedOnce = (sql: string): string => {
    const known = planned.get(sql)
    if (known !== undefined) return known
    const text = sql.replace(/\b(LIMIT|OFFSET) \$/g, '$1 0 + $')
    planned.set(sql, text)
    return text
  }
  return {
    all: (sql, params) =>
      memory.read(sql, params, () => told(() => connection.all(plannedOnce(sql), params))),
    run: (sql, params) => {
      memory.wrote(sql)
      return told(() => connection.run(plannedOnce(sql), params))
    },
    mark: (text) => {
      if (text.startsWith('ROLLBACK')) memory.forget()
      connection.run(text, [])
    },
  }
}
