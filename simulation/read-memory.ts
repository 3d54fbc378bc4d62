import type { Row, SqlValue } from '@mintmark/storage/database'

/** Answers of a database that are the same as long as nothing was written to their tables. */
export interface ReadMemory {
  /** What there is to know of a statement, found once. */
  remember(sql: string): Remembered
  /** @param ask asks the database itself */
  read(statement: Remembered, params: readonly SqlValue[], ask: () => Row[]): Row[]
  /** A statement that writes is about to. */
  wrote(statement: Remembered): void
  /** Nothing is known any more. */
  forget(): void
}

/** Grows with each write. */
interface Table {
  version: number
}

/** What is known of one statement. */
export interface Remembered {
  readonly tables: readonly Table[]
  readonly isWrite: boolean
  readonly isDelete: boolean
  readonly answers: Map<string, { readonly version: number; readonly rows: readonly Row[] }>
}

const answersMax = 500
const tableName = /\b(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+(?:ONLY\s+)?([a-z_]+)/gi

/** null: there is something in them that is compared by what it holds. */
const keyOf = (params: readonly SqlValue[]): string | null => {
  let key = ''
  for (const each of params) {
    if (typeof each === 'object' && each !== null) return null
    key += typeof each === 'string' ? `${each}\u0000` : `\u0001${each}\u0000`
  }
  return key
}

/**
 * Servers ask again and again what is new, and mostly nothing is. It knows from the text of a
 * statement which tables it is about; one that deletes may reach others by their foreign keys, so
 * that it makes everything unknown.
 */
export const createReadMemory = (): ReadMemory => {
  const tables = new Map<string, Table>()
  let forgotten = 0

  const tableOf = (name: string): Table => {
    const known = tables.get(name)
    if (known !== undefined) return known
    const table = { version: 0 }
    tables.set(name, table)
    return table
  }
  const remember = (sql: string): Remembered => {
    const names = Array.from(sql.matchAll(tableName), ([, name = '']) => name.toLowerCase())
    return {
      tables: [...new Set(names)].map(tableOf),
      isWrite: /\b(?:INSERT|UPDATE|DELETE)\b/i.test(sql),
      isDelete: /\b(?:DELETE|CREATE|DROP|ALTER|PRAGMA)\b/i.test(sql),
      answers: new Map(),
    }
  }
  const versionOf = (statement: Remembered): number => {
    let sum = forgotten
    for (const table of statement.tables) sum += table.version
    return sum
  }
  const forget = (): void => {
    forgotten += 1
  }
  const write = (statement: Remembered): void => {
    if (statement.isDelete) forget()
    for (const table of statement.tables) table.version += 1
  }

  return {
    forget,
    remember,
    read: (statement, params, ask) => {
      if (statement.isWrite) {
        write(statement)
        return ask()
      }
      const key = keyOf(params)
      if (key === null) return ask()
      const version = versionOf(statement)
      const known = statement.answers.get(key)
      if (known?.version === version) return [...known.rows]
      const rows = ask()
      if (statement.answers.size >= answersMax) statement.answers.clear()
      statement.answers.set(key, { version, rows: [...rows] })
      return rows
    },
    wrote: write,
  }
}
