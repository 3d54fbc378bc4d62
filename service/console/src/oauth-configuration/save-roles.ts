import type { RoleRecord } from '../server/records.ts'
import { assignRole, listGrantsOf, removeGrant } from '../server/scim.ts'

/** Grants and takes roles until the application holds exactly the wanted ones. */
export const saveRoles = async (
  appId: string,
  before: readonly RoleRecord[],
  wanted: readonly RoleRecord[],
): Promise<void> => {
  const has = (all: readonly RoleRecord[], { id }: RoleRecord) => all.some((each) => each.id === id)
  const added = wanted.filter((role) => !has(before, role))
  const removed = before.filter((role) => !has(wanted, role))
  for (const role of added) await assignRole(role, 'App', appId)
  if (removed.length === 0) return
  for (const grant of await listGrantsOf(appId)) {
    if (removed.some(({ id }) => id === grant.entitlement.attributeValue)) {
      await removeGrant(grant.id)
    }
  }
}
