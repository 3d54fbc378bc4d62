import type { Group } from '../group.ts'
import type { SearchDefinition } from '../search-definition.ts'
import {
  authorFields,
  frameFields,
  readAuthors,
  readFrame,
  related,
  valueFields,
} from './common-fields.ts'

/** SCIM `Group`. */
export const groupSearch: SearchDefinition<Group> = {
  fields: {
    ...frameFields,
    ...authorFields,
    ...valueFields('displayName externalId nonUniqueDisplayName', 'folded'),
    members: related({ value: 'exact', type: 'exact', display: 'folded' }),
  },
  read: (item) => ({
    ...item.attributes,
    ...readFrame(item),
    ...readAuthors(item.attributes),
    displayName: item.displayName,
    externalId: item.externalId,
  }),
}
