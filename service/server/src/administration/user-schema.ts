import {
  type Attribute,
  attribute,
  attributes,
  commonAttributes,
  type ResourceSchema,
} from './attribute.ts'

const readOnly = { mutability: 'readOnly' } as const
const value = attribute('value', 'string', { required: true })
const reference = attribute('$ref', 'string', { ...readOnly, format: 'reference' })

/** What the registry's record holds. */
const meaningful: readonly Attribute[] = [
  attribute('userName', 'string', { required: true, returned: 'always', uniqueness: 'global' }),
  ...attributes('displayName externalId', 'string'),
  attribute('active', 'boolean'),
  attribute('name', 'object', {
    sub: attributes(
      'givenName familyName middleName honorificPrefix honorificSuffix formatted',
      'string',
      { charsMax: 255 },
    ),
  }),
  attribute('emails', 'objects', {
    compositeKey: ['value', 'type'],
    sub: [
      value,
      attribute('type', 'string', { values: ['work', 'home', 'other', 'recovery'] }),
      attribute('primary', 'boolean'),
      ...attributes('secondary verified', 'boolean', readOnly),
      attribute('pendingVerificationData', 'string', readOnly),
    ],
  }),
  attribute('groups', 'objects', {
    ...readOnly,
    returned: 'request',
    compositeKey: ['value'],
    sub: [...attributes('value display type ocid', 'string', readOnly), reference],
  }),
  attribute('password', 'string', {
    kept: false,
    instead: 'Nobody signs in here with a password yet: leave it out.',
  }),
]

/** The other attributes of a User: kept and given back, and read by no decision. */
export const keptUserAttributes: readonly Attribute[] = [
  ...attributes('description nickName title userType locale preferredLanguage timezone', 'string', {
    charsMax: 500,
  }),
  attribute('profileUrl', 'string', { format: 'reference' }),
  ...attributes('phoneNumbers ims photos entitlements roles', 'objects', {
    compositeKey: ['value', 'type'],
  }),
  attribute('addresses', 'objects', { compositeKey: ['type'] }),
  attribute('x509Certificates', 'objects', { compositeKey: ['value'] }),
  attribute('tags', 'objects', {
    returned: 'request',
    compositeKey: ['key', 'value'],
    sub: attributes('key value', 'string', { required: true, charsMax: 250 }),
  }),
]

const idcs = 'urn:ietf:params:scim:schemas:oracle:idcs:extension:'

/** RFC 7643 §4.1, as an identity domain has it. */
export const userSchema: ResourceSchema = {
  urn: 'urn:ietf:params:scim:schemas:core:2.0:User',
  resourceType: 'User',
  endpoint: 'Users',
  attributes: [...commonAttributes, ...meaningful, ...keptUserAttributes],
  extension: null,
  keptExtensions: [
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
    `${idcs}user:User`,
    `${idcs}posix:User`,
    `${idcs}OCITags`,
  ],
}
