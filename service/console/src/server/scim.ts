import {
  type AppRecord,
  type GranteeType,
  type GrantRecord,
  type RoleRecord,
  regeneratorExtension,
  regeneratorSchema,
} from './records.ts'
import { type Answer, type Json, send } from './request.ts'

export interface Listing<Item> {
  readonly totalResults: number
  readonly Resources?: readonly Item[]
}

export interface Search {
  readonly filter?: string
  readonly sortBy?: string
  /** From 1. */
  readonly startIndex?: number
  readonly count?: number
  readonly attributes?: string
}

/** A string as SCIM filters write it. */
export const quoted = (text: string): string => JSON.stringify(text)

export const list = async <Item>(resource: string, search: Search): Promise<Listing<Item>> => {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== '') query.set(name, String(value))
  }
  return (await send<Listing<Item>>('GET', `/admin/v1/${resource}?${query}`)).body
}

export const itemsOf = <Item>(listing: Listing<Item>): readonly Item[] => listing.Resources ?? []

/** APIs that somebody has added: all but the server's own. */
export const countApis = async (): Promise<number> => {
  const filter = 'isOAuthResource eq true and not (id eq "IDCSAppId")'
  return (await list<AppRecord>('Apps', { filter, count: 0 })).totalResults
}

const appPath = (id: string): string => `/admin/v1/Apps/${encodeURIComponent(id)}`

/** With its tags, which are told on request only. */
export const readApp = (id: string): Promise<Answer<AppRecord>> =>
  send<AppRecord>('GET', `${appPath(id)}?attributeSets=default&attributes=tags`)

export const createApp = async (body: Json): Promise<AppRecord> =>
  (await send<AppRecord>('POST', '/admin/v1/Apps', body)).body

export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove'
  readonly path: string
  readonly value?: unknown
}

/** @param version the ETag that was read: somebody else's newer change is not overwritten */
export const patchApp = (
  id: string,
  operations: readonly PatchOperation[],
  version: string | null,
): Promise<Answer<AppRecord>> =>
  send<AppRecord>(
    'PATCH',
    appPath(id),
    { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations },
    version,
  )

export const deleteApp = (id: string) => send('DELETE', appPath(id))

export const setActive = (id: string, active: boolean) =>
  send('PUT', `/admin/v1/AppStatusChanger/${encodeURIComponent(id)}`, {
    schemas: ['urn:ietf:params:scim:schemas:oracle:idcs:AppStatusChanger'],
    active,
  })

/** A new secret; the answer is the only place where it is ever seen. */
export const regenerateSecret = async (appId: string, overlapSeconds: number): Promise<string> => {
  const { body } = await send<{ clientSecret: string }>(
    'POST',
    '/admin/v1/AppClientSecretRegenerator',
    {
      schemas: [regeneratorSchema, regeneratorExtension],
      appId,
      [regeneratorExtension]: { overlapSeconds },
    },
  )
  return body.clientSecret
}

/** Ends one secret now. @param id of the secret */
export const revokeSecret = (id: string) =>
  send('DELETE', `/admin/v1/AppClientSecretRegenerator/${encodeURIComponent(id)}`)

export const createRole = async (body: Json): Promise<RoleRecord> =>
  (await send<RoleRecord>('POST', '/admin/v1/AppRoles', body)).body

export const assignRole = (role: RoleRecord, type: GranteeType, granteeId: string) =>
  send('POST', '/admin/v1/Grants', {
    schemas: ['urn:ietf:params:scim:schemas:oracle:idcs:Grant'],
    grantMechanism:
      type === 'App' ? 'ADMINISTRATOR_TO_APP' : `ADMINISTRATOR_TO_${type.toUpperCase()}`,
    app: { value: role.app.value },
    entitlement: { attributeName: 'appRoles', attributeValue: role.id },
    grantee: { type, value: granteeId },
  })

export const listGrants = async (roleId: string): Promise<readonly GrantRecord[]> =>
  itemsOf(
    await list<GrantRecord>('Grants', {
      filter: `entitlement.attributeValue eq ${quoted(roleId)}`,
      count: 200,
    }),
  )

export const listGrantsOf = async (granteeId: string): Promise<readonly GrantRecord[]> =>
  itemsOf(
    await list<GrantRecord>('Grants', {
      filter: `grantee.value eq ${quoted(granteeId)}`,
      count: 200,
    }),
  )

export const removeGrant = (id: string) =>
  send('DELETE', `/admin/v1/Grants/${encodeURIComponent(id)}`)
