import type { Row, SqlValue } from '@mintmark/storage/database'

/** Answers of a database that are the same as long as nothing was written to their tables. */
export interface ReadMemory {
  /** @param ask asks the database itself */
  read(sql: string, params: readonly SqlValue[], ask: () => Row[]): Row[]
  /** A statement that writes is about to. */
  wrote(sql: string): void
  /** Nothing is known any more. */
  forget(): void
}

/** What stands for the tables of one statement. */
interface Tables {
  readonly names: readonly string[]
  readonly isWrite: boolean
  readonly isDelete: boolean
}

const answersMax = 5000
const tableName = /\b(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+(?:ONLY\s+)?([a-z_]+)/gi

const readTables = (sql: string): Tables => ({
  names: [...new Set(Array.from(sql.matchAll(tableName), ([, name = '']) => name.toLowerCase()))],
  isWrite: /\b(?:INSERT|UPDATE|DELETE)\b/i.test(sql),
  isDelete: /\b(?:DELETE|CREATE|DROP|ALTER|PRAGMA)\b/i.test(sql),
})

/**
 * Servers ask again and again what is new, and mostly nothing is. It knows from the text of a
 * statement which tables it is about; one that deletes may reach others by their foreign keys, so
 * that it makes everything unknown.
 */
export const createReadMemory = (): ReadMemory => {
  const tables = new Map<string, Tables>()
  const versions = new Map<string, number>()
  const answers = new Map<string, { readonly version: number; readonly rows: Row[] }>()
  let forgotten = 0

  const tablesOf = (sql: string): Tables => {
    const known = tables.get(sql)
    if (known !== undefined) return known
    const found = readTables(sql)
    tables.set(sql, found)
    return found
  }
  const forget = (): void => {
    forgotten += 1
    answers.clear()
  }
  /** Grows with each write to one of them. */
  const versionOf = ({ names }: Tables): number =>
    names.reduce((sum, name) => sum + (versions.get(name) ?? 0), forgotten)

  const wrote = (sql: string): void => {
    const { names, isDelete } = tablesOf(sql)
    if (isDelete) forget()
    for (const name of names) versions.set(name, (versions.get(name) ?? 0) + 1)
  }

  return {
    forget,
    read: (sql, params, ask) => {
      const asked = tablesOf(sql)
      if (asked.isWrite) {
        wrote(sql)
        return ask()
      }
      if (params.some((each) => each instanceof Uint8Array)) return ask()
      const key = `${sql}\n${JSON.stringify(params)}`
      const version = versionOf(asked)
      const known = answers.get(key)
      if (known?.version === version) return [...known.rows]
      const rows = ask()
      if (answers.size >= answersMax) answers.clear()
      answers.set(key, { version, rows: [...rows] })
      return rows
    },
    wrote,
  }
}
