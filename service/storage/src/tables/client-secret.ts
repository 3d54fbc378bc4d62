import type { ClientSecret } from '@mintmark/registry/client-credential'
import type { Statements } from '../database.ts'
import { defineTable } from './table.ts'

export const clientSecrets = defineTable({
  name: 'client_secret',
  key: 'id',
  columns: {
    id: (item: ClientSecret) => item.id,
    application_id: (item) => item.applicationId,
    digest: (item) => item.digest,
  },
  order: ['id'],
})

/** Newest first, as snapshots and lists give them. */
export const newestFirst = (secrets: readonly ClientSecret[]): readonly ClientSecret[] =>
  secrets.toSorted((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? -1 : 1))

/** Notes that a secret was used; a later use that is known already stays. */
export const putSecretUse = async (
  statements: Statements,
  domainId: string,
  id: string,
  usedAtMs: number,
): Promise<void> => {
  await statements.run(
    `UPDATE client_secret SET used_at_ms = $3
     WHERE domain_id = $1 AND id = $2 AND (used_at_ms IS NULL OR used_at_ms < $3)`,
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
    `SELECT id, used_at_ms FROM client_secret
     WHERE domain_id = $1 AND application_id = $2 AND used_at_ms IS NOT NULL`,
    [domainId, applicationId],
  )
  return new Map(rows.map((row) => [row['id'] as string, Number(row['used_at_ms'])]))
}

/** Whose secret this is, by the digest of a minted one: tells the operator of a mix-up. */
export const findSecretByDigest = async (
  statements: Statements,
  domainId: string,
  digest: string,
): Promise<ClientSecret | null> =>
  (await clientSecrets.all(statements, domainId, { digest }))[0] ?? null
