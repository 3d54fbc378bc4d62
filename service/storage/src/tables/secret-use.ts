import type { Statements } from '../database.ts'

/** Notes that a secret was used; a later use that is known already stays. */
export const putSecretUse = async (
  statements: Statements,
  domainId: string,
  id: string,
  usedAtMs: number,
): Promise<void> => {
  await statements.run(
    `INSERT INTO secret_use (domain_id, secret_id, used_at_ms) VALUES ($1, $2, $3)
     ON CONFLICT (domain_id, secret_id) DO UPDATE SET used_at_ms = excluded.used_at_ms
     WHERE secret_use.used_at_ms < excluded.used_at_ms`,
    [domainId, id, usedAtMs],
  )
}

/** When the secrets of an application were last used, by id; those never used are not in it. */
export const listSecretUses = async (
  statements: Statements,
  domainId: string,
  applicationId: string,
): Promise<ReadonlyMap<string, number>> => {
  const rows = await statements.all(
    `SELECT u.secret_id, u.used_at_ms FROM client_secret s
     CROSS JOIN secret_use u
     WHERE s.domain_id = $1 AND s.application_id = $2
       AND u.domain_id = $1 AND u.secret_id = s.id`,
    [domainId, applicationId],
  )
  return new Map(rows.map((row) => [row['secret_id'] as string, Number(row['used_at_ms'])]))
}

/** Forgets the use of a secret that goes. */
export const deleteSecretUse = async (
  statements: Statements,
  domainId: string,
  applicationId: string,
  id: string,
): Promise<void> => {
  await statements.run(
    `DELETE FROM secret_use WHERE domain_id = $1 AND secret_id IN (
       SELECT id FROM client_secret WHERE domain_id = $1 AND application_id = $2 AND id = $3)`,
    [domainId, applicationId, id],
  )
}

/** Forgets the uses of all secrets of an application that goes. */
export const deleteSecretUsesOf = async (
  statements: Statements,
  domainId: string,
  applicationId: string,
): Promise<void> => {
  await statements.run(
    `DELETE FROM secret_use WHERE domain_id = $1 AND secret_id IN (
       SELECT id FROM client_secret WHERE domain_id = $1 AND application_id = $2)`,
    [domainId, applicationId],
  )
}
