import { randomBytes } from 'node:crypto'
import type { AuditEvent } from '@mintmark/registry/audit-event'
import type { Database } from './database.ts'
import { appendPack, packLines } from './tables/audit-pack.ts'
import { putRestorationMark } from './tables/used-proof.ts'

/**
 * What is true of restored data, in one transaction: proofs from before may have been used, tokens
 * may be about that are not on record, the revocation feed is another one, nobody is signed in at
 * the console; and it is on record.
 */
export const restorationMarked = (
  database: Database,
  domainId: string,
  event: AuditEvent,
): Promise<void> =>
  database.transaction(async (statements) => {
    await putRestorationMark(statements, domainId, event.at)
    await statements.run('UPDATE revocation_feed SET epoch = $2 WHERE domain_id = $1', [
      domainId,
      randomBytes(12).toString('base64url'),
    ])
    for (const table of ['console_session', 'console_pairing', 'console_challenge']) {
      await statements.run(`DELETE FROM ${table} WHERE domain_id = $1`, [domainId])
    }
    const packed = packLines([JSON.stringify(event)], [event.at])
    await appendPack(statements, domainId, packed, null)
  })
