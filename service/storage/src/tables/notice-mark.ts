import type { Statements } from '../database.ts'

/** Marks share a table with those of the sweep; the prefix keeps them apart. */
const prefix = 'notice '

/** Names of the notices that were sent and are still remembered. */
export const sentNotices = async (
  statements: Statements,
  domainId: string,
): Promise<ReadonlySet<string>> => {
  const rows = await statements.all(
    'SELECT subject FROM sweep_mark WHERE domain_id = $1 AND subject >= $2 AND subject < $3',
    [domainId, prefix, 'notice!'],
  )
  return new Set(rows.map((row) => String(row['subject']).slice(prefix.length)))
}

/** Remembers that a notice was sent. Must run inside a transaction. */
export const putNoticeMark = async (
  statements: Statements,
  domainId: string,
  name: string,
  sentAtMs: number,
): Promise<void> => {
  await statements.run(
    `INSERT INTO sweep_mark (domain_id, subject, swept_until_ms) VALUES ($1, $2, $3)
     ON CONFLICT (domain_id, subject) DO UPDATE SET swept_until_ms = excluded.swept_until_ms`,
    [domainId, `${prefix}${name}`, sentAtMs],
  )
}

/** Forgets the notices that were sent before an instant. Must run inside a transaction. */
export const sweepNoticeMarks = async (
  statements: Statements,
  domainId: string,
  beforeMs: number,
): Promise<void> => {
  await statements.run(
    `DELETE FROM sweep_mark
     WHERE domain_id = $1 AND subject >= $2 AND subject < $3 AND swept_until_ms < $4`,
    [domainId, prefix, 'notice!', beforeMs],
  )
}
