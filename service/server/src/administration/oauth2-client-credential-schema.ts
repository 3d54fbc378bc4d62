import type { Application } from '@mintmark/registry/application'
import type { Condition } from '@mintmark/registry/query'
import { applicationSearch } from '@mintmark/registry/search/application-search'
import type { SearchField } from '@mintmark/registry/search-definition'
import { attribute, commonAttributes, type ResourceSchema } from './attribute.ts'
import { isObject } from './read-resource.ts'
import type { ResourceList } from './resource.ts'

/** What tells the application under a credential from others. */
export const credentialTemplateId = 'OAuth2ClientCredentialTemplateId'

export const isCredential = ({ attributes }: Application): boolean => {
  const template = attributes['basedOnTemplate']
  return isObject(template) && template['value'] === credentialTemplateId
}

const exact = { caseExact: true } as const

export const oauth2ClientCredentialSchema: ResourceSchema = {
  urn: 'urn:ietf:params:scim:schemas:oracle:idcs:oauth2ClientCredential',
  resourceType: 'OAuth2ClientCredential',
  endpoint: 'OAuth2ClientCredentials',
  attributes: [
    ...commonAttributes,
    attribute('name', 'string', { required: true }),
    attribute('description', 'string'),
    attribute('status', 'string', { returned: 'request', values: ['ACTIVE', 'INACTIVE'] }),
    attribute('expiresOn', 'string', { mutability: 'immutable', ...exact, format: 'dateTime' }),
    attribute('isResetSecret', 'boolean', { returned: 'request' }),
    attribute('secret', 'string', { mutability: 'readOnly', ...exact }),
    attribute('scopes', 'objects', {
      required: true,
      compositeKey: ['audience', 'scope'],
      sub: [
        attribute('audience', 'string', { required: true, ...exact }),
        attribute('scope', 'string', { required: true, ...exact }),
      ],
    }),
    attribute('user', 'object', {
      kept: false,
      instead: 'A credential is a client of its own here, and of no user: leave it out.',
    }),
    attribute('tags', 'objects', { returned: 'request', kept: false }),
  ],
  extension: null,
  keptExtensions: [],
}

/** Field of a credential → field of the application under it. */
const fieldNames: Readonly<Record<string, string>> = {
  id: 'id',
  name: 'displayName',
  description: 'description',
  'meta.created': 'meta.created',
  'meta.lastModified': 'meta.lastModified',
}

const translate = (condition: Condition): Condition => {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return { ...condition, conditions: condition.conditions.map(translate) }
    case 'not':
      return { ...condition, condition: translate(condition.condition) }
    default:
      return { ...condition, field: fieldNames[condition.field] ?? condition.field }
  }
}

const ofCredentials: Condition = {
  kind: 'compare',
  field: 'basedOnTemplate.value',
  operator: 'eq',
  value: credentialTemplateId,
}

/** Applications of that kind only, whatever else is asked. */
export const credentialList: ResourceList<Application> = {
  fields: Object.fromEntries(
    Object.entries(fieldNames).map(([own, name]) => [
      own,
      applicationSearch.fields[name] as SearchField,
    ]),
  ),
  search: ({ context }, { where, sort, ...page }) => {
    const conditions = where === null ? [ofCredentials] : [ofCredentials, translate(where)]
    return context.transaction.search('application', {
      where: { kind: 'and', conditions },
      sort: sort && { ...sort, field: fieldNames[sort.field] ?? sort.field },
      ...page,
    })
  },
}
