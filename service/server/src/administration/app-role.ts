import {
  decideRoleCreation,
  decideRoleDeletion,
  decideRoleReplacement,
  type RoleWish,
} from '@mintmark/decisions/administration/decide-role-change'
import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { AppRole } from '@mintmark/registry/app-role'
import type { Application } from '@mintmark/registry/application'
import type { RoleFilter } from '@mintmark/registry/registry'
import { answerList, noContent, resourceAnswer } from './answers.ts'
import { attribute, attributes, commonAttributes, type ResourceSchema } from './attribute.ts'
import {
  carryOut,
  checkVersion,
  type Exchange,
  type Handler,
  notFound,
  stampOf,
} from './exchange.ts'
import { type Json, type ReadResource, readResource } from './read-resource.ts'
import { checkUnchangeable, frameAttributes, versionOf } from './write-resource.ts'

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
    attribute('uniqueName', 'string', { ...readOnly, returned: 'always' }),
    attribute('description', 'string'),
    ...attributes('adminRole availableToUsers availableToGroups availableToClients', 'boolean', {
      ...immutable,
    }),
    attribute('public', 'boolean'),
    attribute('limitedToOneOrMoreGroups', 'boolean', readOnly),
    attribute('localizedDisplayName', 'string', { ...readOnly, returned: 'request' }),
    attribute('members', 'objects', { ...readOnly, returned: 'request' }),
    attribute('app', 'object', {
      ...immutable,
      required: true,
      sub: [
        attribute('value', 'string', { required: true, charsMax: 200 }),
        ...attributes('$ref display name serviceInstanceIdentifier', 'string', readOnly),
      ],
    }),
    // Known to an identity domain, and not kept here: said so rather than lost.
    attribute('legacyGroupName', 'string', immutable),
    attribute('tags', 'objects', { returned: 'request' }),
  ],
  extension: { urn: appRoleExtensionUrn, attributes: [attribute('scopes', 'list')] },
  keptExtensions: [],
}

const notKept = ['legacyGroupName', 'tags']

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

/** GET /AppRoles */
export const listRoles: Handler = (exchange) => {
  const { transaction } = exchange.context
  return answerList(exchange, appRoleSchema, {
    searchable: { displayName: 'string', 'app.value': 'string' },
    find: (id) => transaction.findRole(id),
    list: (terms, page) => {
      const applicationId = terms.get('app.value')
      const displayName = terms.get('displayName')
      const filter = {
        ...(applicationId === undefined ? {} : { applicationId }),
        ...(displayName === undefined ? {} : { displayName }),
      }
      return transaction.listRoles(filter as RoleFilter, page)
    },
    write: (role) => wholeRole(exchange, role),
  })
}

const findRole = async (exchange: Exchange): Promise<Result<AppRole, AdministrationRefusal>> => {
  const id = exchange.id ?? ''
  const found = await exchange.context.transaction.findRole(id)
  return found === null ? notFound('AppRole', id) : ok(found)
}

/** GET /AppRoles/{id} */
export const readRole: Handler = async (exchange) => {
  const found = await findRole(exchange)
  if (!found.ok) return found
  return ok(resourceAnswer(200, await wholeRole(exchange, found.value), appRoleSchema, exchange))
}

/**
 * What an AppRole says as a wish.
 * @param before null on creation; immutables that a replacement leaves out stay as they are, and so
 * do the scopes when our extension is left out
 */
const readWish = (
  sent: ReadResource,
  before: AppRole | null,
): Result<RoleWish, AdministrationRefusal> => {
  const lost = notKept.find((name) => sent.values.has(name))
  if (lost !== undefined) {
    return refuseChange(
      'ATTRIBUTE_NOT_KEPT',
      `${lost} of an app role is not kept by this server.`,
      {
        fix: 'Leave it out.',
        at: lost,
      },
    )
  }
  const flag = (name: keyof RoleWish, fallback: boolean): boolean =>
    (sent.values.get(name) as boolean | undefined) ?? (before?.[name] as boolean) ?? fallback
  const scopes = sent.extension?.values.get('scopes') as readonly string[] | undefined
  return ok({
    displayName: (sent.values.get('displayName') as string | undefined) ?? '',
    description: (sent.values.get('description') as string | undefined) ?? null,
    conferredScopes: scopes ?? (sent.extension === null ? (before?.conferredScopes ?? []) : []),
    adminRole: flag('adminRole', false),
    availableToClients: flag('availableToClients', true),
    availableToUsers: flag('availableToUsers', false),
    availableToGroups: flag('availableToGroups', false),
    public: (sent.values.get('public') as boolean | undefined) ?? false,
  })
}

const findSameName = async (
  exchange: Exchange,
  applicationId: string,
  displayName: string,
  ownId: string | null,
): Promise<AppRole | null> => {
  const filter = { applicationId, displayName }
  const page = { startIndex: 1, count: 1 }
  const [found] = (await exchange.context.transaction.listRoles(filter, page)).items
  return found === undefined || found.id === ownId ? null : found
}

/** POST /AppRoles */
export const createRole: Handler = async (exchange) => {
  const sent = readResource(exchange.command.body, appRoleSchema)
  if (!sent.ok) return sent
  const wish = readWish(sent.value, null)
  if (!wish.ok) return wish
  const { value } = sent.value.values.get('app') as { value: string }
  const application = await exchange.context.transaction.findApplication(value)
  if (application === null) {
    const what = `AppRole.app references an App with ID ${value} that does not exist.`
    return refuseChange('REFERENCE_UNKNOWN', what, { at: 'app.value' })
  }
  const sameName = await findSameName(exchange, application.id, wish.value.displayName, null)
  const made = decideRoleCreation(wish.value, { application, sameName }, stampOf(exchange))
  if (!made.ok) return made
  await carryOut(exchange, made.value.change)
  const whole = await wholeRole(exchange, made.value.role)
  return ok(resourceAnswer(201, whole, appRoleSchema, exchange))
}

/** PUT /AppRoles/{id} */
export const replaceRole: Handler = async (exchange) => {
  const found = await findRole(exchange)
  if (!found.ok) return found
  const present = found.value
  const version = checkVersion(exchange, versionOf('AppRole', present.id, present.version))
  if (!version.ok) return version
  const sent = readResource(exchange.command.body, appRoleSchema)
  if (!sent.ok) return sent
  const wish = readWish(sent.value, present)
  if (!wish.ok) return wish
  const whole = await wholeRole(exchange, present)
  const unchangeable = checkUnchangeable(sent.value, whole, appRoleSchema)
  if (!unchangeable.ok) return unchangeable
  const application = await exchange.context.transaction.findApplication(present.applicationId)
  if (application === null) return notFound('App', present.applicationId)
  const view = { application, sameName: null }
  const made = decideRoleReplacement(present, wish.value, view, stampOf(exchange))
  if (!made.ok) return made
  await carryOut(exchange, made.value.change)
  const after = await wholeRole(exchange, made.value.role)
  return ok(resourceAnswer(200, after, appRoleSchema, exchange))
}

/** DELETE /AppRoles/{id} */
export const deleteRole: Handler = async (exchange) => {
  const found = await findRole(exchange)
  if (!found.ok) return found
  const present = found.value
  const version = checkVersion(exchange, versionOf('AppRole', present.id, present.version))
  if (!version.ok) return version
  const change = decideRoleDeletion(present)
  if (!change.ok) return change
  await carryOut(exchange, change.value)
  return ok(noContent)
}
