import type { Group, GroupMember } from '@mintmark/registry/group'
import type { Statements } from '../database.ts'
import { parseRecord } from './table.ts'

/** Members of a group, by type and id. */
export const membersOfGroup = async (
  statements: Statements,
  domainId: string,
  groupId: string,
): Promise<readonly GroupMember[]> => {
  const rows = await statements.all(
    `SELECT member_type, member_id FROM group_member
     WHERE domain_id = $1 AND group_id = $2 ORDER BY member_type, member_id`,
    [domainId, groupId],
  )
  return rows.map((row) => ({
    groupId,
    memberType: row['member_type'] as GroupMember['memberType'],
    memberId: row['member_id'] as string,
  }))
}

/** Groups of a member, by name. */
export const groupsOfMember = async (
  statements: Statements,
  domainId: string,
  member: Pick<GroupMember, 'memberType' | 'memberId'>,
): Promise<readonly Group[]> => {
  const rows = await statements.all(
    `SELECT o.record FROM group_member m
     JOIN user_group o ON o.domain_id = m.domain_id AND o.id = m.group_id
     WHERE m.domain_id = $1 AND m.member_id = $2 AND m.member_type = $3
     ORDER BY o.display_name_key`,
    [domainId, member.memberId, member.memberType],
  )
  return rows.map((row) => parseRecord<Group>(row))
}

/** Makes these the members of a group, whoever they were before. */
export const replaceMembers = async (
  statements: Statements,
  domainId: string,
  groupId: string,
  members: readonly GroupMember[],
): Promise<void> => {
  await statements.run('DELETE FROM group_member WHERE domain_id = $1 AND group_id = $2', [
    domainId,
    groupId,
  ])
  for (const { memberType, memberId } of members) {
    await statements.run(
      `INSERT INTO group_member (domain_id, group_id, member_type, member_id)
       VALUES ($1, $2, $3, $4)
       ON CONFLICT (domain_id, group_id, member_type, member_id) DO NOTHING`,
      [domainId, groupId, memberType, memberId],
    )
  }
}

/** Takes a user or an application out of every group. */
export const leaveGroups = async (
  statements: Statements,
  domainId: string,
  member: Pick<GroupMember, 'memberType' | 'memberId'>,
): Promise<void> => {
  await statements.run(
    'DELETE FROM group_member WHERE domain_id = $1 AND member_id = $2 AND member_type = $3',
    [domainId, member.memberId, member.memberType],
  )
}

/** Client ids of the applications in a group. */
export const clientsInGroup = async (
  statements: Statements,
  domainId: string,
  groupId: string,
): Promise<readonly string[]> => {
  const rows = await statements.all(
    `SELECT a.client_id FROM group_member m
     JOIN application a ON a.domain_id = m.domain_id AND a.id = m.member_id
     WHERE m.domain_id = $1 AND m.group_id = $2 AND m.member_type = 'App'`,
    [domainId, groupId],
  )
  return rows.map((row) => row['client_id'] as string)
}
