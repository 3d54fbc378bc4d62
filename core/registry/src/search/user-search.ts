import type { SearchDefinition } from '../search-definition.ts'
import type { User } from '../user.ts'
import {
  authorFields,
  elements,
  frameFields,
  readAuthors,
  readFrame,
  related,
  valueFields,
} from './common-fields.ts'

/** SCIM `User`. */
export const userSearch: SearchDefinition<User> = {
  fields: {
    ...frameFields,
    ...authorFields,
    ...valueFields('userName displayName externalId nickName profileUrl title', 'folded'),
    ...valueFields('userType locale preferredLanguage timezone', 'folded'),
    ...valueFields('name.givenName name.familyName', 'folded'),
    ...valueFields('active', 'boolean'),
    emails: elements({ value: 'folded', type: 'folded', primary: 'boolean' }),
    groups: related({ value: 'exact', display: 'folded' }),
  },
  read: (item) => ({
    ...item.attributes,
    ...readFrame(item),
    ...readAuthors(item.attributes),
    userName: item.userName,
    displayName: item.displayName,
    externalId: item.externalId,
    active: item.active,
    'name.givenName': item.givenName,
    'name.familyName': item.familyName,
    emails: item.emails,
  }),
}
