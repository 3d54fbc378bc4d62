import type { RetriedRequest } from '@mintmark/registry/retried-request'
import type { Statements } from '../database.ts'

/** An answer given before, or null; whether it is still good is for the caller to say. */
export const findRetriedRequest = async (
  statements: Statements,
  domainId: string,
  key: string,
): Promise<RetriedRequest | null> => {
  const rows = await statements.all(
    `SELECT fingerprint, sealed_answer, expires_at_ms FROM retried_request
     WHERE domain_id = $1 AND request_key = $2`,
    [domainId, key],
  )
  const row = rows[0]
  if (row === undefined) return null
  return {
    domain: domainId,
    key,
    fingerprint: row['fingerprint'] as string,
    sealedAnswer: row['sealed_answer'] as string,
    expiresAtMs: Number(row['expires_at_ms']),
  }
}

/** Keeps an answer in place of one that was given under the same key. */
export const putRetriedRequest = async (
  statements: Statements,
  domainId: string,
  request: RetriedRequest,
): Promise<void> => {
  if (request.domain !== domainId) throw new Error('retried_request: of another identity domain')
  await statements.run(
    `INSERT INTO retried_request (domain_id, request_key, fingerprint, sealed_answer, expires_at_ms)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (domain_id, request_key) DO UPDATE SET fingerprint = excluded.fingerprint,
       sealed_answer = excluded.sealed_answer, expires_at_ms = excluded.expires_at_ms`,
    [
      domainId,
      request.key,
      request.fingerprint,
      request.sealedAnswer,
      Math.ceil(request.expiresAtMs),
    ],
  )
}

/** Removes at most `rowsMax` answers that expired before an instant. */
export const sweepRetriedRequests = async (
  statements: Statements,
  domainId: string,
  expiredBeforeMs: number,
  rowsMax: number,
): Promise<number> => {
  const { changes } = await statements.run(
    `DELETE FROM retried_request WHERE (domain_id, request_key) IN (
       SELECT domain_id, request_key FROM retried_request
       WHERE domain_id = $1 AND expires_at_ms < $2 ORDER BY expires_at_ms LIMIT $3)`,
    [domainId, expiredBeforeMs, rowsMax],
  )
  return changes
}
