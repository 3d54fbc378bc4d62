/** Who stands where: the roles that somebody holds, directly and through groups. */
import { canAct } from '@mintmark/decisions/administration/application-wish'
import { identityDomainAdministrator } from '@mintmark/decisions/administration/built-in-roles'
import type { AppRole } from '@mintmark/registry/app-role'
import type { Grant, GranteeType } from '@mintmark/registry/grant'
import type { GroupMember } from '@mintmark/registry/group'
import type { RegistryReader, RegistryTransaction } from '@mintmark/registry/registry'
import { builtInApplicationId } from '@mintmark/registry/snapshot'

const pageCount = 1000

/** A grant that somebody holds, with its role. */
export interface HeldRole {
  readonly grant: Grant
  readonly role: AppRole
}

type Reader = Pick<RegistryReader, 'listGrants' | 'findRole' | 'groupsOf'>

/** Grants given to this grantee itself. */
export const directRolesOf = async (
  transaction: Reader,
  granteeType: GranteeType,
  granteeId: string,
  applicationId?: string,
): Promise<readonly HeldRole[]> => {
  const filter = applicationId === undefined ? { granteeId } : { granteeId, applicationId }
  const held: HeldRole[] = []
  for (let startIndex = 1; ; startIndex += pageCount) {
    const { items, total } = await transaction.listGrants(filter, { startIndex, count: pageCount })
    for (const grant of items) {
      if (grant.granteeType !== granteeType) continue
      const role = await transaction.findRole(grant.roleId)
      if (role !== null) held.push({ grant, role })
    }
    if (startIndex + pageCount > total) return held
  }
}

/** Grants given to a user or an application itself, and to the groups that it belongs to. */
export const effectiveRolesOf = async (
  transaction: Reader,
  memberType: GroupMember['memberType'],
  memberId: string,
  applicationId?: string,
): Promise<readonly HeldRole[]> => {
  const held = [...(await directRolesOf(transaction, memberType, memberId, applicationId))]
  for (const group of await transaction.groupsOf(memberType, memberId)) {
    held.push(...(await directRolesOf(transaction, 'Group', group.id, applicationId)))
  }
  return held
}

/** Names of the built-in roles that a user or an application holds, in whatever way. */
export const builtInRolesOf = async (
  transaction: Reader,
  memberType: GroupMember['memberType'],
  memberId: string,
): Promise<readonly string[]> => {
  const held = await effectiveRolesOf(transaction, memberType, memberId, builtInApplicationId)
  return [...new Set(held.map(({ role }) => role.displayName))]
}

/**
 * Active clients that are Identity Domain Administrators by a grant of their own, without one. Only
 * these are counted: users sign in by what one of them makes, and who is one through a group may
 * leave it any moment.
 */
export const otherDomainAdministrators = async (
  transaction: RegistryTransaction,
  exceptId: string,
): Promise<number> => {
  const wanted = { applicationId: builtInApplicationId, displayName: identityDomainAdministrator }
  const { items: roles } = await transaction.listRoles(wanted, { startIndex: 1, count: 1 })
  const [role] = roles
  if (role === undefined) return 0
  const page = { startIndex: 1, count: pageCount }
  const { items } = await transaction.listGrants({ roleId: role.id }, page)
  let others = 0
  for (const { granteeType, granteeId } of items) {
    if (granteeType !== 'App' || granteeId === exceptId) continue
    const application = await transaction.findApplication(granteeId)
    if (application !== null && canAct(application)) others++
  }
  return others
}

/** What a change that may end an application looks at. */
export const successionOf = async (transaction: RegistryTransaction, applicationId: string) => {
  const heldBuiltInRoles = await builtInRolesOf(transaction, 'App', applicationId)
  return {
    heldBuiltInRoles,
    otherDomainAdministrators: heldBuiltInRoles.includes(identityDomainAdministrator)
      ? await otherDomainAdministrators(transaction, applicationId)
      : 0,
  }
}
