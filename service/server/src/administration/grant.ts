import { identityDomainAdministrator } from '@mintmark/decisions/administration/built-in-roles'
import {
  decideGrantCreation,
  decideGrantDeletion,
  type Grantee,
  type GrantWish,
  nameOfGrantee,
} from '@mintmark/decisions/administration/decide-grant-change'
import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { Grant } from '@mintmark/registry/grant'
import type { RegistryTransaction } from '@mintmark/registry/registry'
import { grantSearch } from '@mintmark/registry/search/grant-search'
import { accessOfMembers, membersBehind } from './access-lost.ts'
import { attribute, attributes, commonAttributes, type ResourceSchema } from './attribute.ts'
import { type Exchange, notFound, stampOf } from './exchange.ts'
import type { Json, ReadResource } from './read-resource.ts'
import { type Resource, registryList } from './resource.ts'
import { otherDomainAdministrators } from './standing.ts'
import { frameAttributes, madeOnce } from './write-resource.ts'

const immutable = { mutability: 'immutable' } as const
const readOnly = { mutability: 'readOnly' } as const
const id = { required: true, caseExact: true, charsMax: 200 } as const

export const grantSchema: ResourceSchema = {
  urn: 'urn:ietf:params:scim:schemas:oracle:idcs:Grant',
  resourceType: 'Grant',
  endpoint: 'Grants',
  attributes: [
    ...commonAttributes,
    attribute('grantMechanism', 'string', {
      ...immutable,
      required: true,
      caseExact: true,
      charsMax: 100,
    }),
    attribute('app', 'object', {
      ...immutable,
      sub: [attribute('value', 'string', id), ...attributes('$ref display', 'string', readOnly)],
    }),
    attribute('entitlement', 'object', {
      ...immutable,
      sub: [
        attribute('attributeName', 'string', { required: true, values: ['appRoles'] }),
        attribute('attributeValue', 'string', id),
      ],
    }),
    attribute('grantee', 'object', {
      ...immutable,
      required: true,
      sub: [
        attribute('value', 'string', id),
        attribute('type', 'string', {
          caseExact: true,
          values: ['App', 'User', 'Group', 'DynamicResourceGroup'],
        }),
        ...attributes('$ref display', 'string', readOnly),
      ],
    }),
    attribute('grantor', 'object', {
      ...readOnly,
      sub: [
        ...attributes('value type', 'string', { ...readOnly, caseExact: true }),
        ...attributes('$ref display', 'string', readOnly),
      ],
    }),
    attribute('isFulfilled', 'boolean', readOnly),
    attribute('compositeKey', 'string', {
      ...readOnly,
      returned: 'request',
      caseExact: true,
      uniqueness: 'server',
    }),
    // Known to an identity domain, and not kept here: said so rather than lost.
    attribute('grantedAttributeValuesJson', 'string', { kept: false }),
    attribute('appEntitlementCollection', 'object', { kept: false }),
    attribute('tags', 'objects', { returned: 'request', kept: false }),
  ],
  extension: null,
  keptExtensions: [],
}

const writeGrant = (grant: Grant, url: string): Json => {
  const { applicationId, roleId, granteeType, granteeId, grantorId, grantorType = 'App' } = grant
  const refer = (type: string, value: string): Json => ({
    type,
    value,
    $ref: `${url}/admin/v1/${type}s/${value}`,
  })
  const ofApp = (value: string): Json => ({ value, $ref: `${url}/admin/v1/Apps/${value}` })
  return {
    schemas: [grantSchema.urn],
    ...frameAttributes(
      { ...grant, url, version: 1, modifiedAtMs: grant.createdAtMs, prevented: madeOnce },
      grantSchema,
    ),
    grantMechanism: grant.mechanism,
    app: ofApp(applicationId),
    entitlement: { attributeName: 'appRoles', attributeValue: roleId },
    grantee: refer(granteeType, granteeId),
    ...(grantorId === null ? {} : { grantor: refer(grantorType, grantorId) }),
    isFulfilled: true,
    compositeKey: [applicationId, roleId, granteeType, granteeId].join('_'),
  }
}

const readWish = (sent: ReadResource): Result<GrantWish, AdministrationRefusal> => {
  const absent = ['app', 'entitlement'].find((name) => !sent.values.has(name))
  if (absent !== undefined) {
    return refuseChange('ATTRIBUTE_MISSING', `Missing required attribute(s): ${absent}.`, {
      why: 'This server grants app roles, so it must know which one.',
      at: absent,
    })
  }
  const app = sent.values.get('app') as { value: string }
  const entitlement = sent.values.get('entitlement') as { attributeValue: string }
  const grantee = sent.values.get('grantee') as { value: string; type?: string }
  return ok({
    applicationId: app.value,
    roleId: entitlement.attributeValue,
    granteeType: grantee.type ?? 'User', // the default of an identity domain
    granteeId: grantee.value,
    mechanism: sent.values.get('grantMechanism') as string,
  })
}

const findGrantee = async (
  transaction: RegistryTransaction,
  type: string,
  granteeId: string,
): Promise<Grantee | null> => {
  if (type === 'User') {
    const record = await transaction.findUser(granteeId)
    return record && { type, record }
  }
  if (type === 'Group') {
    const record = await transaction.findGroup(granteeId)
    return record && { type, record }
  }
  const record = type === 'App' ? await transaction.findApplication(granteeId) : null
  return record && { type: 'App', record }
}

const create = async (exchange: Exchange, sent: ReadResource) => {
  const wish = readWish(sent)
  if (!wish.ok) return wish
  const { transaction } = exchange.context
  const { applicationId, roleId, granteeType, granteeId } = wish.value
  const same = await transaction.listGrants({ roleId, granteeId }, { startIndex: 1, count: 10 })
  const view = {
    application: await transaction.findApplication(applicationId),
    role: await transaction.findRole(roleId),
    grantee: await findGrantee(transaction, granteeType, granteeId),
    existing: same.items.find((each) => each.granteeType === granteeType) ?? null,
  }
  const made = decideGrantCreation(wish.value, view, stampOf(exchange))
  return made.ok ? ok({ item: made.value.grant, change: made.value.change }) : made
}

const remove = async (exchange: Exchange, present: Grant) => {
  const role = await exchange.context.transaction.findRole(present.roleId)
  if (role === null) return notFound('AppRole', present.roleId)
  const { transaction } = exchange.context
  const { granteeType, granteeId } = present
  const grantee = await findGrantee(transaction, granteeType, granteeId)
  const isLast = role.displayName === identityDomainAdministrator && granteeType === 'App'
  const view = {
    role,
    granteeName: grantee === null ? granteeId : nameOfGrantee(grantee),
    otherDomainAdministrators: isLast ? await otherDomainAdministrators(transaction, granteeId) : 0,
    lost: await accessOfMembers(transaction, [role], await membersBehind(transaction, present)),
  }
  return decideGrantDeletion(present, view, stampOf(exchange))
}

/** Immutable as a whole: it has no replacement. */
export const grantResource: Resource<Grant> = {
  schema: grantSchema,
  list: registryList('grant', grantSearch),
  find: ({ context }, wanted) => context.transaction.findGrant(wanted),
  write: ({ context }, grant) => writeGrant(grant, context.address().url),
  version: () => 1,
  create,
  remove,
}
