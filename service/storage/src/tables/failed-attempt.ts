import type { FailedAttempt } from '@mintmark/registry/ledger'
import type { Statements } from '../database.ts'

/** What a client and a source have failed at together. */
export interface AttemptCount {
  readonly kind: FailedAttempt['kind']
  /** Hash of the client id as presented: strangers choose it, so it may be anything. */
  readonly clientKey: string
  readonly source: string
  /** Failures inside the window, oldest first. */
  readonly failedAtMs: readonly number[]
  /** Locks in a row; each lasts twice as long as the one before. */
  readonly locks: number
  readonly lockedUntilMs: number
  /** Forgotten after this instant. */
  readonly expiresAtMs: number
}

export type AttemptKey = Pick<AttemptCount, 'kind' | 'clientKey' | 'source'>

export const putAttempt = async (
  statements: Statements,
  domainId: string,
  count: AttemptCount,
): Promise<void> => {
  await statements.run(
    `INSERT INTO failed_attempt (domain_id, kind, client_key, source, failed_at_ms, locks,
       locked_until_ms, expires_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (domain_id, kind, client_key, source) DO UPDATE SET
       failed_at_ms = excluded.failed_at_ms, locks = excluded.locks,
       locked_until_ms = excluded.locked_until_ms, expires_at_ms = excluded.expires_at_ms`,
    [
      domainId,
      count.kind,
      count.clientKey,
      count.source,
      JSON.stringify(count.failedAtMs),
      count.locks,
      count.lockedUntilMs,
      count.expiresAtMs,
    ],
  )
}

export const deleteAttempt = async (
  statements: Statements,
  domainId: string,
  { kind, clientKey, source }: AttemptKey,
): Promise<void> => {
  await statements.run(
    `DELETE FROM failed_attempt
     WHERE domain_id = $1 AND kind = $2 AND client_key = $3 AND source = $4`,
    [domainId, kind, clientKey, source],
  )
}

/** What had not expired, those first that go first. */
export const listAttempts = async (
  statements: Statements,
  domainId: string,
  nowMs: number,
  rowsMax: number,
): Promise<readonly AttemptCount[]> => {
  const rows = await statements.all(
    `SELECT kind, client_key, source, failed_at_ms, locks, locked_until_ms, expires_at_ms
     FROM failed_attempt WHERE domain_id = $1 AND expires_at_ms >= $2
     ORDER BY expires_at_ms DESC LIMIT $3`,
    [domainId, nowMs, rowsMax],
  )
  return rows.toReversed().map((row) => ({
    kind: row['kind'] as FailedAttempt['kind'],
    clientKey: row['client_key'] as string,
    source: row['source'] as string,
    failedAtMs: JSON.parse(row['failed_at_ms'] as string) as readonly number[],
    locks: Number(row['locks']),
    lockedUntilMs: Number(row['locked_until_ms']),
    expiresAtMs: Number(row['expires_at_ms']),
  }))
}

/** Removes at most `rowsMax` counts that expired before an instant. */
export const sweepAttempts = async (
  statements: Statements,
  domainId: string,
  expiredBeforeMs: number,
  rowsMax: number,
): Promise<number> => {
  const { changes } = await statements.run(
    `DELETE FROM failed_attempt WHERE (domain_id, kind, client_key, source) IN (
       SELECT domain_id, kind, client_key, source FROM failed_attempt
       WHERE domain_id = $1 AND expires_at_ms < $2 ORDER BY expires_at_ms LIMIT $3)`,
    [domainId, expiredBeforeMs, rowsMax],
  )
  return changes
}
