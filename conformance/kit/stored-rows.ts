/** What a server has stored, looked at and altered behind its back. */
import { equal } from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { MintmarkDomain } from './mintmark-domain.ts'

type Row = Readonly<Record<string, unknown>>

/**
 * Runs a statement on the data of a domain, in its file or in PostgreSQL.
 *
 * @param sql as both databases understand it
 */
export const askStored = async (
  { dataDirectory, databaseUrl: url }: Pick<MintmarkDomain, 'dataDirectory' | 'databaseUrl'>,
  sql: string,
): Promise<readonly Row[]> => {
  if (url === '') {
    // the server may be in the middle of a transaction of its own
    const database = new DatabaseSync(join(dataDirectory, 'mintmark.db'), { timeout: 5000 })
    try {
      return database.prepare(sql).all()
    } finally {
      database.close()
    }
  }
  const databases = process.env['MINTMARK_CONFORMANCE_DATABASES'] ?? ''
  const answer = await fetch(databases, { method: 'POST', body: JSON.stringify({ url, sql }) })
  const said = await answer.text()
  equal(answer.status, 200, said)
  return JSON.parse(said) as Row[]
}
