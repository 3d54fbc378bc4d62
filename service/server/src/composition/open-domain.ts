import { seedDomain } from '@mintmark/decisions/administration/built-in-application'
import type { IdentityDomain } from '@mintmark/registry/identity-domain'
import type { Database } from '@mintmark/storage/database'
import { createChangeSet, openRegistryTransaction } from '@mintmark/storage/stored-registry'
import { listIdentityDomains, putIdentityDomain } from '@mintmark/storage/tables/identity-domain'
import { newId } from '../signing/random-ids.ts'

/** The domain of a data directory; `isNew` when this start made it. */
export interface OpenedDomain {
  readonly domain: IdentityDomain
  readonly isNew: boolean
}

/** Finds the domain, or makes it with its built-in application and roles, in one transaction. */
export const openDomain = (database: Database, nowMs: number): Promise<OpenedDomain> =>
  database.transaction(async (statements) => {
    const [existing] = await listIdentityDomains(statements)
    if (existing !== undefined) return { domain: existing, isNew: false }
    const domain = { id: `idcs-${newId()}`, displayName: 'Default', createdAtMs: nowMs }
    await putIdentityDomain(statements, domain)
    const registry = openRegistryTransaction(statements, domain.id, createChangeSet())
    const { application, roles } = seedDomain(domain, nowMs)
    await registry.putApplication(application)
    for (const role of roles) await registry.putRole(role)
    return { domain, isNew: true }
  })
