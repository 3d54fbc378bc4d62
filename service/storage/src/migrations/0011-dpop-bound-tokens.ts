import type { Application } from '@mintmark/registry/application'
import { applicationSearch } from '@mintmark/registry/search/application-search'
import { searchDocument } from '@mintmark/registry/search-definition'
import type { Statements } from '../database.ts'
import { parseRecord } from '../tables/table.ts'

/** Both sides of an application can demand proofs of possession: nobody did before. */
export const dpopBoundTokens = ''

/** Rows read at once: what a large domain may take of memory. */
const rowsMax = 500

const completed = (application: Application): Application => ({
  ...application,
  client: application.client && { ...application.client, dpopBoundTokens: false },
  resourceServer: application.resourceServer && {
    ...application.resourceServer,
    dpopBoundTokens: false,
  },
})

const isComplete = ({ client, resourceServer }: Application): boolean =>
  client?.dpopBoundTokens !== undefined || resourceServer?.dpopBoundTokens !== undefined

/** Says it in every record that does not, and in its search document. */
export const fillDpopBoundTokens = async (statements: Statements): Promise<void> => {
  let after: readonly [string, string] = ['', '']
  for (;;) {
    const rows = await statements.all(
      `SELECT domain_id, id, record FROM application WHERE (domain_id, id) > ($1, $2)
       ORDER BY domain_id, id LIMIT $3`,
      [...after, rowsMax],
    )
    for (const row of rows) {
      after = [row['domain_id'] as string, row['id'] as string]
      const present = parseRecord<Application>(row)
      if (isComplete(present)) continue
      const record = completed(present)
      await statements.run(
        `UPDATE application SET record = $3, search = jsonb($4)
         WHERE domain_id = $1 AND id = $2`,
        [
          ...after,
          JSON.stringify(record),
          JSON.stringify(searchDocument(applicationSearch, record)),
        ],
      )
    }
    if (rows.length < rowsMax) return
  }
}
