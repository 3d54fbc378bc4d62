import { userSearch } from '@mintmark/registry/search/user-search'
import { foldText } from '@mintmark/registry/search-definition'
import type { User } from '@mintmark/registry/user'
import type { SearchTable } from '../search/search-table.ts'
import { defineTable, integerOf } from './table.ts'

/** The form under which user names are unique and compared. */
export const userNameKey = foldText

export const userAccounts = defineTable({
  name: 'user_account',
  key: 'id',
  columns: {
    id: (item: User) => item.id,
    user_name_key: (item) => userNameKey(item.userName),
    display_name_key: (item) => (item.displayName === null ? null : foldText(item.displayName)),
    external_id_key: (item) => (item.externalId === null ? null : foldText(item.externalId)),
    active: (item) => integerOf(item.active),
  },
  order: ['user_name_key'],
  search: userSearch,
})

/** Where users are searched. */
export const userSearchTable: SearchTable<User> = {
  name: 'user_account',
  definition: userSearch,
  order: ['item.user_name_key'],
  columns: {
    id: 'lower(item.id)',
    userName: 'item.user_name_key',
    displayName: 'item.display_name_key',
    externalId: 'item.external_id_key',
    active: 'item.active',
  },
  required: ['id', 'userName', 'active'],
  related: {
    groups: {
      from: 'group_member m JOIN user_group o ON o.domain_id = m.domain_id AND o.id = m.group_id',
      domain: 'm.domain_id',
      inner: 'm.member_id',
      outer: 'item.id',
      where: "m.member_type = 'User'",
      parts: { value: 'm.group_id', display: 'o.display_name_key' },
    },
  },
  indexed: {},
}
