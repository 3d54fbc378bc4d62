import type { Application } from '@mintmark/registry/application'
import type { ClientCertificate, ClientSecret } from '@mintmark/registry/client-credential'
import type { ClientSnapshot } from '@mintmark/registry/snapshot'
import type { Statements } from './database.ts'
import { newestFirst } from './tables/client-secret.ts'

/** A client as stored; the cache adds the sequence of the read. */
export type LoadedClient = Omit<ClientSnapshot, 'sequence'>

/**
 * One statement is one consistent read, on both databases. The rows say by `part` what they are; it
 * needs no JSON functions, which the databases spell differently. CROSS JOIN keeps SQLite from
 * walking every secret of the domain to find those of one client.
 */
const clientQuestion = `
WITH client AS MATERIALIZED (
  SELECT id, record FROM application WHERE domain_id = $1 AND client_id = $2)
SELECT 'application' AS part, record FROM client
UNION ALL
SELECT 'secret', s.record FROM client
  CROSS JOIN client_secret s
  WHERE s.domain_id = $1 AND s.application_id = client.id
UNION ALL
SELECT 'certificate', c.record FROM client
  CROSS JOIN client_certificate_attachment t
  CROSS JOIN client_certificate c
  WHERE t.domain_id = $1 AND t.application_id = client.id
    AND c.domain_id = $1 AND c.id = t.certificate_id
UNION ALL
SELECT 'role', g.role_id FROM client
  CROSS JOIN app_grant g
  WHERE g.domain_id = $1 AND g.grantee_id = client.id AND g.grantee_type = 'App'
UNION ALL
SELECT 'role', g.role_id FROM client
  CROSS JOIN group_member m
  CROSS JOIN app_grant g
  WHERE m.domain_id = $1 AND m.member_id = client.id AND m.member_type = 'App'
    AND g.domain_id = $1 AND g.grantee_id = m.group_id AND g.grantee_type = 'Group'`

/**
 * Reads a client with its credentials and the roles it holds, by itself or through a group, in one
 * statement.
 *
 * @returns null when no application has this client id
 */
export const loadClient = async (
  statements: Statements,
  domainId: string,
  clientId: string,
): Promise<LoadedClient | null> => {
  let application: Application | null = null
  const secrets: ClientSecret[] = []
  const certificates: ClientCertificate[] = []
  const roleIds = new Set<string>()
  for (const row of await statements.all(clientQuestion, [domainId, clientId])) {
    const record = row['record'] as string
    const part = row['part']
    if (part === 'role') roleIds.add(record)
    else if (part === 'secret') secrets.push(JSON.parse(record) as ClientSecret)
    else if (part === 'certificate') certificates.push(JSON.parse(record) as ClientCertificate)
    else application = JSON.parse(record) as Application
  }
  if (application === null) return null
  return { application, secrets: newestFirst(secrets), certificates, roleIds }
}
