import { type Json, listAll, listOf, type Send, textOf } from '../domain-file/present-state.ts'

/** Everything that a domain file can declare, as the administration API tells it. */
export interface WholeDomain {
  readonly apps: readonly Json[]
  readonly roles: readonly Json[]
  readonly grants: readonly Json[]
  readonly users: readonly Json[]
  readonly groups: readonly Json[]
  readonly claims: readonly Json[]
  readonly certificates: readonly Json[]
  readonly authorities: readonly Json[]
  readonly settings: Json | null
}

/** Reads all of a domain, page by page. @throws UnexpectedAnswer when a part is refused */
export const readWholeDomain = async (send: Send): Promise<WholeDomain> => {
  const list = (path: string) => listAll(send, path)
  const [settings = null] = await list('/Settings')
  return {
    apps: await list('/Apps'),
    roles: await list('/AppRoles'),
    grants: await list('/Grants'),
    users: await list('/Users'),
    groups: await list('/Groups'),
    claims: await list('/CustomClaims'),
    certificates: await list('/OAuthClientCertificates'),
    authorities: await list('/OAuthPartnerCertificates'),
    settings,
  }
}

const builtInId = 'IDCSAppId'

/** How ids are called. */
export interface DomainNames {
  readonly app: (id: string) => string | undefined
  readonly user: (id: string) => string | undefined
  /** Roles that somebody holds: the name of who defines them, and theirs. */
  readonly rolesOf: (
    granteeId: string,
  ) => readonly { readonly api: string; readonly role: string }[]
  readonly definedBy: (appId: string) => readonly Json[]
}

const inside = (resource: Json, name: string, member: string): string => {
  const value = resource[name]
  return typeof value === 'object' && value !== null ? textOf(value as Json, member) : ''
}

const gather = <Value>(pairs: Iterable<readonly [string, Value]>): Map<string, Value[]> => {
  const lists = new Map<string, Value[]>()
  for (const [key, value] of pairs) {
    const list = lists.get(key)
    if (list === undefined) lists.set(key, [value])
    else list.push(value)
  }
  return lists
}

export const namesOfDomain = (domain: WholeDomain): DomainNames => {
  const apps = new Map(domain.apps.map((app) => [textOf(app, 'id'), textOf(app, 'displayName')]))
  const users = new Map(domain.users.map((user) => [textOf(user, 'id'), textOf(user, 'userName')]))
  const roles = new Map(domain.roles.map((role) => [textOf(role, 'id'), role]))
  const held = gather(
    domain.grants.flatMap((grant) => {
      const role = roles.get(inside(grant, 'entitlement', 'attributeValue'))
      const api = apps.get(inside(grant, 'app', 'value'))
      if (role === undefined || api === undefined) return []
      const found = { api, role: textOf(role, 'displayName') }
      return [[inside(grant, 'grantee', 'value'), found] as const]
    }),
  )
  const defined = gather(domain.roles.map((role) => [inside(role, 'app', 'value'), role] as const))
  return {
    app: (id) => apps.get(id),
    user: (id) => users.get(id),
    rolesOf: (id) => held.get(id) ?? [],
    definedBy: (id) => defined.get(id) ?? [],
  }
}

/** The built-in application is part of every domain: it is named, and not declared. */
export const declaredApps = ({ apps }: WholeDomain): readonly Json[] =>
  apps.filter((app) => textOf(app, 'id') !== builtInId)

/** Members of a group by type, as ids. */
export const membersOf = (group: Json, type: 'User' | 'App'): readonly string[] =>
  listOf(group, 'members')
    .filter((member) => textOf(member, 'type') === type)
    .map((member) => textOf(member, 'value'))
