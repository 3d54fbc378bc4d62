import type { BudgetCharge } from '@mintmark/registry/token-allowance'
import type { Statements } from '../database.ts'
import { inSteps } from './rows-in-steps.ts'

/** Whose budget, and which of them. */
export type BudgetKey = Pick<BudgetCharge, 'side' | 'applicationId' | 'span'>

/** What has been issued of a budget since it last began. */
export interface TokenCount extends BudgetKey {
  readonly beginsAtMs: number
  readonly endsAtMs: number
  readonly tokens: number
}

const keyOf = ({ side, applicationId, span }: BudgetKey) => [side, applicationId, span]

/** `($2, $3, $4), ($5, …`: so many places of so many values behind the domain. */
const placesOf = (rows: number, width: number, before = ''): string =>
  Array.from({ length: rows }, (_, row) => {
    const places = Array.from({ length: width }, (__, at) => `$${row * width + at + 2}`)
    return `(${before}${places.join(', ')})`
  }).join(', ')

/** What these budgets stand at; those of which nothing was ever issued are left out. */
export const findTokenCounts = async (
  statements: Statements,
  domainId: string,
  keys: readonly BudgetKey[],
): Promise<readonly TokenCount[]> => {
  const found: TokenCount[] = []
  for (const step of inSteps(keys)) {
    const rows = await statements.all(
      `SELECT side, application_id, span, begins_at_ms, ends_at_ms, tokens FROM token_count
       WHERE domain_id = $1
         AND (side, application_id, span) IN (VALUES ${placesOf(step.length, 3)})`,
      [domainId, ...step.flatMap(keyOf)],
    )
    for (const row of rows) {
      found.push({
        side: row['side'] as TokenCount['side'],
        applicationId: row['application_id'] as string,
        span: row['span'] as TokenCount['span'],
        beginsAtMs: Number(row['begins_at_ms']),
        endsAtMs: Number(row['ends_at_ms']),
        tokens: Number(row['tokens']),
      })
    }
  }
  return found
}

/** Must run inside the transaction that looked the counts up. */
export const putTokenCounts = async (
  statements: Statements,
  domainId: string,
  counts: readonly TokenCount[],
): Promise<void> => {
  for (const step of inSteps(counts)) {
    await statements.run(
      `INSERT INTO token_count
         (domain_id, side, application_id, span, begins_at_ms, ends_at_ms, tokens)
       VALUES ${placesOf(step.length, 6, '$1, ')}
       ON CONFLICT (domain_id, side, application_id, span) DO UPDATE SET
         begins_at_ms = excluded.begins_at_ms, ends_at_ms = excluded.ends_at_ms,
         tokens = excluded.tokens`,
      [
        domainId,
        ...step.flatMap((count) => [
          ...keyOf(count),
          count.beginsAtMs,
          count.endsAtMs,
          count.tokens,
        ]),
      ],
    )
  }
}

/** Removes at most `rowsMax` counts whose minute or day ended before an instant. */
export const sweepTokenCounts = async (
  statements: Statements,
  domainId: string,
  endedBeforeMs: number,
  rowsMax: number,
): Promise<number> => {
  const { changes } = await statements.run(
    `DELETE FROM token_count WHERE (domain_id, side, application_id, span) IN (
       SELECT domain_id, side, application_id, span FROM token_count
       WHERE domain_id = $1 AND ends_at_ms < $2 ORDER BY ends_at_ms LIMIT $3)`,
    [domainId, endedBeforeMs, rowsMax],
  )
  return changes
}
