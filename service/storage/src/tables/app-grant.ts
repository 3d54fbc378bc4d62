import type { Grant } from '@mintmark/registry/grant'
import type { GrantFilter } from '@mintmark/registry/registry'
import { grantSearch } from '@mintmark/registry/search/grant-search'
import type { Statements } from '../database.ts'
import type { SearchTable } from '../search/search-table.ts'
import { defineTable } from './table.ts'

export const appGrants = defineTable({
  name: 'app_grant',
  key: 'id',
  columns: {
    id: (item: Grant) => item.id,
    application_id: (item) => item.applicationId,
    role_id: (item) => item.roleId,
    grantee_type: (item) => item.granteeType,
    grantee_id: (item) => item.granteeId,
  },
  order: ['id'],
  search: grantSearch,
})

/** Where grants are searched. */
export const grantSearchTable: SearchTable<Grant> = {
  name: 'app_grant',
  definition: grantSearch,
  order: [],
  columns: {
    id: 'lower(item.id)',
    'app.value': 'item.application_id',
    'grantee.value': 'item.grantee_id',
    'grantee.type': 'item.grantee_type',
    'entitlement.attributeValue': 'item.role_id',
  },
  required: ['id', 'app.value', 'grantee.value', 'grantee.type', 'entitlement.attributeValue'],
  related: {},
  indexed: {},
}

/** The filter of the port as columns. */
export const appGrantsWhere = (filter: GrantFilter) => ({
  application_id: filter.applicationId,
  role_id: filter.roleId,
  grantee_id: filter.granteeId,
})

const clientIds = (rows: readonly Readonly<Record<string, unknown>>[]): readonly string[] =>
  rows.map((row) => row['client_id'] as string)

/** Client ids of the applications that hold a role, by themselves or through a group. */
export const holdersOfRole = async (
  statements: Statements,
  domainId: string,
  roleId: string,
): Promise<readonly string[]> =>
  clientIds(
    await statements.all(
      `SELECT a.client_id FROM app_grant g
       JOIN application a ON a.domain_id = g.domain_id AND a.id = g.grantee_id
       WHERE g.domain_id = $1 AND g.role_id = $2 AND g.grantee_type = 'App'
       UNION
       SELECT a.client_id FROM app_grant g
       CROSS JOIN group_member m
       CROSS JOIN application a
       WHERE g.domain_id = $1 AND g.role_id = $2 AND g.grantee_type = 'Group'
         AND m.domain_id = g.domain_id AND m.group_id = g.grantee_id AND m.member_type = 'App'
         AND a.domain_id = m.domain_id AND a.id = m.member_id`,
      [domainId, roleId],
    ),
  )

/** Client ids of the applications that hold any role which an application defines, in any way. */
export const holdersOfRolesOf = async (
  statements: Statements,
  domainId: string,
  applicationId: string,
): Promise<readonly string[]> =>
  clientIds(
    await statements.all(
      // CROSS JOIN keeps SQLite from starting at the applications, of which there are many.
      `SELECT DISTINCT a.client_id FROM app_role r
       CROSS JOIN app_grant g
       CROSS JOIN application a
       WHERE r.domain_id = $1 AND r.application_id = $2
         AND g.domain_id = r.domain_id AND g.role_id = r.id AND g.grantee_type = 'App'
         AND a.domain_id = g.domain_id AND a.id = g.grantee_id
       UNION
       SELECT a.client_id FROM app_role r
       CROSS JOIN app_grant g
       CROSS JOIN group_member m
       CROSS JOIN application a
       WHERE r.domain_id = $1 AND r.application_id = $2
         AND g.domain_id = r.domain_id AND g.role_id = r.id AND g.grantee_type = 'Group'
         AND m.domain_id = g.domain_id AND m.group_id = g.grantee_id AND m.member_type = 'App'
         AND a.domain_id = m.domain_id AND a.id = m.member_id`,
      [domainId, applicationId],
    ),
  )
