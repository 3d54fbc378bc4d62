import type { Group } from '@mintmark/registry/group'
import { groupSearch } from '@mintmark/registry/search/group-search'
import { foldText } from '@mintmark/registry/search-definition'
import type { SearchTable } from '../search/search-table.ts'
import { defineTable, displayNameKey } from './table.ts'

export const userGroups = defineTable({
  name: 'user_group',
  key: 'id',
  columns: {
    id: (item: Group) => item.id,
    display_name_key: (item) => displayNameKey(item.displayName),
    external_id_key: (item) => (item.externalId === null ? null : foldText(item.externalId)),
  },
  order: ['display_name_key'],
  search: groupSearch,
})

/** Where groups are searched. A member is displayed by its name, a user without one by its own. */
export const groupSearchTable: SearchTable<Group> = {
  name: 'user_group',
  definition: groupSearch,
  order: ['item.display_name_key'],
  columns: {
    id: 'lower(item.id)',
    displayName: 'item.display_name_key',
    externalId: 'item.external_id_key',
  },
  required: ['id', 'displayName'],
  related: {
    members: {
      from:
        "group_member m LEFT JOIN user_account u ON m.member_type = 'User' " +
        'AND u.domain_id = m.domain_id AND u.id = m.member_id ' +
        "LEFT JOIN application a ON m.member_type = 'App' " +
        'AND a.domain_id = m.domain_id AND a.id = m.member_id',
      domain: 'm.domain_id',
      inner: 'm.group_id',
      outer: 'item.id',
      parts: {
        value: 'm.member_id',
        type: 'm.member_type',
        display: 'COALESCE(u.display_name_key, u.user_name_key, a.display_name_key)',
      },
    },
  },
  indexed: {},
}
