import type { GranteeType, GrantRecord, PersonRecord, RoleRecord } from '../server/records.ts'
import { itemsOf, list, quoted } from '../server/scim.ts'

/** Somebody who holds an administrator role. */
export interface Administrator {
  readonly grant: GrantRecord
  readonly role: RoleRecord
  readonly type: GranteeType
  readonly name: string
}

export interface Administrators {
  readonly roles: readonly RoleRecord[]
  readonly grants: readonly GrantRecord[]
  readonly holders: readonly Administrator[]
  /** More than are listed here. */
  readonly total: number
}

const shownMax = 500
const idsAtOnce = 40
const resources = { App: 'Apps', User: 'Users', Group: 'Groups' } as const

const anyOf = (name: string, values: readonly string[]): string =>
  values.map((value) => `${name} eq ${quoted(value)}`).join(' or ')

const readRoles = async (): Promise<readonly RoleRecord[]> => {
  const filter = 'app.value eq "IDCSAppId" and adminRole eq true'
  return itemsOf(await list<RoleRecord>('AppRoles', { filter, count: 100 }))
}

/** Names by id; whoever may not read them sees ids. */
const readNames = async (
  type: GranteeType,
  grants: readonly GrantRecord[],
): Promise<readonly (readonly [string, string])[]> => {
  const ids = [
    ...new Set(grants.filter(({ grantee }) => grantee.type === type).map((g) => g.grantee.value)),
  ]
  const names: (readonly [string, string])[] = []
  for (let start = 0; start < ids.length; start += idsAtOnce) {
    const filter = anyOf('id', ids.slice(start, start + idsAtOnce))
    const attributes = type === 'User' ? 'userName' : 'displayName'
    const found = await list<PersonRecord>(resources[type], {
      filter,
      attributes,
      count: idsAtOnce,
    }).catch(() => null)
    for (const { id, userName, displayName } of found === null ? [] : itemsOf(found)) {
      names.push([id, userName ?? displayName ?? id])
    }
  }
  return names
}

/** Who holds which administrator role by a grant of its own, in the order of names. */
export const readAdministrators = async (): Promise<Administrators> => {
  const roles = await readRoles()
  const listing = await list<GrantRecord>('Grants', {
    filter: anyOf(
      'entitlement.attributeValue',
      roles.map(({ id }) => id),
    ),
    count: shownMax,
  })
  const grants = itemsOf(listing)
  const types = ['App', 'User', 'Group'] as const
  const names = new Map((await Promise.all(types.map((type) => readNames(type, grants)))).flat())
  const holders = grants.flatMap((grant) => {
    const role = roles.find(({ id }) => id === grant.entitlement.attributeValue)
    const { type, value } = grant.grantee
    return role === undefined ? [] : [{ grant, role, type, name: names.get(value) ?? value }]
  })
  return {
    roles,
    grants,
    holders: holders.toSorted((a, b) => a.name.localeCompare(b.name)),
    total: listing.totalResults,
  }
}
