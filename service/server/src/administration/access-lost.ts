/** Whose tokens, and for which APIs, say more than is granted once roles are taken away. */
import type { AccessLost } from '@mintmark/decisions/administration/end-tokens'
import { audiencesOf } from '@mintmark/decisions/administration/resource-server-index'
import type { AppRole } from '@mintmark/registry/app-role'
import type { GroupMember } from '@mintmark/registry/group'
import type { RegistryTransaction } from '@mintmark/registry/registry'
import { builtInApplicationId } from '@mintmark/registry/snapshot'

type Reader = Pick<RegistryTransaction, 'findApplication' | 'listGrants' | 'membersOf'>
type Member = Pick<GroupMember, 'memberType' | 'memberId'>

/** With more of them, every token for the API ends: a feed has no room for thousands at once. */
const clientsNamedMax = 100

/** The roles of the domain itself are not in tokens for others, and read anew at each request. */
const audiencesOfRoles = async (
  transaction: Reader,
  roles: readonly Pick<AppRole, 'applicationId'>[],
): Promise<readonly string[]> => {
  const audiences = new Set<string>()
  for (const id of new Set(roles.map(({ applicationId }) => applicationId))) {
    if (id === builtInApplicationId) continue
    const facet = (await transaction.findApplication(id))?.resourceServer ?? null
    for (const each of facet === null ? [] : audiencesOf(facet)) audiences.add(each)
  }
  return [...audiences]
}

const clientIdsOf = async (
  transaction: Reader,
  members: readonly Member[],
): Promise<AccessLost['clientIds']> => {
  const ids = new Set(members.flatMap((each) => (each.memberType === 'App' ? each.memberId : [])))
  if (ids.size > clientsNamedMax) return 'many'
  const clientIds: string[] = []
  for (const id of ids) {
    const application = await transaction.findApplication(id)
    if (application?.client) clientIds.push(application.clientId)
  }
  return clientIds
}

/** What these members could do with these roles. */
export const accessOfMembers = async (
  transaction: Reader,
  roles: readonly Pick<AppRole, 'applicationId'>[],
  members: readonly Member[],
): Promise<AccessLost> => {
  const clientIds = await clientIdsOf(transaction, members)
  if (clientIds.length === 0) return { audiences: [], clientIds }
  return { audiences: await audiencesOfRoles(transaction, roles), clientIds }
}

/** The members of a group, or the one who is none; users have no tokens. */
export const membersBehind = async (
  transaction: Reader,
  { granteeType, granteeId }: { readonly granteeType: string; readonly granteeId: string },
): Promise<readonly Member[]> => {
  if (granteeType === 'Group') return transaction.membersOf(granteeId)
  return granteeType === 'App' ? [{ memberType: 'App', memberId: granteeId }] : []
}

/** What all who hold a role can do with it. */
export const accessOfHolders = async (
  transaction: Reader,
  role: Pick<AppRole, 'id' | 'applicationId'>,
): Promise<AccessLost> => {
  const page = { startIndex: 1, count: clientsNamedMax + 1 }
  const { items } = await transaction.listGrants({ roleId: role.id }, page)
  if (items.length > clientsNamedMax) {
    return { audiences: await audiencesOfRoles(transaction, [role]), clientIds: 'many' }
  }
  const members: Member[] = []
  for (const grant of items) members.push(...(await membersBehind(transaction, grant)))
  return accessOfMembers(transaction, [role], members)
}
