import { existsSync } from 'node:fs'
import type { IdentityDomain } from '@mintmark/registry/identity-domain'
import type { Database } from '@mintmark/storage/database'
import { readRegistry } from '@mintmark/storage/stored-registry'
import { findKeyCheck, putKeyCheck } from '@mintmark/storage/tables/master-key-check'
import { type MasterKey, MasterKeyFault, openMasterKey } from '../signing/master-key.ts'
import { masterKeyFromCommand } from '../signing/master-key-command.ts'
import { loadSigningKey } from '../signing/signing-keys.ts'
import type { ServerOptions } from './server-options.ts'

/** Where the master key is from. */
export type MasterKeyOptions = Pick<ServerOptions, 'masterKeyFile' | 'masterKeyCommand'>

/** @throws MasterKeyFault: the text says what to do */
export const openMasterKeyOf = (
  { masterKeyFile, masterKeyCommand = null }: MasterKeyOptions,
  create: boolean,
): MasterKey =>
  masterKeyCommand === null
    ? openMasterKey(masterKeyFile, create)
    : masterKeyFromCommand(masterKeyCommand)

const nameOf = ({ masterKeyFile, masterKeyCommand = null }: MasterKeyOptions): string =>
  masterKeyCommand === null ? masterKeyFile : `of ${masterKeyCommand[0]}`

const wrongKey = (options: MasterKeyOptions): MasterKeyFault =>
  new MasterKeyFault(
    `The master key ${nameOf(options)} is not the one that the keys in this database are sealed ` +
      'with. All servers on one database need the same: copy the file of the first one there, ' +
      'name it with MINTMARK_MASTER_KEY_FILE, or have MINTMARK_MASTER_KEY_COMMAND give that one.',
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
 * Opens the master key of a database. A file is made by the first server only; whatever it is from,
 * it must then open what that one has sealed.
 *
 * @throws MasterKeyFault when it is missing, or another one
 */
export const openCheckedMasterKey = async (
  database: Database,
  domain: IdentityDomain,
  options: MasterKeyOptions,
): Promise<MasterKey> => {
  const context = `master-key-check:${domain.id}`
  const path = options.masterKeyFile
  const before = await findKeyCheck(database.read, domain.id)
  if (before !== null && (options.masterKeyCommand ?? null) === null && !existsSync(path)) {
    throw new MasterKeyFault(
      `There is no master key at ${path}, and the keys in this database are sealed already. Copy ` +
        'the file of the first server there, or name it with MINTMARK_MASTER_KEY_FILE.',
    )
  }
  const masterKey = openMasterKeyOf(options, before === null)
  await database.transaction(async (statements) => {
    const sealed = await findKeyCheck(statements, domain.id)
    if (sealed !== null) {
      if (!opens(() => masterKey.unseal(sealed, context))) throw wrongKey(options)
      return
    }
    const keys = await readRegistry(statements, domain.id).signingKeys()
    if (!keys.every((key) => opens(() => loadSigningKey(key, masterKey)))) throw wrongKey(options)
    await putKeyCheck(statements, domain.id, masterKey.seal(domain.id, context))
  })
  return masterKey
}
