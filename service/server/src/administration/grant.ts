import {
  decideGrantCreation,
  decideGrantDeletion,
  type GrantWish,
} from '@mintmark/decisions/administration/decide-grant-change'
import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { Grant } from '@mintmark/registry/grant'
import type { GrantFilter } from '@mintmark/registry/registry'
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
import { frameAttributes, versionOf } from './write-resource.ts'

const immutable = { mutability: 'immutable' } as const
const readOnly = { mutability: 'readOnly' } as const
const id = { required: true, charsMax: 200 } as const

export const grantSchema: ResourceSchema = {
  urn: 'urn:ietf:params:scim:schemas:oracle:idcs:Grant',
  resourceType: 'Grant',
  endpoint: 'Grants',
  attributes: [
    ...commonAttributes,
    attribute('grantMechanism', 'string', { ...immutable, required: true, charsMax: 100 }),
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
        attribute('type', 'string', { values: ['App', 'User', 'Group', 'DynamicResourceGroup'] }),
        ...attributes('$ref display', 'string', readOnly),
      ],
    }),
    attribute('grantor', 'object', readOnly),
    attribute('isFulfilled', 'boolean', readOnly),
    attribute('compositeKey', 'string', { ...readOnly, returned: 'request' }),
    // Known to an identity domain, and not kept here: said so rather than lost.
    attribute('grantedAttributeValuesJson', 'string'),
    attribute('appEntitlementCollection', 'object'),
    attribute('tags', 'objects', { returned: 'request' }),
  ],
  extension: null,
  keptExtensions: [],
}

const notKept = ['grantedAttributeValuesJson', 'appEntitlementCollection', 'tags']

const writeGrant = (grant: Grant, url: string): Json => {
  const { applicationId, roleId, granteeType, granteeId, grantorId } = grant
  const ofApp = (value: string): Json => ({ value, $ref: `${url}/admin/v1/Apps/${value}` })
  return {
    schemas: [grantSchema.urn],
    ...frameAttributes({ ...grant, url, version: 1, modifiedAtMs: grant.createdAtMs }, grantSchema),
    grantMechanism: grant.mechanism,
    app: ofApp(applicationId),
    entitlement: { attributeName: 'appRoles', attributeValue: roleId },
    grantee: { type: granteeType, ...ofApp(granteeId) },
    ...(grantorId === null ? {} : { grantor: { type: 'App', ...ofApp(grantorId) } }),
    isFulfilled: true,
    compositeKey: [applicationId, roleId, granteeType, granteeId].join('_'),
  }
}

/** GET /Grants */
export const listGrants: Handler = (exchange) => {
  const { transaction, address } = exchange.context
  return answerList(exchange, grantSchema, {
    searchable: {
      'app.value': 'string',
      'grantee.value': 'string',
      'entitlement.attributeValue': 'string',
    },
    find: (wanted) => transaction.findGrant(wanted),
    list: (terms, page) => {
      const applicationId = terms.get('app.value')
      const granteeId = terms.get('grantee.value')
      const roleId = terms.get('entitlement.attributeValue')
      const filter = {
        ...(applicationId === undefined ? {} : { applicationId }),
        ...(granteeId === undefined ? {} : { granteeId }),
        ...(roleId === undefined ? {} : { roleId }),
      }
      return transaction.listGrants(filter as GrantFilter, page)
    },
    write: (grant) => writeGrant(grant, address().url),
  })
}

const findGrant = async (exchange: Exchange): Promise<Result<Grant, AdministrationRefusal>> => {
  const wanted = exchange.id ?? ''
  const found = await exchange.context.transaction.findGrant(wanted)
  return found === null ? notFound('Grant', wanted) : ok(found)
}

/** GET /Grants/{id} */
export const readGrant: Handler = async (exchange) => {
  const found = await findGrant(exchange)
  if (!found.ok) return found
  const whole = writeGrant(found.value, exchange.context.address().url)
  return ok(resourceAnswer(200, whole, grantSchema, exchange))
}

const readWish = (sent: ReadResource): Result<GrantWish, AdministrationRefusal> => {
  const lost = notKept.find((name) => sent.values.has(name))
  if (lost !== undefined) {
    return refuseChange('ATTRIBUTE_NOT_KEPT', `${lost} of a grant is not kept by this server.`, {
      fix: 'Leave it out.',
      at: lost,
    })
  }
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

/** POST /Grants */
export const createGrant: Handler = async (exchange) => {
  const sent = readResource(exchange.command.body, grantSchema)
  if (!sent.ok) return sent
  const read = readWish(sent.value)
  if (!read.ok) return read
  const wish = read.value
  const { transaction, address } = exchange.context
  const { roleId, granteeId } = wish
  const same = await transaction.listGrants({ roleId, granteeId }, { startIndex: 1, count: 1 })
  const view = {
    application: await transaction.findApplication(wish.applicationId),
    role: await transaction.findRole(roleId),
    grantee: await transaction.findApplication(granteeId),
    existing: same.items[0] ?? null,
  }
  const made = decideGrantCreation(wish, view, stampOf(exchange))
  if (!made.ok) return made
  await carryOut(exchange, made.value.change)
  const whole = writeGrant(made.value.grant, address().url)
  return ok(resourceAnswer(201, whole, grantSchema, exchange))
}

/** DELETE /Grants/{id} */
export const deleteGrant: Handler = async (exchange) => {
  const found = await findGrant(exchange)
  if (!found.ok) return found
  const version = checkVersion(exchange, versionOf('Grant', found.value.id, 1))
  if (!version.ok) return version
  const role = await exchange.context.transaction.findRole(found.value.roleId)
  if (role === null) return notFound('AppRole', found.value.roleId)
  const change = decideGrantDeletion(found.value, role, stampOf(exchange))
  if (!change.ok) return change
  await carryOut(exchange, change.value)
  return ok(noContent)
}
