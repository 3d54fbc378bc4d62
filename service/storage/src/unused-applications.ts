import type { Application } from '@mintmark/registry/application'
import { breathe } from './breathe.ts'
import type { Statements } from './database.ts'
import { parseRecord } from './tables/table.ts'

/** A client whose secrets nobody has used for long. */
export interface UnusedApplication {
  readonly id: string
  readonly displayName: string
  /** null: none of its secrets was ever used. */
  readonly usedAtMs: number | null
}

const rowsAtOnce = 500

/**
 * Active clients, older than `beforeMs`, none of whose secrets was used since then. Clients without
 * a secret are not among them: when a key or a certificate was used is not kept. Looks through all,
 * in steps between which answers go out.
 * @param max how many are enough
 */
export const listUnusedApplications = async (
  statements: Statements,
  domainId: string,
  beforeMs: number,
  max: number,
): Promise<readonly UnusedApplication[]> => {
  const found: UnusedApplication[] = []
  let after = ''
  for (;;) {
    const rows = await statements.all(
      `SELECT s.application_id AS id, max(a.record) AS record, max(u.used_at_ms) AS used_at_ms
       FROM client_secret s
       JOIN application a ON a.domain_id = s.domain_id AND a.id = s.application_id
       LEFT JOIN secret_use u ON u.domain_id = s.domain_id AND u.secret_id = s.id
       WHERE s.domain_id = $1 AND s.application_id > $2 AND a.active = 1 AND a.is_client = 1
       GROUP BY s.application_id
       HAVING coalesce(max(u.used_at_ms), 0) < $3
       ORDER BY s.application_id LIMIT $4`,
      [domainId, after, beforeMs, rowsAtOnce],
    )
    for (const row of rows) {
      const { id, displayName, createdAtMs, builtIn } = parseRecord<Application>(row)
      if (builtIn || createdAtMs >= beforeMs) continue
      const used = row['used_at_ms']
      found.push({ id, displayName, usedAtMs: used === null ? null : Number(used) })
      if (found.length >= max) return found
    }
    if (rows.length < rowsAtOnce) return found
    after = String(rows.at(-1)?.['id'])
    await breathe()
  }
}
