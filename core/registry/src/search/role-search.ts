import type { AppRole } from '../app-role.ts'
import type { SearchDefinition } from '../search-definition.ts'
import { frameFields, readFrame, related, valueFields } from './common-fields.ts'

/** SCIM `AppRole`; `scopes` are those it confers, `app` what defines it, `members` who holds it. */
export const roleSearch: SearchDefinition<AppRole> = {
  fields: {
    ...frameFields,
    ...valueFields('displayName uniqueName description', 'folded'),
    ...valueFields('adminRole availableToClients availableToUsers availableToGroups', 'boolean'),
    ...valueFields('public limitedToOneOrMoreGroups', 'boolean'),
    ...valueFields('app.value', 'exact'),
    app: related({ display: 'folded', name: 'folded' }),
    members: related({ value: 'exact', type: 'exact' }),
    scopes: { kind: 'values', type: 'exact' },
  },
  read: (item) => ({
    ...readFrame(item),
    displayName: item.displayName,
    uniqueName: `${item.applicationId}_${item.displayName}`,
    description: item.description,
    adminRole: item.adminRole,
    availableToClients: item.availableToClients,
    availableToUsers: item.availableToUsers,
    availableToGroups: item.availableToGroups,
    public: item.public,
    limitedToOneOrMoreGroups: false,
    'app.value': item.applicationId,
    scopes: item.conferredScopes,
  }),
}
