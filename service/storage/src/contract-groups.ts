import assert from 'node:assert/strict'
import type { AppRole } from '@mintmark/registry/app-role'
import type { Application } from '@mintmark/registry/application'
import type { Grant } from '@mintmark/registry/grant'
import type { GroupMember } from '@mintmark/registry/group'
import type { RegistryTransaction } from '@mintmark/registry/registry'
import { loadClient } from './client-snapshot.ts'
import { sampleGroup } from './contract-people.ts'
import { domainA, sampleGrant } from './contract-records.ts'
import type { Database } from './database.ts'

/** Does one change and holds what it says it made untrue against what is expected. */
type Said = (
  work: (registry: RegistryTransaction) => Promise<void>,
  clientIds: string[],
  catalog: boolean,
) => Promise<void>

/** Roles of a group are roles of the clients in it, as long as they are in it and it has them. */
export const saysThroughGroups = async (
  database: Database,
  said: Said,
  { role, client }: { readonly role: AppRole; readonly client: Application },
): Promise<void> => {
  const { clientId } = client
  const held = async () => {
    const { roleIds } = (await loadClient(database.read, domainA, clientId)) ?? { roleIds: [] }
    return [...roleIds]
  }
  const group = sampleGroup(domainA, 'night shift')
  const grant: Grant = {
    ...sampleGrant(role, group.id),
    granteeType: 'Group',
    id: 'grant-to-group',
  }
  const members: readonly GroupMember[] = [
    { groupId: group.id, memberType: 'App', memberId: client.id },
    { groupId: group.id, memberType: 'User', memberId: 'somebody' },
  ]
  await said((r) => r.putGroup(group), [], false)
  await said((r) => r.putGrant(grant), [], false)
  assert.deepEqual(await held(), [])
  await said((r) => r.putMembers(group.id, members), [clientId], false)
  assert.deepEqual(await held(), [role.id])
  await said((r) => r.deleteGrant(grant.id), [clientId], false)
  assert.deepEqual(await held(), [])
  await said((r) => r.putGrant(grant), [clientId], false)
  await said((r) => r.putMembers(group.id, members.slice(1)), [clientId], false)
  assert.deepEqual(await held(), [])
  await said((r) => r.putMembers(group.id, members), [clientId], false)
  await said((r) => r.deleteGroup(group.id), [clientId], false)
  assert.deepEqual(await held(), [])
  await said((r) => r.putGroup(group), [], false)
  await said((r) => r.putGrant({ ...grant, id: 'another' }), [], false)
  await said((r) => r.putMembers(group.id, members), [clientId], false)
}
