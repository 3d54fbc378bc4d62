import { type AdministrationRefusal, refuseChange } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { GroupMember } from '@mintmark/registry/group'
import { attribute, attributes, commonAttributes, type ResourceSchema } from './attribute.ts'
import type { Exchange, Handler } from './exchange.ts'
import { type Json, readResource } from './read-resource.ts'
import { effectiveRolesOf, type HeldRole } from './standing.ts'

const readOnly = { mutability: 'readOnly' } as const
const named = [
  ...attributes('value display', 'string', readOnly),
  attribute('$ref', 'string', { ...readOnly, format: 'reference' }),
]

export const asserterSchema: ResourceSchema = {
  urn: 'urn:ietf:params:scim:schemas:oracle:idcs:Asserter',
  resourceType: 'Asserter',
  endpoint: 'Asserter',
  attributes: [
    ...commonAttributes,
    attribute('mappingAttributeValue', 'string', { required: true, charsMax: 255 }),
    attribute('subjectType', 'string', { values: ['user', 'client'] }),
    attribute('includeMemberships', 'boolean'),
    attribute('groups', 'objects', { ...readOnly, sub: named }),
    attribute('appRoles', 'objects', {
      ...readOnly,
      sub: [...named, ...attributes('appId appName type', 'string', readOnly)],
    }),
    // An identity domain maps subjects in other ways too; here a name is a name.
    ...attributes('mappingAttribute identityProviderName', 'string', { kept: false }),
  ],
  extension: null,
  keptExtensions: [],
}

interface Subject {
  readonly type: GroupMember['memberType']
  readonly id: string
  readonly displayName: string
}

const refuseSubject = (kind: string, name: string, why: string) =>
  refuseChange('REFERENCE_UNKNOWN', `No active ${kind} "${name.slice(0, 100)}" can be asserted.`, {
    why,
    fix:
      kind === 'user'
        ? 'Set subjectType to client for the sub of a token of client credentials.'
        : 'mappingAttributeValue is the client id: sub or client_id of a token.',
    at: 'mappingAttributeValue',
  })

const findSubject = async (
  { context }: Exchange,
  kind: string,
  name: string,
): Promise<Result<Subject, AdministrationRefusal>> => {
  const { transaction } = context
  if (kind === 'user') {
    const user = await transaction.findUserByName(name)
    if (user === null) return refuseSubject(kind, name, 'There is no such user.')
    if (!user.active) return refuseSubject(kind, name, 'This user is inactive.')
    return ok({ type: 'User', id: user.id, displayName: user.displayName ?? user.userName })
  }
  const page = { startIndex: 1, count: 1 }
  const { items } = await transaction.listApplications({ clientId: name }, page)
  const [application] = items
  if (application === undefined || application.client === null) {
    return refuseSubject(kind, name, 'There is no such client.')
  }
  if (!application.active) return refuseSubject(kind, name, 'This client is inactive.')
  return ok({ type: 'App', id: application.id, displayName: application.displayName })
}

/** Each role once, however often it was given. */
const writeRoles = async ({ context }: Exchange, held: readonly HeldRole[]): Promise<Json[]> => {
  const { url } = context.address()
  const roles = new Map(held.map(({ role }) => [role.id, role]))
  const written: Json[] = []
  for (const role of roles.values()) {
    const application = await context.transaction.findApplication(role.applicationId)
    written.push({
      value: role.id,
      display: role.displayName,
      $ref: `${url}/admin/v1/AppRoles/${role.id}`,
      appId: role.applicationId,
      appName: application?.displayName ?? '',
    })
  }
  return written
}

const membershipsOf = async (exchange: Exchange, { type, id }: Subject): Promise<Json> => {
  const { transaction, address } = exchange.context
  const { url } = address()
  const groups = await transaction.groupsOf(type, id)
  return {
    groups: groups.map((group) => ({
      value: group.id,
      display: group.displayName,
      $ref: `${url}/admin/v1/Groups/${group.id}`,
    })),
    appRoles: await writeRoles(exchange, await effectiveRolesOf(transaction, type, id)),
  }
}

/**
 * POST /Asserter: what an API asks about who calls it. Nothing is written: the answer says which
 * groups a user or a client is in and which app roles it holds, by itself or through them.
 */
export const assertSubject: Handler = async (exchange) => {
  const sent = readResource(exchange.command.body, asserterSchema)
  if (!sent.ok) return sent
  const { values } = sent.value
  const subjectType = (values.get('subjectType') as string | undefined) ?? 'user'
  const name = values.get('mappingAttributeValue') as string
  const subject = await findSubject(exchange, subjectType, name)
  if (!subject.ok) return subject
  const { id, displayName } = subject.value
  const includeMemberships = values.get('includeMemberships') === true
  const body = {
    schemas: [asserterSchema.urn],
    id,
    displayName,
    mappingAttributeValue: name,
    subjectType,
    includeMemberships,
    ...(includeMemberships ? await membershipsOf(exchange, subject.value) : {}),
  }
  return ok({ status: 201, headers: {}, body })
}
