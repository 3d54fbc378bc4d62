import type { Application } from '@mintmark/registry/application'
import type { ApplicationFilter } from '@mintmark/registry/registry'
import { defineTable, displayNameKey, integerOf } from './table.ts'

export const applications = defineTable({
  name: 'application',
  key: 'id',
  columns: {
    id: (item: Application) => item.id,
    client_id: (item) => item.clientId,
    display_name_key: (item) => displayNameKey(item.displayName),
    audience: (item) => item.resourceServer?.audience ?? null,
    is_client: (item) => integerOf(item.client !== null),
    is_resource_server: (item) => integerOf(item.resourceServer !== null),
    active: (item) => integerOf(item.active),
  },
  order: ['display_name_key'],
})

const optionalInteger = (value: boolean | undefined): number | undefined =>
  value === undefined ? undefined : integerOf(value)

/** The filter of the port as columns. */
export const applicationsWhere = (filter: ApplicationFilter) => ({
  client_id: filter.clientId,
  display_name_key:
    filter.displayName === undefined ? undefined : displayNameKey(filter.displayName),
  audience: filter.audience,
  is_client: optionalInteger(filter.isClient),
  is_resource_server: optionalInteger(filter.isResourceServer),
  active: optionalInteger(filter.active),
})
