import type { CustomClaim } from '../custom-claim.ts'
import type { SearchDefinition } from '../search-definition.ts'
import { frameFields, readFrame, valueFields } from './common-fields.ts'

/** SCIM `CustomClaim`. Names of claims are compared with their case (RFC 7519 §4). */
export const customClaimSearch: SearchDefinition<CustomClaim> = {
  fields: {
    ...frameFields,
    ...valueFields('name value mode tokenType', 'exact'),
    ...valueFields('allScopes', 'boolean'),
    scopes: { kind: 'values', type: 'exact' },
  },
  read: (item) => ({
    ...readFrame(item),
    name: item.name,
    value: item.value,
    mode: item.mode,
    tokenType: item.tokenType,
    allScopes: item.allScopes,
    scopes: item.scopes,
  }),
}
