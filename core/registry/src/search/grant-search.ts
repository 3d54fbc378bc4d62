import type { Grant } from '../grant.ts'
import type { SearchDefinition } from '../search-definition.ts'
import { frameFields, readFrame, valueFields } from './common-fields.ts'

/** SCIM `Grant`. */
export const grantSearch: SearchDefinition<Grant> = {
  fields: {
    ...frameFields,
    ...valueFields('grantMechanism app.value grantee.value grantee.type', 'exact'),
    ...valueFields('entitlement.attributeValue grantor.value grantor.type', 'exact'),
    ...valueFields('compositeKey', 'exact'),
    ...valueFields('entitlement.attributeName', 'folded'),
    ...valueFields('isFulfilled', 'boolean'),
  },
  read: (item) => ({
    ...readFrame(item),
    grantMechanism: item.mechanism,
    'app.value': item.applicationId,
    'grantee.value': item.granteeId,
    'grantee.type': item.granteeType,
    'entitlement.attributeName': 'appRoles',
    'entitlement.attributeValue': item.roleId,
    'grantor.value': item.grantorId,
    'grantor.type': item.grantorId === null ? null : (item.grantorType ?? 'App'),
    compositeKey: [item.applicationId, item.roleId, item.granteeType, item.granteeId].join('_'),
    isFulfilled: true,
  }),
}
