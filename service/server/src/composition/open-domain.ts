import {
  type DomainSeed,
  seedDomain,
} from '@mintmark/decisions/administration/built-in-application'
import { sameValue } from '@mintmark/decisions/administration/change'
import type { IdentityDomain } from '@mintmark/registry/identity-domain'
import type { RegistryTransaction } from '@mintmark/registry/registry'
import type { Database } from '@mintmark/storage/database'
import { createChangeSet, openRegistryTransaction } from '@mintmark/storage/stored-registry'
import { appendChange } from '@mintmark/storage/tables/change-entry'
import { listIdentityDomains, putIdentityDomain } from '@mintmark/storage/tables/identity-domain'
import { newId } from '../signing/random-ids.ts'

/** The domain of a data directory; `isNew` when this start made it. */
export interface OpenedDomain {
  readonly domain: IdentityDomain
  readonly isNew: boolean
}

/**
 * Finds the domain, or makes it with its built-in application and roles, in one transaction. A
 * domain that an older version made gets what this one has added to them.
 */
export const openDomain = (database: Database, nowMs: number): Promise<OpenedDomain> =>
  database.transaction(async (statements) => {
    const [existing] = await listIdentityDomains(statements)
    const domain = existing ?? { id: `idcs-${newId()}`, displayName: 'Default', createdAtMs: nowMs }
    if (existing === undefined) await putIdentityDomain(statements, domain)
    const changes = createChangeSet()
    const { dialect } = database
    const registry = openRegistryTransaction(statements, domain.id, changes, dialect)
    await putSeed(registry, seedDomain(domain, nowMs))
    // servers that run already hear of what this version has added
    if (dialect === 'postgres' && (changes.catalog || changes.clientIds.size > 0)) {
      const clientIds = [...changes.clientIds]
      const { catalog } = changes
      await appendChange(statements, domain.id, {
        clientIds,
        catalog,
        revocations: [],
        attempts: [],
      })
    }
    return { domain, isNew: existing === undefined }
  })

interface Stamped {
  readonly version: number
  readonly createdAtMs: number
  readonly modifiedAtMs: number
}

/** The record as it should be, as a change of the one there is; null: it is so already. */
const renewed = <Item extends Stamped>(present: Item | null, wished: Item): Item | null => {
  if (present === null) return wished
  const { version, createdAtMs, modifiedAtMs } = present
  if (sameValue(present, { ...wished, version, createdAtMs, modifiedAtMs })) return null
  return { ...wished, version: version + 1, createdAtMs }
}

const putSeed = async (
  registry: RegistryTransaction,
  { application, roles }: DomainSeed,
): Promise<void> => {
  const renewedApplication = renewed(await registry.findApplication(application.id), application)
  if (renewedApplication !== null) await registry.putApplication(renewedApplication)
  for (const role of roles) {
    const renewedRole = renewed(await registry.findRole(role.id), role)
    if (renewedRole !== null) await registry.putRole(renewedRole)
  }
}
