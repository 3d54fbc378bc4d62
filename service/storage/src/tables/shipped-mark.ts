import type { Statements } from '../database.ts'

/** Marks share a table with those of the sweep; the prefix keeps them apart. */
const subjectOf = (sink: string): string => `shipped ${sink}`

/** Sequence of the last pack that a sink has taken; 0: none. */
export const findShipped = async (
  statements: Statements,
  domainId: string,
  sink: string,
): Promise<number> => {
  const rows = await statements.all(
    'SELECT swept_until_ms FROM sweep_mark WHERE domain_id = $1 AND subject = $2',
    [domainId, subjectOf(sink)],
  )
  return Number(rows[0]?.['swept_until_ms'] ?? 0)
}

/** Remembers how far a sink has taken the audit. Must run inside a transaction. */
export const putShipped = async (
  statements: Statements,
  domainId: string,
  sink: string,
  sequence: number,
): Promise<void> => {
  await statements.run(
    `INSERT INTO sweep_mark (domain_id, subject, swept_until_ms) VALUES ($1, $2, $3)
     ON CONFLICT (domain_id, subject) DO UPDATE SET swept_until_ms = excluded.swept_until_ms`,
    [domainId, subjectOf(sink), sequence],
  )
}
