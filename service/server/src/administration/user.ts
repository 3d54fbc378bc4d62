import {
  decideUserCreation,
  decideUserDeletion,
  decideUserReplacement,
  type UserWish,
} from '@mintmark/decisions/administration/decide-user-change'
import type { AdministrationRefusal } from '@mintmark/protocol/administration-refusal'
import { ok, type Result } from '@mintmark/protocol/result'
import { userSearch } from '@mintmark/registry/search/user-search'
import type { User } from '@mintmark/registry/user'
import { type Exchange, stampOf } from './exchange.ts'
import { isAskedFor, readKeptAttributes, writeKeptAttributes } from './kept-attributes.ts'
import { isObject, type Json, type ReadResource } from './read-resource.ts'
import { type Resource, registryList } from './resource.ts'
import { builtInRolesOf } from './standing.ts'
import { keptUserAttributes, userSchema } from './user-schema.ts'
import { frameAttributes } from './write-resource.ts'

/** Parts of `name` that the record has no member for. */
const otherNames = ['middleName', 'honorificPrefix', 'honorificSuffix', 'formatted'] as const

const nameOf = (user: User): Json | undefined => {
  const kept = user.attributes['name']
  const { givenName, familyName } = user
  const name = {
    ...(givenName === null ? {} : { givenName }),
    ...(familyName === null ? {} : { familyName }),
    ...(isObject(kept) ? kept : {}),
  }
  return Object.keys(name).length === 0 ? undefined : name
}

/** A change is held against them, because what was read with them can be sent back. */
const groupsOf = async ({ command, context }: Exchange, user: User): Promise<Json> => {
  const isChange = command.method === 'PUT' || command.method === 'PATCH'
  if (!isChange && !isAskedFor('groups', command.query)) return {}
  const { url } = context.address()
  const groups = await context.transaction.groupsOf('User', user.id)
  return {
    groups: groups.map(({ id, displayName }) => ({
      value: id,
      display: displayName,
      type: 'direct',
      $ref: `${url}/admin/v1/Groups/${id}`,
    })),
  }
}

const writeUser = async (exchange: Exchange, user: User): Promise<Json> => {
  const { url } = exchange.context.address()
  const extensions = userSchema.keptExtensions.filter((urn) => user.attributes[urn] !== undefined)
  return {
    ...writeKeptAttributes(user.attributes, url),
    schemas: [userSchema.urn, ...extensions],
    ...frameAttributes({ ...user, url }, userSchema),
    userName: user.userName,
    displayName: user.displayName,
    externalId: user.externalId,
    active: user.active,
    name: nameOf(user),
    emails: user.emails.map(({ value, type, primary }) => ({
      value,
      ...(type === null ? {} : { type }),
      primary,
    })),
    ...(await groupsOf(exchange, user)),
  }
}

interface SentEmail {
  readonly value: string
  readonly type?: string
  readonly primary?: boolean
}

const readWish = (sent: ReadResource): Result<UserWish, AdministrationRefusal> => {
  const kept = readKeptAttributes(sent, keptUserAttributes)
  if (!kept.ok) return kept
  const text = (name: string): string | null =>
    (sent.values.get(name) as string | undefined) ?? null
  const name = (sent.values.get('name') ?? {}) as Readonly<Record<string, string | undefined>>
  const rest = otherNames.flatMap((part) => (name[part] === undefined ? [] : [[part, name[part]]]))
  const active = sent.values.get('active')
  const emails = (sent.values.get('emails') ?? []) as readonly SentEmail[]
  return ok({
    userName: text('userName') ?? '',
    displayName: text('displayName'),
    externalId: text('externalId'),
    active: typeof active === 'boolean' ? active : null,
    givenName: name['givenName'] ?? null,
    familyName: name['familyName'] ?? null,
    emails: emails.map(({ value, type, primary }) => ({
      value,
      type: type ?? null,
      primary: primary ?? false,
    })),
    attributes: { ...kept.value, ...(rest.length > 0 ? { name: Object.fromEntries(rest) } : {}) },
  })
}

const findSame = async ({ context }: Exchange, wish: UserWish, ownId: string | null) => {
  const found = await context.transaction.findUserByName(wish.userName)
  return found === null || found.id === ownId ? null : found
}

const create = async (exchange: Exchange, sent: ReadResource) => {
  const wish = readWish(sent)
  if (!wish.ok) return wish
  const view = {
    sameUserName: await findSame(exchange, wish.value, null),
    heldBuiltInRoles: [],
  }
  const made = decideUserCreation(wish.value, view, stampOf(exchange))
  return made.ok ? ok({ item: made.value.user, change: made.value.change }) : made
}

const replace = async (exchange: Exchange, present: User, sent: ReadResource) => {
  const wish = readWish(sent)
  if (!wish.ok) return wish
  const view = {
    sameUserName: await findSame(exchange, wish.value, present.id),
    heldBuiltInRoles: await builtInRolesOf(exchange.context.transaction, 'User', present.id),
  }
  const made = decideUserReplacement(present, wish.value, view, stampOf(exchange))
  return made.ok ? ok({ item: made.value.user, change: made.value.change }) : made
}

const remove = async (exchange: Exchange, present: User) => {
  const heldBuiltInRoles = await builtInRolesOf(exchange.context.transaction, 'User', present.id)
  return decideUserDeletion(present, { heldBuiltInRoles }, stampOf(exchange))
}

/** People, as names that hold roles and memberships: nobody signs in here with a password yet. */
export const userResource: Resource<User> = {
  schema: userSchema,
  list: registryList('user', userSearch),
  find: ({ context }, id) => context.transaction.findUser(id),
  write: writeUser,
  version: (user) => user.version,
  create,
  replace,
  remove,
}
