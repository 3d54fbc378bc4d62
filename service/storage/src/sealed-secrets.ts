import type { ClientSecret } from '@mintmark/registry/client-credential'
import type { Statements } from './database.ts'
import { parseRecord } from './tables/table.ts'

const pageRows = 1000

/** Every client secret of a domain that is kept sealed, in pages, beside what else reads. */
export async function* listSealedSecrets(
  statements: Statements,
  domainId: string,
): AsyncGenerator<ClientSecret> {
  let after = ''
  for (;;) {
    const rows = await statements.all(
      `SELECT id, record FROM client_secret WHERE domain_id = $1 AND id > $2
       ORDER BY id LIMIT $3`,
      [domainId, after, pageRows],
    )
    for (const row of rows) {
      const secret = parseRecord<ClientSecret>(row)
      if (secret.sealed !== null) yield secret
    }
    if (rows.length < pageRows) return
    after = rows.at(-1)?.['id'] as string
  }
}
