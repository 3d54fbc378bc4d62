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

/** Whose secret this is, by the digest of a minted one: tells the operator of a mix-up. */
export const findSecretByDigest = async (
  statements: Statements,
  domainId: string,
  digest: string,
): Promise<ClientSecret | null> =>
  (await clientSecrets.all(statements, domainId, { digest }))[0] ?? null
