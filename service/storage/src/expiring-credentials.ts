import type { ClientCertificate, ClientSecret } from '@mintmark/registry/client-credential'
import type { ExpiringCredential } from '@mintmark/registry/expiring-credential'
import { breathe } from './breathe.ts'
import type { Statements } from './database.ts'
import { parseRecord } from './tables/table.ts'

const rowsAtOnce = 1000

/**
 * Every secret and certificate that ends in a span of time. Reads all of them, in steps between
 * which answers go out: it is asked once an hour. Secrets that were rotated out are left out, as
 * their end was chosen when they were replaced.
 */
export const listExpiring = async (
  statements: Statements,
  domainId: string,
  fromMs: number,
  untilMs: number,
): Promise<readonly ExpiringCredential[]> => {
  const found: ExpiringCredential[] = []
  const isInSpan = (atMs: number): boolean => atMs > fromMs && atMs <= untilMs
  for await (const row of walk(statements, domainId, 'client_secret')) {
    const secret = parseRecord<ClientSecret>(row)
    const { id, label, ending, applicationId, expiresAtMs, endsAtMs } = secret
    if (expiresAtMs === null || endsAtMs !== null || !isInSpan(expiresAtMs)) continue
    found.push({ kind: 'secret', id, label, ending, applicationId, expiresAtMs })
  }
  for await (const row of walk(statements, domainId, 'client_certificate')) {
    const { id, alias, notAfterMs } = parseRecord<ClientCertificate>(row)
    if (!isInSpan(notAfterMs)) continue
    const about = { label: alias, ending: null, applicationId: null }
    found.push({ kind: 'certificate', id, ...about, expiresAtMs: notAfterMs })
  }
  return found.toSorted((a, b) => a.expiresAtMs - b.expiresAtMs)
}

async function* walk(
  statements: Statements,
  domainId: string,
  table: 'client_secret' | 'client_certificate',
) {
  let after = ''
  for (;;) {
    const rows = await statements.all(
      `SELECT id, record FROM ${table} WHERE domain_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
      [domainId, after, rowsAtOnce],
    )
    yield* rows
    if (rows.length < rowsAtOnce) return
    after = String(rows.at(-1)?.['id'])
    await breathe()
  }
}
