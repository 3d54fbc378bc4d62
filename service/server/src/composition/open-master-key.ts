import { existsSync } from 'node:fs'
import type { IdentityDomain } from '@mintmark/registry/identity-domain'
import type { Database } from '@mintmark/storage/database'
import { readRegistry } from '@mintmark/storage/stored-registry'
import { findKeyCheck, putKeyCheck } from '@mintmark/storage/tables/master-key-check'
import { type MasterKey, MasterKeyFault, openMasterKey } from '../signing/master-key.ts'
import { loadSigningKey } from '../signing/signing-keys.ts'

const wrongKey = (path: string): MasterKeyFault =>
  new MasterKeyFault(
    `The master key ${path} is not the one that the keys in this database are sealed with. ` +
      'All servers on one database need the same: copy the file of the first one there, or name ' +
      'it with MINTMARK_MASTER_KEY_FILE.',
  )

const opens = (work: () => void): boolean => {
  try {
    work()
    return true
  } catch {
    return false
  }
}

/**
 * Opens the master key of a database that servers share. It is made by the first server only, and
 * must then open what that one has sealed.
 *
 * @throws MasterKeyFault when it is missing, or another one
 */
export const openSharedMasterKey = async (
  database: Database,
  domain: IdentityDomain,
  path: string,
): Promise<MasterKey> => {
  const context = `master-key-check:${domain.id}`
  const before = await findKeyCheck(database.read, domain.id)
  if (before !== null && !existsSync(path)) {
    throw new MasterKeyFault(
      `There is no master key at ${path}, and the keys in this database are sealed already. Copy ` +
        'the file of the first server there, or name it with MINTMARK_MASTER_KEY_FILE.',
    )
  }
  const masterKey = openMasterKey(path, before === null)
  await database.transaction(async (statements) => {
    const sealed = await findKeyCheck(statements, domain.id)
    if (sealed !== null) {
      if (!opens(() => masterKey.unseal(sealed, context))) throw wrongKey(path)
      return
    }
    const keys = await readRegistry(statements, domain.id).signingKeys()
    if (!keys.every((key) => opens(() => loadSigningKey(key, masterKey)))) throw wrongKey(path)
    await putKeyCheck(statements, domain.id, masterKey.seal(domain.id, context))
  })
  return masterKey
}
