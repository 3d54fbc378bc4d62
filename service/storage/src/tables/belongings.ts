/** What belongs to applications, for a whole page of them at once: one statement a kind. */
import type { AppRole } from '@mintmark/registry/app-role'
import type { ClientCertificate, ClientSecret } from '@mintmark/registry/client-credential'
import type { Grant } from '@mintmark/registry/grant'
import type { Belongings, HeldRole } from '@mintmark/registry/registry'
import type { Dialect, Row, Statements } from '../database.ts'
import { dialectWords } from '../search/dialect-words.ts'
import { newestFirst } from './client-secret.ts'
import { parseRecord } from './table.ts'

interface Gathered extends Belongings {
  secrets: readonly ClientSecret[]
  readonly secretUses: Map<string, number>
  readonly certificates: ClientCertificate[]
  readonly held: HeldRole[]
}

/** Rows of one kind, of the applications whose ids the JSON array `$2` has. */
interface Kind {
  readonly from: (ids: string) => string
  readonly gather: (into: Gathered, row: Row) => void
}

const secrets: Kind = {
  from: (ids) =>
    `SELECT s.application_id AS owner_id, s.record, s.id, (
       SELECT u.used_at_ms FROM secret_use u WHERE u.domain_id = $1 AND u.secret_id = s.id
     ) AS used_at_ms FROM ${ids}
     CROSS JOIN client_secret s WHERE s.domain_id = $1 AND s.application_id = t.value`,
  gather: (into, row) => {
    into.secrets = newestFirst([...into.secrets, parseRecord<ClientSecret>(row)])
    const usedAtMs = row['used_at_ms']
    if (usedAtMs !== null) into.secretUses.set(row['id'] as string, Number(usedAtMs))
  },
}

const certificates: Kind = {
  from: (ids) =>
    `SELECT a.application_id AS owner_id, c.record FROM ${ids}
     CROSS JOIN client_certificate_attachment a
     CROSS JOIN client_certificate c
     WHERE a.domain_id = $1 AND a.application_id = t.value
       AND c.domain_id = a.domain_id AND c.id = a.certificate_id ORDER BY c.alias`,
  gather: (into, row) => {
    into.certificates.push(parseRecord<ClientCertificate>(row))
  },
}

const roles: Kind = {
  from: (ids) =>
    `SELECT g.grantee_id AS owner_id, g.record, r.record AS role, o.record AS owner FROM ${ids}
     CROSS JOIN app_grant g
     CROSS JOIN app_role r
     CROSS JOIN application o
     WHERE g.domain_id = $1 AND g.grantee_id = t.value AND g.grantee_type = 'App'
       AND r.domain_id = g.domain_id AND r.id = g.role_id
       AND o.domain_id = g.domain_id AND o.id = g.application_id ORDER BY g.id`,
  gather: (into, row) => {
    into.held.push({
      grant: parseRecord<Grant>(row),
      role: parseRecord<AppRole>({ record: row['role'] }),
      owner: parseRecord<{ displayName: string }>({ record: row['owner'] }).displayName,
    })
  },
}

/** What belongs to each of these applications, by its id. */
export const belongingsOf = async (
  {
    statements,
    domainId,
    dialect,
  }: { readonly statements: Statements; readonly domainId: string; readonly dialect: Dialect },
  applicationIds: readonly string[],
): Promise<ReadonlyMap<string, Belongings>> => {
  const found = new Map<string, Gathered>()
  const ids = dialectWords[dialect].texts('$2')
  for (const { from, gather } of [secrets, certificates, roles]) {
    const rows = await statements.all(from(ids), [domainId, JSON.stringify(applicationIds)])
    for (const row of rows) {
      const id = row['owner_id'] as string
      const into = found.get(id) ?? {
        secrets: [],
        secretUses: new Map(),
        certificates: [],
        held: [],
      }
      found.set(id, into)
      gather(into, row)
    }
  }
  return found
}
