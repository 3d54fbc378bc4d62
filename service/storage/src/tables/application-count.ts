import type { Application } from '@mintmark/registry/application'
import type { Dialect, Statements } from '../database.ts'
import { dialectWords } from '../search/dialect-words.ts'
import type { Counted } from '../search/search-table.ts'
import { countedValuesOf } from './application.ts'

/** By how much the counts of values change. */
export interface CountChange {
  add(item: Application, by: 1 | -1): void
  /** Stores what has been added up. */
  store(statements: Statements, domainId: string): Promise<void>
}

const put = `INSERT INTO application_count (domain_id, field, value, total)
VALUES ($1, $2, $3, $4)
ON CONFLICT (domain_id, field, value) DO UPDATE SET total = application_count.total + excluded.total`

const removeNone = `DELETE FROM application_count
WHERE domain_id = $1 AND field = $2 AND value = $3 AND total = 0`

export const createCountChange = (): CountChange => {
  const fields = new Map<string, Map<string, number>>()
  return {
    add: (item, by) => {
      for (const [field, value] of countedValuesOf(item)) {
        const values = fields.get(field) ?? new Map<string, number>()
        fields.set(field, values)
        values.set(value, (values.get(value) ?? 0) + by)
      }
    },
    store: async (statements, domainId) => {
      for (const [field, values] of fields) {
        for (const [value, by] of values) {
          if (by === 0) continue
          await statements.run(put, [domainId, field, value, by])
          if (by < 0) await statements.run(removeNone, [domainId, field, value])
        }
      }
    },
  }
}

/** How many applications are counted under any of these values. */
export const countedTotal = async (
  {
    statements,
    domainId,
    dialect,
  }: {
    readonly statements: Statements
    readonly domainId: string
    readonly dialect: Dialect
  },
  { field, values }: Counted,
): Promise<number> => {
  const [row] = await statements.all(
    `SELECT sum(c.total) AS total FROM ${dialectWords[dialect].texts('$3')}
     CROSS JOIN application_count c
     WHERE c.domain_id = $1 AND c.field = $2 AND c.value = t.value`,
    [domainId, field, JSON.stringify(values)],
  )
  return Number(row?.['total'] ?? 0)
}
