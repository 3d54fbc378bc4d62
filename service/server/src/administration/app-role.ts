import {
  decideRoleCreation,
  decideRoleDeletion,
  decideRoleReplacement,
  type RoleWish,
} from '@mintmark/decisions/administration/decide-role-change'
import { refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok } from '@mintmark/protocol/result'
import type { AppRole } from '@mintmark/registry/app-role'
import type { Application } from '@mintmark/registry/application'
import { roleSearch } from '@mintmark/registry/search/role-search'
import { accessOfHolders } from './access-lost.ts'
import { attribute, attributes, commonAttributes, type ResourceSchema } from './attribute.ts'
import { type Exchange, notFound, stampOf } from './exchange.ts'
import type { Json, ReadResource } from './read-resource.ts'
import { type Resource, registryList } from './resource.ts'
import { frameAttributes } from './write-resource.ts'

export const appRoleExtensionUrn = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:AppRole'

const immutable = { mutability: 'immutable' } as const
const readOnly = { mutability: 'readOnly' } as const

export const appRoleSchema: ResourceSchema = {
  urn: 'urn:ietf:params:scim:schemas:oracle:idcs:AppRole',
  resourceType: 'AppRole',
  endpoint: 'AppRoles',
  attributes: [
    ...commonAttributes,
    attribute('displayName', 'string', { ...immutable, required: true, returned: 'always' }),
    attribute('uniqueName', 'string', { ...readOnly, returned: 'always', uniqueness: 'server' }),
    attribute('description', 'string'),
    ...attributes('adminRole availableToUsers availableToGroups availableToClients', 'boolean', {
      ...immutable,
    }),
    attribute('public', 'boolean'),
    attribute('limitedToOneOrMoreGroups', 'boolean', readOnly),
    attribute('localizedDisplayName', 'string', { ...readOnly, returned: 'request' }),
    attribute('members', 'objects', {
      ...readOnly,
      returned: 'request',
      sub: attributes('value type', 'string', { ...readOnly, caseExact: true }),
    }),
    attribute('app', 'object', {
      ...immutable,
      required: true,
      sub: [
        attribute('value', 'string', {
          required: true,
          caseExact: true,
          returned: 'always',
          charsMax: 200,
        }),
        attribute('display', 'string', { ...readOnly, returned: 'always' }),
        ...attributes('$ref name serviceInstanceIdentifier', 'string', readOnly),
      ],
    }),
    // Known to an identity domain, and not kept here: said so rather than lost.
    attribute('legacyGroupName', 'string', { ...immutable, kept: false }),
    attribute('tags', 'objects', { returned: 'request', kept: false }),
  ],
  extension: {
    urn: appRoleExtensionUrn,
    attributes: [attribute('scopes', 'list', { caseExact: true })],
  },
  keptExtensions: [],
}

const writeRole = (role: AppRole, application: Application, url: string): Json => ({
  schemas: [appRoleSchema.urn, appRoleExtensionUrn],
  ...frameAttributes({ ...role, url }, appRoleSchema),
  idcsPreventedOperations: role.builtIn ? ['replace', 'update', 'delete'] : [],
  displayName: role.displayName,
  uniqueName: `${application.id}_${role.displayName}`,
  description: role.description,
  adminRole: role.adminRole,
  availableToClients: role.availableToClients,
  availableToUsers: role.availableToUsers,
  availableToGroups: role.availableToGroups,
  public: role.public,
  limitedToOneOrMoreGroups: false,
  app: {
    value: application.id,
    $ref: `${url}/admin/v1/Apps/${application.id}`,
    display: application.displayName,
    name: application.clientId,
  },
  [appRoleExtensionUrn]: { scopes: role.conferredScopes },
})

const wholeRole = async (exchange: Exchange, role: AppRole): Promise<Json> => {
  const { transaction, address } = exchange.context
  const application = await transaction.findApplication(role.applicationId)
  if (application === null) throw new Error(`app role ${role.id}: its application is missing`)
  return writeRole(role, application, address().url)
}

/**
 * What an AppRole says as a wish.
 * @param before null on creation; immutables that a replacement leaves out stay as they are, and so
 * do the scopes when our extension is left out
 */
const readWish = (sent: ReadResource, before: AppRole | null): RoleWish => {
  const flag = (name: keyof RoleWish, fallback: boolean): boolean =>
    (sent.values.get(name) as boolean | undefined) ?? (before?.[name] as boolean) ?? fallback
  const scopes = sent.extension?.values.get('scopes') as readonly string[] | undefined
  return {
    displayName: (sent.values.get('displayName') as string | undefined) ?? '',
    description: (sent.values.get('description') as string | undefined) ?? null,
    conferredScopes: scopes ?? (sent.extension === null ? (before?.conferredScopes ?? []) : []),
    adminRole: flag('adminRole', false),
    availableToClients: flag('availableToClients', true),
    availableToUsers: flag('availableToUsers', false),
    availableToGroups: flag('availableToGroups', false),
    public: (sent.values.get('public') as boolean | undefined) ?? false,
  }
}

const findSameName = async (
  { context }: Exchange,
  applicationId: string,
  displayName: string,
): Promise<AppRole | null> => {
  const page = { startIndex: 1, count: 1 }
  const { items } = await context.transaction.listRoles({ applicationId, displayName }, page)
  return items[0] ?? null
}

const create = async (exchange: Exchange, sent: ReadResource) => {
  const wish = readWish(sent, null)
  const { value } = sent.values.get('app') as { value: string }
  const application = await exchange.context.transaction.findApplication(value)
  if (application === null) {
    const what = `AppRole.app references an App with ID ${value} that does not exist.`
    return refuseChange('REFERENCE_UNKNOWN', what, { at: 'app.value' })
  }
  const sameName = await findSameName(exchange, application.id, wish.displayName)
  const made = decideRoleCreation(wish, { application, sameName }, stampOf(exchange))
  return made.ok ? ok({ item: made.value.role, change: made.value.change }) : made
}

const replace = async (exchange: Exchange, present: AppRole, sent: ReadResource) => {
  const application = await exchange.context.transaction.findApplication(present.applicationId)
  if (application === null) return notFound('App', present.applicationId)
  const held = await accessOfHolders(exchange.context.transaction, present)
  const view = { application, sameName: null, held }
  const made = decideRoleReplacement(present, readWish(sent, present), view, stampOf(exchange))
  return made.ok ? ok({ item: made.value.role, change: made.value.change }) : made
}

export const appRoleResource: Resource<AppRole> = {
  schema: appRoleSchema,
  list: registryList('role', roleSearch),
  find: ({ context }, id) => context.transaction.findRole(id),
  write: wholeRole,
  version: (role) => role.version,
  create,
  replace,
  remove: async (exchange, present) => {
    const held = await accessOfHolders(exchange.context.transaction, present)
    return decideRoleDeletion(present, held, stampOf(exchange))
  },
}
