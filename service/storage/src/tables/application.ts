import type { Application } from '@mintmark/registry/application'
import type { ApplicationFilter } from '@mintmark/registry/registry'
import { applicationSearch } from '@mintmark/registry/search/application-search'
import {
  foldText,
  type SearchDefinition,
  searchDocument,
} from '@mintmark/registry/search-definition'
import type { Statements } from '../database.ts'
import type { RelatedList, SearchTable } from '../search/search-table.ts'
import { defineTable, displayNameKey, integerOf } from './table.ts'

export const applications = defineTable({
  name: 'application',
  key: 'id',
  columns: {
    id: (item: Application) => item.id,
    client_id: (item) => item.clientId,
    client_id_key: (item) => foldText(item.clientId),
    display_name_key: (item) => displayNameKey(item.displayName),
    audience: (item) => item.resourceServer?.audience ?? null,
    audience_key: (item) =>
      item.resourceServer === null ? null : foldText(item.resourceServer.audience),
    is_client: (item) => integerOf(item.client !== null),
    is_resource_server: (item) => integerOf(item.resourceServer !== null),
    active: (item) => integerOf(item.active),
    created_at: (item) => new Date(item.createdAtMs).toISOString(),
    modified_at: (item) => new Date(item.modifiedAtMs).toISOString(),
  },
  order: ['display_name_key'],
  search: applicationSearch,
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

/** Fields whose rows are made beside the other work after an upgrade. */
const filledLater = ['clientType', 'tags.key', 'tags.value'] as const

/** Fields whose values are kept in rows too: no index leads into a document. */
const indexedFields = [
  'allowedScopes.fqs',
  'scopes.fqs',
  'scopes.value',
  'secondaryAudiences',
  ...filledLater,
] as const

const indexedNames = new Set(indexedFields.map((path) => path.split('.')[0] ?? path))

/** The part of the definition that the indexed fields are of. */
const indexedSearch: SearchDefinition<Application> = {
  fields: Object.fromEntries(
    Object.entries(applicationSearch.fields).filter(([name]) => indexedNames.has(name)),
  ),
  read: applicationSearch.read,
}

/** Values of an application's indexed fields, by the name of the field. */
const valuesOf = (item: Application): readonly (readonly [string, string])[] => {
  const document = searchDocument(indexedSearch, item)
  return indexedFields.flatMap((path) => {
    const [name = '', part] = path.split('.')
    const list = [document[name] ?? []].flat() as readonly (
      | string
      | Readonly<Record<string, string>>
    )[]
    const values = list.flatMap((each) => {
      const value = typeof each === 'string' ? each : each[part ?? '']
      return value === undefined ? [] : [value]
    })
    return [...new Set(values)].map((value) => [path, value] as const)
  })
}

/** Flags of an application, as it is counted by them; in the order of `countedFlags`. */
export const flagsOf = (item: Application): string =>
  [item.client !== null, item.resourceServer !== null, item.active].map(integerOf).join('')

/** What an application is counted under: each value of a row, and no value, as all are. */
export const countedValuesOf = (item: Application): readonly (readonly [string, string])[] => [
  ['', ''],
  ...valuesOf(item),
]

/** Removes the rows of an application's indexed fields. */
export const deleteApplicationValues = async (
  statements: Statements,
  domainId: string,
  applicationId: string,
): Promise<void> => {
  await statements.run(
    'DELETE FROM application_value WHERE domain_id = $1 AND application_id = $2',
    [domainId, applicationId],
  )
}

/** Stores the rows of an application's indexed fields; it must have none yet. */
export const addApplicationValues = async (
  statements: Statements,
  domainId: string,
  item: Application,
): Promise<void> => {
  for (const [field, value] of valuesOf(item)) {
    await statements.run(
      `INSERT INTO application_value (domain_id, field, value, application_id)
       VALUES ($1, $2, $3, $4)`,
      [domainId, field, value, item.id],
    )
  }
}

/** Makes the rows of an application's indexed fields those of its record. */
export const putApplicationValues = async (
  statements: Statements,
  domainId: string,
  item: Application,
): Promise<void> => {
  await deleteApplicationValues(statements, domainId, item.id)
  await addApplicationValues(statements, domainId, item)
}

/** Stores those rows that are missing. */
export const fillApplicationValues = async (
  statements: Statements,
  domainId: string,
  item: Application,
): Promise<void> => {
  for (const [field, value] of valuesOf(item)) {
    await statements.run(
      `INSERT INTO application_value (domain_id, field, value, application_id)
       VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
      [domainId, field, value, item.id],
    )
  }
}

const indexedList = (path: string): RelatedList => ({
  from: 'application_value v',
  domain: 'v.domain_id',
  inner: 'v.application_id',
  outer: 'item.id',
  where: `v.field = '${path}'`,
  parts: { value: 'v.value' },
})

/** Where applications are searched. */
export const applicationSearchTable: SearchTable<Application> = {
  name: 'application',
  definition: applicationSearch,
  order: ['item.display_name_key'],
  columns: {
    id: 'lower(item.id)',
    name: 'item.client_id_key',
    displayName: 'item.display_name_key',
    audience: 'item.audience_key',
    isOAuthClient: 'item.is_client',
    isOAuthResource: 'item.is_resource_server',
    active: 'item.active',
    'meta.created': 'item.created_at',
    'meta.lastModified': 'item.modified_at',
  },
  required: [
    'id',
    'name',
    'displayName',
    'isOAuthClient',
    'isOAuthResource',
    'active',
    'meta.created',
    'meta.lastModified',
  ],
  related: {
    certificates: {
      from:
        'client_certificate_attachment t ' +
        'JOIN client_certificate c ON c.domain_id = t.domain_id AND c.id = t.certificate_id',
      domain: 't.domain_id',
      inner: 't.application_id',
      outer: 'item.id',
      parts: { certAlias: 'c.alias_key', kid: 'c.alias_key' },
    },
    grantedAppRoles: {
      from:
        'app_grant g JOIN app_role r ON r.domain_id = g.domain_id AND r.id = g.role_id ' +
        'JOIN application o ON o.domain_id = r.domain_id AND o.id = r.application_id',
      domain: 'g.domain_id',
      inner: 'g.grantee_id',
      outer: 'item.id',
      where: "g.grantee_type = 'App'",
      parts: {
        value: 'g.role_id',
        display: 'r.display_name_key',
        appId: 'lower(g.application_id)',
        appName: 'o.display_name_key',
        adminRole: 'r.is_admin',
        type: "'direct'",
      },
    },
  },
  indexed: Object.fromEntries(indexedFields.map((path) => [path, indexedList(path)])),
  filledLater,
  countedFlags: ['isOAuthClient', 'isOAuthResource', 'active'],
}
