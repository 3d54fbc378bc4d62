/** Roles, grants, people and settings through Oracle's SDK. */
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import sdk, { type models } from 'oci-identitydomains'
import {
  assertRefusedBySdk,
  clientApp,
  patchOf,
  resourceApp,
  type SdkOperation,
  useOracleSdk,
} from './kit/oracle-sdk.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const { client, bearer, createApp } = useOracleSdk(domain)
const { AttributeSets } = sdk.models
const core = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const api = await createApp(resourceApp('Rights API', 'https://rights.example/'))

const createRole = async (displayName: string, more: Partial<models.AppRole> = {}) => {
  const appRole: models.AppRole = {
    schemas: [`${core}AppRole`],
    displayName,
    app: { value: api.id },
    ...more,
  }
  const made = await client.createAppRole({ appRole, ...bearer })
  return made.appRole as models.AppRole & { readonly id: string }
}

const grantOf = (
  roleId: string,
  type: 'App' | 'User' | 'Group',
  granteeId: string,
  appId = api.id,
): models.Grant => ({
  schemas: [`${core}Grant`],
  app: { value: appId },
  entitlement: { attributeName: 'appRoles', attributeValue: roleId },
  grantMechanism: `ADMINISTRATOR_TO_${type.toUpperCase()}` as models.Grant.GrantMechanism,
  grantee: { value: granteeId, type: type as models.GrantGrantee.Type },
})

const createGrant = async (grant: models.Grant) =>
  (await client.createGrant({ grant, ...bearer })).grant as models.Grant & { readonly id: string }

test('a role is made, found, changed where it may be, and ended', async () => {
  const role = await createRole('Reader', { description: 'Reads' })
  equal(role.uniqueName, `${api.id}_Reader`)
  equal(role.app.display, 'Rights API')
  const appRoleId = role.id
  const listed = await client.listAppRoles({
    ...bearer,
    filter: `app.value eq "${api.id}" and displayName eq "reader"`,
  })
  equal(listed.appRoles.resources?.[0]?.id, appRoleId)
  const { appRole } = await client.getAppRole({ appRoleId, ...bearer, attributes: 'description' })
  deepEqual([appRole.displayName, appRole.description], ['Reader', 'Reads'])
  deepEqual([appRole.app.value, appRole.app.ref, appRole.public], [api.id, undefined, undefined])
  const patched = await client.patchAppRole({
    appRoleId,
    ...bearer,
    patchOp: patchOf({ op: 'REPLACE', path: 'description', value: 'Reads all' }),
  })
  equal(patched.appRole.description, 'Reads all')
  for (const [path, value] of [
    ['displayName', 'Other'],
    ['adminRole', true],
    ['uniqueName', 'x'],
  ]) {
    const patchOp = patchOf({ op: 'REPLACE', path: String(path), value })
    await assertRefusedBySdk(client.patchAppRole({ appRoleId, ...bearer, patchOp }), 400)
  }
  await assertRefusedBySdk(createRole('READER'), 409)
  await client.deleteAppRole({ appRoleId, ...bearer })
  await assertRefusedBySdk(client.getAppRole({ appRoleId, ...bearer }), 404)
})

test('a grant gives a role to an application, and taking it away takes the role away', async () => {
  const role = await createRole('Invoker')
  const { id: appId } = await createApp(clientApp('Holder'))
  const grant = await createGrant(grantOf(role.id, 'App', appId))
  equal(grant.isFulfilled, true)
  equal(grant.grantor?.type, 'App')
  await assertRefusedBySdk(createGrant(grantOf(role.id, 'App', appId)), 409)
  const { app } = await client.getApp({ appId, ...bearer })
  const [held] = app.grantedAppRoles ?? []
  deepEqual(
    [held?.value, held?.display, held?.appId, held?.appName, String(held?.type)],
    [role.id, 'Invoker', api.id, 'Rights API', 'direct'],
  )
  match(held?.ref ?? '', new RegExp(`/admin/v1/AppRoles/${role.id}$`))
  const filter = `grantee.value eq "${appId}" and grantMechanism eq "ADMINISTRATOR_TO_APP"`
  const { grants } = await client.listGrants({
    ...bearer,
    filter,
    attributeSets: [AttributeSets.All],
  })
  deepEqual([grants.totalResults, grants.resources?.[0]?.id], [1, grant.id])
  ok(grants.resources?.[0]?.compositeKey)
  const grantId = grant.id
  equal((await client.getGrant({ grantId, ...bearer })).grant.app?.value, api.id)
  await client.deleteGrant({ grantId, ...bearer })
  await assertRefusedBySdk(client.getGrant({ grantId, ...bearer }), 404)
  const after = await client.getApp({ appId, ...bearer })
  equal(after.app.grantedAppRoles?.length ?? 0, 0)
})

test('references of a grant must exist', async () => {
  const { id: appId } = await createApp(clientApp('Nobody'))
  const role = await createRole('Unreached')
  const none = '0'.repeat(32)
  for (const grant of [
    grantOf(none, 'App', appId),
    grantOf(role.id, 'App', none),
    grantOf(role.id, 'App', appId, none),
    grantOf(role.id, 'User', appId),
  ]) {
    await assertRefusedBySdk(createGrant(grant), 400)
  }
})

const createUser = async (userName: string) => {
  const user: models.User = {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName,
    name: { familyName: 'Example', givenName: userName },
    emails: [
      {
        value: `${userName}@people.example`,
        type: 'work' as models.UserEmails.Type,
        primary: true,
      },
    ],
  }
  const made = await client.createUser({ user, ...bearer })
  return made.user as models.User & { readonly id: string }
}

test('users and groups hold roles, and members come and go by PATCH', async () => {
  const user = await createUser('sdk.ann')
  await assertRefusedBySdk(createUser('SDK.ANN'), 409)
  const { users } = await client.listUsers({ ...bearer, filter: 'emails.value co "sdk.ann@"' })
  equal(users.resources?.[0]?.id, user.id)
  const { group } = await client.createGroup({
    group: { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'SDK group' },
    ...bearer,
  })
  const groupId = group.id ?? ''
  const change = async (...operations: readonly SdkOperation[]) =>
    (
      await client.patchGroup({
        groupId,
        ...bearer,
        patchOp: patchOf(...operations),
        attributes: 'members',
      })
    ).group
  const added = await change({
    op: 'ADD',
    path: 'members',
    value: [{ value: user.id, type: 'User' }],
  })
  deepEqual(
    added.members?.map(({ value, name }) => [value, name]),
    [[user.id, 'sdk.ann']],
  )
  const { user: member } = await client.getUser({
    userId: user.id,
    ...bearer,
    attributes: 'groups',
  })
  equal(member.groups?.[0]?.value, groupId)
  const role = await createRole('Held by people', {
    availableToUsers: true,
    availableToGroups: true,
  })
  await createGrant(grantOf(role.id, 'User', user.id))
  await createGrant(grantOf(role.id, 'Group', groupId))
  const { grants } = await client.listGrants({
    ...bearer,
    filter: `app.value eq "${api.id}" and grantMechanism eq "ADMINISTRATOR_TO_GROUP"`,
  })
  equal(grants.resources?.[0]?.grantee?.value, groupId)
  const { groups } = await client.listGroups({ ...bearer, filter: `members.value eq "${user.id}"` })
  equal(groups.resources?.[0]?.id, groupId)
  const emptied = await change({ op: 'REMOVE', path: `members[value eq "${user.id}"]` })
  equal(emptied.members?.length ?? 0, 0)
  const { user: patched } = await client.patchUser({
    userId: user.id,
    ...bearer,
    patchOp: patchOf({ op: 'REPLACE', path: 'name.familyName', value: 'Changed' }),
  })
  equal(patched.name?.familyName, 'Changed')
  const { user: put } = await client.putUser({ userId: user.id, ...bearer, user: patched })
  equal(put.userName, 'sdk.ann')
})

test('the one Setting is listed, read and changed', async () => {
  const { settings } = await client.listSettings(bearer)
  equal(settings.totalResults, 1)
  const settingId = settings.resources?.[0]?.id ?? ''
  const keys = () => fetch(`${domain.url}/admin/v1/SigningCert/jwk`)
  equal((await keys()).status, 401)
  const { setting } = await client.patchSetting({
    settingId,
    ...bearer,
    patchOp: patchOf({ op: 'REPLACE', path: 'signingCertPublicAccess', value: true }),
  })
  equal(setting.signingCertPublicAccess, true)
  equal((await keys()).status, 200)
  const read = (await client.getSetting({ settingId, ...bearer })).setting
  const changed = { ...read, signingCertPublicAccess: false }
  const { setting: put } = await client.putSetting({ settingId, ...bearer, setting: changed })
  equal(put.signingCertPublicAccess, false)
  equal((await keys()).status, 401)
})

test('the schemas of the domain are listed', async () => {
  const { schemas } = await client.listSchemas(bearer)
  const ids = schemas.resources?.map((each) => (each as { readonly id?: string }).id) ?? []
  for (const name of ['App', 'AppRole', 'Grant', 'OAuthClientCertificate', 'Setting']) {
    ok(ids.includes(`${core}${name}`), name)
  }
})

test('what identity domains have and this server has not is 404', async () => {
  await assertRefusedBySdk(client.listIdentityProviders(bearer), 404)
  await assertRefusedBySdk(client.listResourceTypeSchemaAttributes(bearer), 404)
})
