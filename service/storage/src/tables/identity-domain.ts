import type { IdentityDomain } from '@mintmark/registry/identity-domain'
import type { Statements } from '../database.ts'
import { parseRecord } from './table.ts'

/** Creates or replaces a domain; everything else of the domain refers to it. */
export const putIdentityDomain = async (
  statements: Statements,
  domain: IdentityDomain,
): Promise<void> => {
  await statements.run(
    `INSERT INTO identity_domain (domain_id, record) VALUES ($1, $2)
     ON CONFLICT (domain_id) DO UPDATE SET record = excluded.record`,
    [domain.id, JSON.stringify(domain)],
  )
}

export const findIdentityDomain = async (
  statements: Statements,
  domainId: string,
): Promise<IdentityDomain | null> => {
  const rows = await statements.all('SELECT record FROM identity_domain WHERE domain_id = $1', [
    domainId,
  ])
  return rows[0] === undefined ? null : parseRecord<IdentityDomain>(rows[0])
}

/** Every domain of the database; empty in a new one. */
export const listIdentityDomains = async (
  statements: Statements,
): Promise<readonly IdentityDomain[]> => {
  const rows = await statements.all('SELECT record FROM identity_domain ORDER BY domain_id', [])
  return rows.map((row) => parseRecord<IdentityDomain>(row))
}
