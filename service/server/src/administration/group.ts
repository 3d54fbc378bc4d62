import {
  decideGroupCreation,
  decideGroupDeletion,
  decideGroupReplacement,
  type GroupView,
  type GroupWish,
  type MemberReference,
} from '@mintmark/decisions/administration/decide-group-change'
import type { AdministrationRefusal } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import type { Group, GroupMember } from '@mintmark/registry/group'
import type { RegistryTransaction } from '@mintmark/registry/registry'
import { groupSearch } from '@mintmark/registry/search/group-search'
import { foldText } from '@mintmark/registry/search-definition'
import { accessOfMembers } from './access-lost.ts'
import { attribute, attributes, commonAttributes, type ResourceSchema } from './attribute.ts'
import { type Exchange, stampOf } from './exchange.ts'
import { isAskedFor, readKeptAttributes, writeKeptAttributes } from './kept-attributes.ts'
import type { Json, ReadResource } from './read-resource.ts'
import { type Resource, registryList } from './resource.ts'
import { directRolesOf } from './standing.ts'
import { frameAttributes, idOfPath } from './write-resource.ts'

const readOnly = { mutability: 'readOnly' } as const
const idcs = 'urn:ietf:params:scim:schemas:oracle:idcs:extension:'

const keptAttributes = [
  attribute('nonUniqueDisplayName', 'string', { returned: 'always', charsMax: 255 }),
  attribute('tags', 'objects', {
    returned: 'request',
    compositeKey: ['key', 'value'],
    sub: attributes('key value', 'string', { required: true, charsMax: 250 }),
  }),
]

/** RFC 7643 §4.2, as an identity domain has it. */
export const groupSchema: ResourceSchema = {
  urn: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  resourceType: 'Group',
  endpoint: 'Groups',
  attributes: [
    ...commonAttributes,
    attribute('displayName', 'string', {
      required: true,
      returned: 'always',
      uniqueness: 'global',
    }),
    attribute('externalId', 'string'),
    attribute('members', 'objects', {
      returned: 'request',
      compositeKey: ['value'],
      shorthand: 'value',
      sub: [
        attribute('value', 'string', { required: true, caseExact: true, charsMax: 200 }),
        attribute('type', 'string', { values: ['User', 'App'], caseExact: true }),
        ...attributes('display name ocid membershipOcid', 'string', readOnly),
        attribute('dateAdded', 'string', { ...readOnly, format: 'dateTime' }),
        attribute('$ref', 'string', { ...readOnly, format: 'reference' }),
      ],
    }),
    ...keptAttributes,
  ],
  extension: null,
  keptExtensions: [`${idcs}group:Group`, `${idcs}requestable:Group`, `${idcs}OCITags`],
}

const nameOfMember = async (
  transaction: RegistryTransaction,
  { memberType, memberId }: GroupMember,
): Promise<Json> => {
  if (memberType === 'User') {
    const user = await transaction.findUser(memberId)
    return user === null ? {} : { display: user.displayName ?? user.userName, name: user.userName }
  }
  const application = await transaction.findApplication(memberId)
  if (application === null) return {}
  return { display: application.displayName, name: application.clientId }
}

/** Members as they are written; a list of groups that nobody asked for members of has none. */
const writeMembers = async ({ command, context }: Exchange, group: Group): Promise<Json> => {
  const isSeen = isAskedFor('members', command.query)
  const isRead = command.method === 'GET' || command.method === 'HEAD' || command.method === 'POST'
  if (isRead && !isSeen) return {}
  const { url } = context.address()
  const members: Json[] = []
  for (const member of await context.transaction.membersOf(group.id)) {
    const { memberType: type, memberId: value } = member
    const named = isSeen ? await nameOfMember(context.transaction, member) : {}
    members.push({ value, type, $ref: `${url}/admin/v1/${type}s/${value}`, ...named })
  }
  return { members }
}

const writeGroup = async (exchange: Exchange, group: Group): Promise<Json> => {
  const { url } = exchange.context.address()
  const extensions = groupSchema.keptExtensions.filter((urn) => group.attributes[urn] !== undefined)
  return {
    ...writeKeptAttributes(group.attributes, url),
    schemas: [groupSchema.urn, ...extensions],
    ...frameAttributes({ ...group, url }, groupSchema),
    displayName: group.displayName,
    externalId: group.externalId,
    ...(await writeMembers(exchange, group)),
  }
}

const readWish = (sent: ReadResource): Result<GroupWish, AdministrationRefusal> => {
  const kept = readKeptAttributes(sent, keptAttributes)
  if (!kept.ok) return kept
  const members = (sent.values.get('members') ?? []) as readonly {
    readonly value: string
    readonly type?: GroupMember['memberType']
  }[]
  return ok({
    displayName: sent.values.get('displayName') as string,
    externalId: (sent.values.get('externalId') as string | undefined) ?? null,
    members: members.map(({ value, type }) => ({
      memberType: type ?? 'User',
      memberId: idOfPath(value),
    })),
    attributes: kept.value,
  })
}

const findUnknown = async (
  transaction: RegistryTransaction,
  wished: readonly MemberReference[],
  present: readonly GroupMember[],
): Promise<MemberReference | null> => {
  const known = new Set(present.map(({ memberType, memberId }) => `${memberType} ${memberId}`))
  for (const member of wished) {
    const { memberType, memberId } = member
    if (known.has(`${memberType} ${memberId}`)) continue
    const found =
      memberType === 'User'
        ? await transaction.findUser(memberId)
        : await transaction.findApplication(memberId)
    if (found === null) return member
  }
  return null
}

const readView = async (
  { context }: Exchange,
  wish: GroupWish,
  present: Group | null,
): Promise<GroupView> => {
  const { transaction } = context
  const value = foldText(wish.displayName)
  const { items } = await transaction.search('group', {
    where: { kind: 'compare', field: 'displayName', operator: 'eq', value },
    sort: null,
    startIndex: 1,
    count: 1,
  })
  const same = items.find(({ id }) => id !== present?.id) ?? null
  const presentMembers = present === null ? [] : await transaction.membersOf(present.id)
  const heldRoles = present === null ? [] : await rolesOf(transaction, present)
  const stays = new Set(wish.members.map(({ memberType, memberId }) => `${memberType} ${memberId}`))
  const left = presentMembers.filter((each) => !stays.has(`${each.memberType} ${each.memberId}`))
  return {
    sameDisplayName: same,
    presentMembers,
    unknownMember: await findUnknown(transaction, wish.members, presentMembers),
    heldRoles,
    lost: await accessOfMembers(transaction, heldRoles, left),
  }
}

const rolesOf = async (transaction: RegistryTransaction, group: Group) =>
  (await directRolesOf(transaction, 'Group', group.id)).map(({ role }) => role)

const create = async (exchange: Exchange, sent: ReadResource) => {
  const wish = readWish(sent)
  if (!wish.ok) return wish
  const view = await readView(exchange, wish.value, null)
  const made = decideGroupCreation(wish.value, view, stampOf(exchange))
  return made.ok ? ok({ item: made.value.group, change: made.value.change }) : made
}

const replace = async (exchange: Exchange, present: Group, sent: ReadResource) => {
  const wish = readWish(sent)
  if (!wish.ok) return wish
  const view = await readView(exchange, wish.value, present)
  const made = decideGroupReplacement(present, wish.value, view, stampOf(exchange))
  return made.ok ? ok({ item: made.value.group, change: made.value.change }) : made
}

const remove = async (exchange: Exchange, present: Group) => {
  const { transaction } = exchange.context
  const heldRoles = await rolesOf(transaction, present)
  const presentMembers = await transaction.membersOf(present.id)
  const lost = await accessOfMembers(transaction, heldRoles, presentMembers)
  const view = { heldRoles, presentMembers, lost }
  return decideGroupDeletion(present, view, stampOf(exchange))
}

/** Named sets of users and applications. */
export const groupResource: Resource<Group> = {
  schema: groupSchema,
  list: registryList('group', groupSearch),
  find: ({ context }, id) => context.transaction.findGroup(id),
  write: writeGroup,
  version: (group) => group.version,
  create,
  replace,
  remove,
}
