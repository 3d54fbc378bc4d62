import type { AppRole } from '@mintmark/registry/app-role'
import type { RoleFilter } from '@mintmark/registry/registry'
import { defineTable, displayNameKey } from './table.ts'

export const appRoles = defineTable({
  name: 'app_role',
  key: 'id',
  columns: {
    id: (item: AppRole) => item.id,
    application_id: (item) => item.applicationId,
    display_name_key: (item) => displayNameKey(item.displayName),
  },
  order: ['application_id', 'display_name_key'],
})

/** The filter of the port as columns. */
export const appRolesWhere = (filter: RoleFilter) => ({
  application_id: filter.applicationId,
  display_name_key:
    filter.displayName === undefined ? undefined : displayNameKey(filter.displayName),
})
