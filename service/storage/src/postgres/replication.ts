import type { Statements } from '../database.ts'
import { urlsOfHosts } from './postgres-url.ts'

const question = `SELECT current_setting('synchronous_standby_names') AS names,
  (SELECT count(*) FROM pg_stat_replication) AS followers`

/**
 * What the operator should know of a database that has a standby which may lack what was
 * acknowledged; null: there is nothing to say.
 */
export const warnOfReplication = async (
  statements: Pick<Statements, 'all'>,
  url: string,
): Promise<string | null> => {
  const [row] = await statements.all(question, [])
  if (row?.['names'] !== '') return null
  if (Number(row['followers']) === 0 && urlsOfHosts(url).length === 1) return null
  return (
    'a standby of PostgreSQL may lack what was acknowledged: once it is promoted, revoked tokens ' +
    'and used assertions may be good again. Set synchronous_standby_names'
  )
}
