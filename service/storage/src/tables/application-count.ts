import type { Application } from '@mintmark/registry/application'
import type { Dialect, Statements } from '../database.ts'
import { dialectWords } from '../search/dialect-words.ts'
import type { Counted } from '../search/search-table.ts'
import { countedValuesOf, flagsOf } from './application.ts'

/** By how much the counts of values change. */
export interface CountChange {
  add(item: Application, by: 1 | -1): void
  /** Stores what has been added up. */
  store(statements: Statements, domainId: string): Promise<void>
}

const put = `INSERT INTO application_count (domain_id, field, value, flags, total)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (domain_id, field, value, flags)
DO UPDATE SET total = application_count.total + excluded.total`

const removeNone = `DELETE FROM application_count
WHERE domain_id = $1 AND field = $2 AND value = $3 AND flags = $4 AND total = 0`

/** Starts with no change. */
export const createCountChange = (): CountChange => {
  const changes = new Map<string, number>()
  return {
    add: (item, by) => {
      const flags = flagsOf(item)
      for (const counted of countedValuesOf(item)) {
        const key = JSON.stringify([...counted, flags])
        changes.set(key, (changes.get(key) ?? 0) + by)
      }
    },
    store: async (statements, domainId) => {
      for (const [key, by] of changes) {
        if (by === 0) continue
        const counted = JSON.parse(key) as readonly [string, string, string]
        await statements.run(put, [domainId, ...counted, by])
        if (by < 0) await statements.run(removeNone, [domainId, ...counted])
      }
    },
  }
}

/** How many applications are counted under a value with any of these flags. */
export const countedTotal = async (
  reading: {
    readonly statements: Statements
    readonly domainId: string
    readonly dialect: Dialect
  },
  { field, value, flags }: Counted,
): Promise<number> => {
  const [row] = await reading.statements.all(
    `SELECT sum(c.total) AS total FROM ${dialectWords[reading.dialect].texts('$4')}
     CROSS JOIN application_count c
     WHERE c.domain_id = $1 AND c.field = $2 AND c.value = $3 AND c.flags = t.value`,
    [reading.domainId, field, value, JSON.stringify(flags)],
  )
  return Number(row?.['total'] ?? 0)
}
