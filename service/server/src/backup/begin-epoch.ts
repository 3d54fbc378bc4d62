import { restorationMarked } from '@mintmark/storage/restoration'
import { listIdentityDomains } from '@mintmark/storage/tables/identity-domain'
import { dataStanding } from '../composition/migrate-data.ts'
import { DatabaseFault, openDatabase } from '../composition/open-database.ts'
import type { ServerOptions } from '../composition/server-options.ts'
import { newEcid } from '../signing/random-ids.ts'

/**
 * Says to data that it may have lost what was acknowledged: after a promotion of a standby that
 * lacked something, or a return to an earlier point in time. From then on it is as after a restore.
 *
 * @returns before which moment proofs are refused, milliseconds
 * @throws DatabaseFault, DatabaseNotReached, DataDirectoryInUse: the text says what to do
 */
export const beginEpoch = async (
  options: Pick<ServerOptions, 'dataDirectory' | 'databaseUrl'>,
): Promise<number> => {
  const standing = await dataStanding(options)
  if (standing === null) {
    throw new DatabaseFault(
      'There is no data: name its folder with --data, or its database with --database-url-file.',
    )
  }
  if (standing.schema !== standing.known) {
    throw new DatabaseFault(
      `The data has schema ${standing.schema}, and this mintmark knows ${standing.known}: use ` +
        'the version that its servers run.',
    )
  }
  const { database, close } = await openDatabase(options)
  try {
    const [domain] = await listIdentityDomains(database.read)
    if (domain === undefined) throw new DatabaseFault('No server has ever started on this data.')
    const at = Date.now()
    const event = { at, ecid: newEcid(), action: 'epoch.begin', result: 'ok' } as const
    await restorationMarked(database, domain.id, event)
    return at
  } finally {
    await close()
  }
}
