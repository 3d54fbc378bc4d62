import type { Revocation } from '@mintmark/registry/revocation'
import type { Row, Statements } from '../database.ts'
import { appendRevocationEntries } from './revocation-entry.ts'

const put = `
INSERT INTO revocation (domain_id, kind, subject, client_id, issued_before_ms, expires_at_ms)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (domain_id, kind, subject) DO UPDATE SET
  client_id = excluded.client_id,
  issued_before_ms = CASE WHEN excluded.issued_before_ms > revocation.issued_before_ms
    THEN excluded.issued_before_ms ELSE revocation.issued_before_ms END,
  expires_at_ms = CASE WHEN excluded.expires_at_ms > revocation.expires_at_ms
    THEN excluded.expires_at_ms ELSE revocation.expires_at_ms END`

/**
 * Stores revocations and gives each its number in the feed; a later word on the same subject never
 * shortens an earlier one.
 */
export const putRevocations = async (
  statements: Statements,
  domainId: string,
  revocations: readonly Revocation[],
): Promise<void> => {
  for (const revocation of revocations) {
    if (revocation.domain !== domainId) throw new Error('revocation: of another identity domain')
    await statements.run(put, [
      domainId,
      revocation.kind,
      revocation.subject,
      revocation.clientId ?? null,
      Math.ceil(revocation.issuedBeforeMs),
      Math.ceil(revocation.expiresAtMs),
    ])
  }
  await appendRevocationEntries(statements, domainId, revocations)
}

const revocationOf = (domain: string, row: Row): Revocation => ({
  domain,
  kind: row['kind'] as Revocation['kind'],
  subject: row['subject'] as string,
  ...(typeof row['client_id'] === 'string' && { clientId: row['client_id'] }),
  issuedBeforeMs: Number(row['issued_before_ms']),
  expiresAtMs: Number(row['expires_at_ms']),
})

/** Revocations of a domain, in no particular order, at most `rowsMax`. */
export const listRevocations = async (
  statements: Statements,
  domainId: string,
  rowsMax: number,
): Promise<readonly Revocation[]> => {
  const rows = await statements.all(
    `SELECT kind, subject, client_id, issued_before_ms, expires_at_ms FROM revocation
     WHERE domain_id = $1 LIMIT $2`,
    [domainId, rowsMax],
  )
  return rows.map((row) => revocationOf(domainId, row))
}

/** Those after a place in the order of their keys, at most `rowsMax`. */
export const listRevocationsAfter = async (
  statements: Statements,
  domainId: string,
  after: Pick<Revocation, 'kind' | 'subject'> | null,
  rowsMax: number,
): Promise<readonly Revocation[]> => {
  const rows = await statements.all(
    `SELECT kind, subject, client_id, issued_before_ms, expires_at_ms FROM revocation
     WHERE domain_id = $1 AND (kind, subject) > ($2, $3) ORDER BY kind, subject LIMIT $4`,
    [domainId, after?.kind ?? '', after?.subject ?? '', rowsMax],
  )
  return rows.map((row) => revocationOf(domainId, row))
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
