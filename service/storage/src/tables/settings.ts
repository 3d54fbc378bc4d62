import { type DomainSettings, defaultSettings } from '@mintmark/registry/identity-domain'
import type { Statements } from '../database.ts'
import { parseRecord } from './table.ts'

/** Settings of a domain; those never set have their default. */
export const parseSettings = (
  row: Readonly<Record<string, unknown>> | undefined,
): DomainSettings =>
  row === undefined ? defaultSettings : { ...defaultSettings, ...parseRecord<DomainSettings>(row) }

export const findSettings = async (
  statements: Statements,
  domainId: string,
): Promise<DomainSettings> => {
  const sql = 'SELECT record FROM domain_settings WHERE domain_id = $1'
  return parseSettings((await statements.all(sql, [domainId]))[0])
}

export const putSettings = async (
  statements: Statements,
  domainId: string,
  settings: DomainSettings,
): Promise<void> => {
  await statements.run(
    `INSERT INTO domain_settings (domain_id, record) VALUES ($1, $2)
     ON CONFLICT (domain_id) DO UPDATE SET record = excluded.record`,
    [domainId, JSON.stringify(settings)],
  )
}
