import type { Revocation } from '@mintmark/registry/revocation'
import type { Statements } from '../database.ts'
import type { AttemptCount } from './failed-attempt.ts'

/** What one transaction has made untrue in the memory of every server. */
export interface Change {
  readonly clientIds: readonly string[]
  readonly catalog: boolean
  readonly revocations: readonly Revocation[]
  /** Failures as they stand now. */
  readonly attempts: readonly AttemptCount[]
  /** The latest instant on record with it, by whichever clock; absent: of an older program. */
  readonly latestMs?: number
}

/** A change in its place; numbers are in the order of commits and have no gaps. */
export interface ChangeEntry extends Change {
  readonly number: number
}

/** Number of the last change; 0: there was none. */
export const findChangeHead = async (statements: Statements, domainId: string): Promise<number> => {
  const rows = await statements.all('SELECT last_number FROM change_head WHERE domain_id = $1', [
    domainId,
  ])
  return Number(rows[0]?.['last_number'] ?? 0)
}

/**
 * Appends a change. Must run inside the transaction that makes it: transactions follow one another,
 * so whoever reads up to a number has missed none before it.
 *
 * @returns its number
 */
export const appendChange = async (
  statements: Statements,
  domainId: string,
  change: Change,
): Promise<number> => {
  const rows = await statements.all(
    `INSERT INTO change_head (domain_id, last_number) VALUES ($1, 1)
     ON CONFLICT (domain_id) DO UPDATE SET last_number = change_head.last_number + 1
     RETURNING last_number`,
    [domainId],
  )
  const number = Number(rows[0]?.['last_number'])
  await statements.run('INSERT INTO change_entry (domain_id, number, body) VALUES ($1, $2, $3)', [
    domainId,
    number,
    JSON.stringify(change),
  ])
  return number
}

/** Changes after a number, in their order, at most `rowsMax`. */
export const listChanges = async (
  statements: Statements,
  domainId: string,
  afterNumber: number,
  rowsMax: number,
): Promise<readonly ChangeEntry[]> => {
  const rows = await statements.all(
    `SELECT number, body FROM change_entry WHERE domain_id = $1 AND number > $2
     ORDER BY number LIMIT $3`,
    [domainId, afterNumber, rowsMax],
  )
  return rows.map((row) => ({
    ...(JSON.parse(row['body'] as string) as Change),
    number: Number(row['number']),
  }))
}

/** Removes at most `rowsMax` of the oldest changes beyond those kept. */
export const sweepChanges = async (
  statements: Statements,
  domainId: string,
  kept: number,
  rowsMax: number,
): Promise<number> => {
  const head = await findChangeHead(statements, domainId)
  const { changes } = await statements.run(
    `DELETE FROM change_entry WHERE (domain_id, number) IN (
       SELECT domain_id, number FROM change_entry
       WHERE domain_id = $1 AND number <= $2 ORDER BY number LIMIT $3)`,
    [domainId, head - kept, rowsMax],
  )
  return changes
}
