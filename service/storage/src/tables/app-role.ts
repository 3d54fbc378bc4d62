import type { AppRole } from '@mintmark/registry/app-role'
import type { RoleFilter } from '@mintmark/registry/registry'
import { roleSearch } from '@mintmark/registry/search/role-search'
import type { SearchTable } from '../search/search-table.ts'
import { defineTable, displayNameKey, integerOf } from './table.ts'

export const appRoles = defineTable({
  name: 'app_role',
  key: 'id',
  columns: {
    id: (item: AppRole) => item.id,
    application_id: (item) => item.applicationId,
    display_name_key: (item) => displayNameKey(item.displayName),
    is_admin: (item) => integerOf(item.adminRole),
  },
  order: ['application_id', 'display_name_key'],
  search: roleSearch,
})

/** The filter of the port as columns. */
export const appRolesWhere = (filter: RoleFilter) => ({
  application_id: filter.applicationId,
  display_name_key:
    filter.displayName === undefined ? undefined : displayNameKey(filter.displayName),
})

/** Where app roles are searched. */
export const roleSearchTable: SearchTable<AppRole> = {
  name: 'app_role',
  definition: roleSearch,
  order: ['item.application_id', 'item.display_name_key'],
  columns: {
    id: 'lower(item.id)',
    displayName: 'item.display_name_key',
    adminRole: 'item.is_admin',
    'app.value': 'item.application_id',
  },
  required: ['id', 'displayName', 'adminRole', 'app.value'],
  related: {
    app: {
      from: 'application o',
      domain: 'o.domain_id',
      inner: 'o.id',
      outer: 'item.application_id',
      parts: { display: 'o.display_name_key', name: 'o.client_id_key' },
    },
    members: {
      from: 'app_grant g',
      domain: 'g.domain_id',
      inner: 'g.role_id',
      outer: 'item.id',
      parts: { value: 'g.grantee_id', type: 'g.grantee_type' },
    },
  },
  indexed: {},
}
