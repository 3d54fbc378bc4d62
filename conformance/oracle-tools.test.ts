/**
 * The requests of tools that were written for identity domains, in their order and with their
 * habits: a migration between domains, a creator of clients, an infrastructure provider.
 */
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { appSchema } from './kit/administration.ts'
import { makeCertificate, nameOf } from './kit/certificate.ts'
import { type Answer, basic, form, formHeaders, send } from './kit/http.ts'
import { says } from './kit/scim-attribute-rules.ts'
import { useMintmark } from './kit/start-domain.ts'
import { tokenPath } from './kit/test-domain.ts'

type Json = Readonly<Record<string, unknown>>
const domain = await useMintmark()
const core = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const messages = 'urn:ietf:params:scim:api:messages:2.0:'
const template = { value: 'CustomWebAppTemplateId' }

/** A request with the content type that a tool always sends, on GET and DELETE too. */
const speaker =
  (contentType: string) =>
  (method: string, path: string, body?: unknown): Promise<Answer> =>
    send({
      url: `${domain.url}/admin/v1${path}`,
      method,
      headers: { authorization: `Bearer ${domain.admin.token}`, 'content-type': contentType },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })

const listOf = (answer: Answer): readonly Json[] => {
  equal(answer.status, 200, answer.text)
  return (answer.json?.['Resources'] ?? []) as readonly Json[]
}

/** The objects of a list among the members of a resource. */
const objectsOf = (record: Json | null | undefined, name: string): readonly Json[] =>
  (record?.[name] ?? []) as readonly Json[]

const tokenFor = (clientId: string, secret: string, scope: string): Promise<Answer> =>
  send({
    url: domain.url + tokenPath,
    headers: formHeaders({ authorization: basic(clientId, secret) }),
    body: form({ grant_type: 'client_credentials', scope }),
  })

const resource = (displayName: string, audience: string, more: Json = {}): Json => ({
  schemas: [appSchema],
  displayName,
  basedOnTemplate: template,
  active: true,
  isOAuthResource: true,
  audience,
  scopes: [{ value: 'urn:opc:resource:consumer::all', description: 'All' }],
  ...more,
})

test('a migration writes an application, its certificate, role and grant in one Bulk', async () => {
  const ask = speaker('application/scim+json')
  const audience = 'https://migrated.example:443'
  const scope = `${audience}urn:opc:resource:consumer::all`
  await ask('POST', '/Apps', resource('Source API', audience))
  const alias = 'migrated'
  const { der } = makeCertificate({ subject: nameOf(['CN', alias]) })
  await domain.admin.uploadCertificate(alias, der)
  await ask('POST', '/Apps', {
    schemas: [appSchema],
    displayName: 'Source client',
    basedOnTemplate: template,
    isOAuthClient: true,
    clientType: 'confidential',
    allowedGrants: ['client_credentials'],
    allowedScopes: [{ fqs: scope }],
  })

  const byName = encodeURIComponent('displayName eq "Source client"')
  const [source] = listOf(await ask('GET', `/Apps?attributeSets=all&count=1000&filter=${byName}`))
  const named = encodeURIComponent(`scopes[fqs eq "${scope}"] or scopes[fqs eq "urn:none"]`)
  const [owner] = listOf(await ask('GET', `/Apps?attributes=scopes&filter=${named}`))
  match(String(owner?.['id']), /^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/)
  const roles = listOf(
    await ask('GET', '/AppRoles?attributes=displayName&filter=app.value+eq+%22IDCSAppId%22'),
  )
  ok(roles.some((each) => each['displayName'] === 'Application Administrator'))

  // What only a server sets goes along as it was read: a POST passes over it.
  const { name: _, ...copied } = source ?? {}
  const answer = await ask('POST', '/Bulk', {
    schemas: [`${messages}BulkRequest`],
    Operations: [
      {
        method: 'POST',
        path: '/Apps',
        bulkId: 'appId0',
        data: { ...copied, displayName: 'Target client', active: true },
      },
      {
        method: 'POST',
        path: '/Apps',
        bulkId: 'appId1',
        data: resource('Target API', 'urn:target:'),
      },
      {
        method: 'PATCH',
        path: '/Apps/bulkId:appId0',
        bulkId: 'certificates0',
        data: {
          schemas: [`${messages}PatchOp`],
          Operations: [
            { op: 'add', path: 'certificates', value: [alias] },
            {
              op: 'add',
              path: 'allowedScopes',
              value: [{ fqs: 'urn:target:urn:opc:resource:consumer::all' }],
            },
          ],
        },
      },
      {
        method: 'POST',
        path: '/AppRoles',
        bulkId: 'roleId0',
        data: {
          schemas: [`${core}AppRole`],
          displayName: 'ServiceInvoker',
          app: { value: 'bulkId:appId1' },
        },
      },
      {
        method: 'POST',
        path: '/Grants',
        bulkId: 'grantId0',
        data: {
          schemas: [`${core}Grant`],
          app: { value: 'bulkId:appId1' },
          entitlement: { attributeName: 'appRoles', attributeValue: 'bulkId:roleId0' },
          grantMechanism: 'ADMINISTRATOR_TO_APP',
          grantee: { value: 'bulkId:appId0', type: 'App' },
        },
      },
    ],
  })
  equal(answer.status, 200, answer.text)
  const done = (answer.json?.['Operations'] ?? []) as readonly Json[]
  const statuses = done.map(({ status }) => status)
  deepEqual(statuses, ['201', '201', '200', '201', '201'], answer.text)
  for (const { status } of done) ok(String(status).startsWith('2'))
  const id = String(done[0]?.['location']).slice(-32)
  const { json: target } = await ask('GET', `/Apps/${id}`)
  equal(target?.['displayName'], 'Target client')
  const [held] = objectsOf(target, 'grantedAppRoles')
  equal(held?.['display'], 'ServiceInvoker')
  const [certificate] = objectsOf(target, 'certificates')
  equal(certificate?.['certAlias'], alias)
  const made = done[0]?.['response'] as Json
  const token = await tokenFor(String(made['name']), String(made['clientSecret']), scope)
  equal(token.status, 200, token.text)
})

test('a creator of clients finds its service, makes a client, grants and deletes', async () => {
  const ask = speaker('application/scim+json')
  const made = await ask(
    'POST',
    '/Apps',
    resource('Data service', 'urn:opc:andc:entitlementid=7', {
      serviceTypeURN: 'ANDC_ServiceEntitlement',
    }),
  )
  equal(made.status, 201, made.text)
  const serviceFilter =
    'filter=serviceTypeURN+eq+%22ANDC_ServiceEntitlement%22+and+isOAuthResource+eq+true'
  const [service] = listOf(await ask('GET', `/Apps?${serviceFilter}`))
  equal(service?.['audience'], 'urn:opc:andc:entitlementid=7')
  const fqs = `${String(service?.['audience'])}urn:opc:resource:consumer::all`
  const role = await ask('POST', '/AppRoles', {
    schemas: [`${core}AppRole`],
    displayName: 'ANDC_FullAccessRole',
    app: { value: service?.['id'] },
  })
  equal(role.status, 201, role.text)
  const body = {
    displayName: 'Data client',
    isOAuthClient: true,
    isOAuthResource: false,
    isUnmanagedApp: true,
    active: true,
    description: 'Reads and writes tables',
    clientType: 'confidential',
    allowedGrants: ['password', 'refresh_token', 'client_credentials'],
    trustScope: 'Explicit',
    allowedScopes: [{ fqs }],
    schemas: [appSchema],
    basedOnTemplate: template,
  }
  const created = await ask('POST', '/Apps', body)
  equal(created.status, 201, created.text)
  const { id, name, clientSecret } = created.json ?? {}
  for (const text of [id, name, clientSecret]) equal(typeof text, 'string')
  equal((await ask('POST', '/Apps', body)).status, 409, 'the name is taken')

  const [found] = listOf(
    await ask('GET', '/AppRoles?filter=displayName+eq+%22ANDC_FullAccessRole%22'),
  )
  const granted = await ask('POST', '/Grants', {
    app: { value: service?.['id'] },
    entitlement: { attributeName: 'appRoles', attributeValue: found?.['id'] },
    grantMechanism: 'ADMINISTRATOR_TO_APP',
    grantee: { value: id, type: 'App' },
    schemas: [`${core}Grant`],
  })
  equal(granted.status, 201, granted.text)
  const [client] = listOf(await ask('GET', '/Apps?filter=displayName+eq+%22Data%20client%22'))
  deepEqual(client?.['allowedGrants'], body.allowedGrants)
  deepEqual(
    objectsOf(client, 'allowedScopes').map((each) => each['fqs']),
    [fqs],
  )
  const [held] = objectsOf(client, 'grantedAppRoles')
  equal(held?.['display'], 'ANDC_FullAccessRole')
  const token = await tokenFor(String(name), String(clientSecret), fqs)
  equal(token.status, 200, token.text)

  equal((await ask('DELETE', `/Apps/${String(id)}`)).status, 400, 'it is active')
  const off = await ask('PUT', `/AppStatusChanger/${String(id)}`, {
    active: false,
    schemas: [`${core}AppStatusChanger`],
  })
  equal(off.status, 200, off.text)
  equal((await ask('DELETE', `/Apps/${String(id)}`)).status, 204)
})

test('an infrastructure provider makes, reads with all sets, and replaces', async () => {
  const ask = speaker('application/json')
  const planned = {
    schemas: [appSchema, `${core}extension:OCITags`],
    displayName: 'Planned',
    basedOnTemplate: { value: 'CustomWebAppTemplateId', wellKnownId: 'CustomWebAppTemplateId' },
    active: true,
    isOAuthClient: true,
    isOAuthResource: true,
    clientType: 'confidential',
    allowedGrants: ['client_credentials'],
    allowedOperations: ['introspect'],
    audience: 'https://planned.example/',
    scopes: [{ value: 'one', description: 'One', requiresConsent: false, displayName: 'One' }],
    accessTokenExpiry: 1800,
    tags: [{ key: 'team', value: 'billing' }],
    serviceParams: [{ name: 'size', value: 'small' }],
    isLoginTarget: false,
    showInMyApps: false,
    allUrlSchemesAllowed: false,
    loginMechanism: 'OIDC',
    [`${core}extension:OCITags`]: { freeformTags: [{ key: 'team', value: 'billing' }] },
  }
  const made = await ask('POST', '/Apps?attributeSets=all', planned)
  equal(made.status, 201, made.text)
  const path = `/Apps/${String(made.json?.['id'])}`
  const read = async (): Promise<Json> => (await ask('GET', `${path}?attributeSets=all`)).json ?? {}
  const state = await read()
  const { schemas: _, ...lasting } = planned
  for (const [name, value] of Object.entries(lasting)) {
    ok(says(state[name], value), `${name} is read as ${JSON.stringify(state[name])}`)
  }

  const { allowedOperations: __, ...smaller } = planned
  const put = await ask('PUT', `${path}?attributeSets=all`, { ...smaller, description: 'Changed' })
  equal(put.status, 200, put.text)
  const after = await read()
  equal(after['description'], 'Changed')
  deepEqual(after['allowedOperations'] ?? [], [])
  deepEqual(after['grantedAppRoles'] ?? [], state['grantedAppRoles'] ?? [])

  const role = await ask('POST', '/AppRoles', {
    schemas: [`${core}AppRole`],
    displayName: 'Planned role',
    app: { value: made.json?.['id'] },
    availableToUsers: false,
    availableToClients: true,
    availableToGroups: false,
    adminRole: false,
    public: false,
  })
  equal(role.status, 201, role.text)
  const grant = {
    schemas: [`${core}Grant`],
    grantMechanism: 'ADMINISTRATOR_TO_APP',
    grantee: { type: 'App', value: made.json?.['id'] },
    app: { value: made.json?.['id'] },
    entitlement: { attributeName: 'appRoles', attributeValue: role.json?.['id'] },
  }
  const given = await ask('POST', '/Grants?attributeSets=all', grant)
  equal(given.status, 201, given.text)
  const kept = await ask('GET', `/Grants/${String(given.json?.['id'])}?attributeSets=all`)
  deepEqual(kept.json?.['entitlement'], grant.entitlement)
  ok(String(kept.json?.['compositeKey']))
  const others = encodeURIComponent('id ne "IDCSAppId"')
  const apps = listOf(await ask('GET', `/Apps?filter=${others}&startIndex=1&count=50`))
  ok(!apps.some((each) => each['id'] === 'IDCSAppId'))
  equal((await ask('DELETE', `/Grants/${String(given.json?.['id'])}`)).status, 204)
  equal((await ask('DELETE', `/AppRoles/${String(role.json?.['id'])}`)).status, 204)
  const forced = await ask('DELETE', `${path}?forceDelete=true`)
  equal(forced.status, 400, 'an active application stays, force or not')
})
