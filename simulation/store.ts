import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Row, SqlValue } from '@mintmark/storage/database'
import { numbered, translate } from '@mintmark/storage/sqlite/sqlite-connection'
import { createReadMemory, type Remembered } from './read-memory.ts'

/** SQLite in memory: what a unique key refuses is told as the product tells it. */
export interface Store {
  all(sql: string, params: readonly SqlValue[]): Row[]
  run(sql: string, params: readonly SqlValue[]): { readonly changes: number }
  /** Begins or ends a transaction, or a part of one. */
  mark(text: string): void
}

/** Everything about one text, so that it is looked for once. */
interface Known {
  readonly statement: StatementSync
  readonly remembered: Remembered
}

/** More are of filters that nobody repeats. */
const knownMax = 2000

export const createStore = (): Store => {
  const database = new DatabaseSync(':memory:', { enableForeignKeyConstraints: true })
  const memory = createReadMemory()
  const known = new Map<string, Known>()
  // SQLite plans anew for each limit that it is given, which costs more than to read; not for sums
  const planned = (sql: string): string => sql.replace(/\b(LIMIT|OFFSET) \$/g, '$1 0 + $')
  const knownOf = (sql: string): Known => {
    const before = known.get(sql)
    if (before !== undefined) return before
    if (known.size >= knownMax) known.clear()
    const statement = database.prepare(numbered(planned(sql)))
    const made = { statement, remembered: memory.remember(sql) }
    known.set(sql, made)
    return made
  }
  return {
    all: (sql, params) => {
      try {
        const { statement, remembered } = knownOf(sql)
        return memory.read(remembered, params, () => statement.all(...params) as Row[])
      } catch (error) {
        throw translate(error)
      }
    },
    run: (sql, params) => {
      try {
        const { statement, remembered } = knownOf(sql)
        memory.wrote(remembered)
        return { changes: Number(statement.run(...params).changes) }
      } catch (error) {
        throw translate(error)
      }
    },
    mark: (text) => {
      if (text.startsWith('ROLLBACK')) memory.forget()
      knownOf(text).statement.run()
    },
  }
}
