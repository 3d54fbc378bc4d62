import type { Revocation } from '@mintmark/registry/revocation'
import type { Statements } from '../database.ts'

/** Stores a revocation; a later word on the same subject never shortens an earlier one. */
export const putRevocation = async (
  statements: Statements,
  domainId: string,
  revocation: Revocation,
): Promise<void> => {
  if (revocation.domain !== domainId) throw new Error('revocation: of another identity domain')
  await statements.run(
    `INSERT INTO revocation (domain_id, kind, subject, issued_before_ms, expires_at_ms)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (domain_id, kind, subject) DO UPDATE SET
       issued_before_ms = CASE WHEN excluded.issued_before_ms > revocation.issued_before_ms
         THEN excluded.issued_before_ms ELSE revocation.issued_before_ms END,
       expires_at_ms = CASE WHEN excluded.expires_at_ms > revocation.expires_at_ms
         THEN excluded.expires_at_ms ELSE revocation.expires_at_ms END`,
    [
      domainId,
      revocation.kind,
      revocation.subject,
      Math.ceil(revocation.issuedBeforeMs),
      Math.ceil(revocation.expiresAtMs),
    ],
  )
}

/** Revocations of a domain, in no particular order, at most `rowsMax`. */
export const listRevocations = async (
  statements: Statements,
  domainId: string,
  rowsMax: number,
): Promise<readonly Revocation[]> => {
  const rows = await statements.all(
    `SELECT kind, subject, issued_before_ms, expires_at_ms FROM revocation
     WHERE domain_id = $1 LIMIT $2`,
    [domainId, rowsMax],
  )
  return rows.map((row) => ({
    domain: domainId,
    kind: row['kind'] as Revocation['kind'],
    subject: row['subject'] as string,
    issuedBeforeMs: Number(row['issued_before_ms']),
    expiresAtMs: Number(row['expires_at_ms']),
  }))
}

/** Removes at most `rowsMax` revocations that no living token can need. */
export const sweepRevocations = async (
  statements: Statements,
  domainId: string,
  expiredBeforeMs: number,
  rowsMax: number,
): Promise<number> => {
  const { changes } = await statements.run(
    `DELETE FROM revocation WHERE (domain_id, kind, subject) IN (
       SELECT domain_id, kind, subject FROM revocation
       WHERE domain_id = $1 AND expires_at_ms < $2 ORDER BY expires_at_ms LIMIT $3)`,
    [domainId, expiredBeforeMs, rowsMax],
  )
  return changes
}
