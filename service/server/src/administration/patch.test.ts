import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  apiBody,
  appExtension,
  clientBody,
  type ExampleServer,
  openExampleServer,
} from './example-server.ts'

const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const orders = apiBody('Orders', 'https://orders.example/', ['orders.read', 'orders.write'])

const patchBody = (...Operations: readonly object[]) => ({ schemas: [patchOp], Operations })

const patch = (server: ExampleServer, path: string, ...operations: readonly object[]) =>
  server.call('PATCH', path, patchBody(...operations))

test('RFC 7644 §3.5.2: attributes, values of lists, extensions', async () => {
  await using server = await openExampleServer()
  const { body: api } = await server.call('POST', '/Apps', orders)
  const path = `/Apps/${api.id}`
  const one = await patch(server, path, {
    op: 'REPLACE',
    path: 'description',
    value: 'All of them',
  })
  assert.equal(one.status, 200, one.body.detail)
  assert.equal(one.body.description, 'All of them')
  assert.equal(one.body.audience, 'https://orders.example/')
  assert.notEqual(one.body.meta.version, api.meta.version)
  assert.equal(one.headers['etag'], `"${one.body.meta.version}"`)
  const more = await patch(
    server,
    path,
    { op: 'add', path: 'scopes', value: [{ value: 'orders.delete' }] },
    { op: 'replace', path: 'scopes[value eq "orders.read"].description', value: 'Look' },
    { op: 'add', value: { displayName: 'Orders 2', [`${appExtension}:tokenProfile`]: 'rfc9068' } },
    { op: 'remove', path: 'description' },
  )
  assert.equal(more.status, 200, more.body.detail)
  assert.deepEqual(
    more.body.scopes.map((each: { value: string; description?: string }) => [
      each.value,
      each.description,
    ]),
    [
      ['orders.read', 'Look'],
      ['orders.write', undefined],
      ['orders.delete', undefined],
    ],
  )
  assert.equal(more.body.displayName, 'Orders 2')
  assert.equal(more.body.description, undefined)
  assert.equal(more.body[appExtension].tokenProfile, 'rfc9068')
  const read = await server.call('GET', path)
  assert.deepEqual(read.body, more.body)
  const same = await patch(server, path, { op: 'replace', path: 'displayName', value: 'Orders 2' })
  assert.equal(same.body.meta.version, read.body.meta.version, 'nothing changed')
  const narrow = await server.call(
    'PATCH',
    path,
    patchBody({ op: 'replace', path: 'active', value: true }),
    { query: { attributes: 'active' } },
  )
  assert.equal(narrow.body.active, true)
  assert.equal(narrow.body.scopes, undefined)
})

test('two attributes that say the same: a PATCH of either is about both', async () => {
  await using server = await openExampleServer()
  const { body: api } = await server.call('POST', '/Apps', {
    ...orders,
    secondaryAudiences: ['https://a.example/'],
  })
  const path = `/Apps/${api.id}`
  const key = 'protectableSecondaryAudiences'
  const b = { op: 'add', path: key, value: [{ value: 'https://b.example/' }] }
  const added = await patch(server, path, b)
  assert.deepEqual(added.body.secondaryAudiences, ['https://a.example/', 'https://b.example/'])
  const old = await patch(server, path, {
    op: 'replace',
    path: 'secondaryAudiences',
    value: ['https://c.example/'],
  })
  assert.deepEqual(old.body[key], [{ value: 'https://c.example/' }])
  const none = await patch(server, path, { op: 'remove', path: key })
  assert.equal(none.status, 200, none.body.detail)
  assert.deepEqual(none.body.secondaryAudiences ?? [], [])
})

test('every rule of PUT holds for PATCH, and nothing is half done', async () => {
  await using server = await openExampleServer()
  const { body: api } = await server.call('POST', '/Apps', orders)
  const fqs = 'https://orders.example/orders.read'
  const { body: app } = await server.call(
    'POST',
    '/Apps',
    clientBody('Billing', { active: true, allowedScopes: [{ fqs }] }),
  )
  const replace = (path: string, value: unknown) => ({ op: 'replace', path, value })
  const rows: readonly [string, object, number, string][] = [
    [api.id, replace('displayName', 'Billing'), 409, 'VALUE_TAKEN'],
    [api.id, { op: 'remove', path: 'scopes[value eq "orders.read"]' }, 400, 'SCOPE_IN_USE'],
    [api.id, { op: 'remove', path: 'audience' }, 400, 'ATTRIBUTE_MISSING'],
    [api.id, { op: 'remove', path: 'displayName' }, 400, 'ATTRIBUTE_MISSING'],
    [app.id, replace('name', 'other'), 400, 'ATTRIBUTE_IMMUTABLE'],
    [app.id, replace('id', 'x'), 400, 'ATTRIBUTE_READ_ONLY'],
    [app.id, replace('meta.version', 'x'), 400, 'ATTRIBUTE_READ_ONLY'],
    [app.id, replace('clientSecret', 'x'), 400, 'ATTRIBUTE_READ_ONLY'],
    [app.id, replace(`${appExtension}:secret`, 'long enough'), 400, 'ATTRIBUTE_READ_ONLY'],
    [app.id, replace(`${appExtension}:secrets`, []), 400, 'ATTRIBUTE_READ_ONLY'],
    [app.id, replace('clientType', 'public'), 400, 'CLIENT_TYPE_REFUSED'],
    [app.id, replace('clientType', 'secret'), 400, 'VALUE_INVALID'],
    [app.id, replace('active', 'yes'), 400, 'ATTRIBUTE_TYPE_WRONG'],
    [app.id, replace('allowedScopes', [{ fqs: 'https://x/y' }]), 400, 'REFERENCE_UNKNOWN'],
    [app.id, replace('nonsense', 1), 400, 'ATTRIBUTE_UNKNOWN'],
    [app.id, replace('__proto__', { polluted: 1 }), 400, 'ATTRIBUTE_UNKNOWN'],
    [app.id, replace('constructor.prototype', 1), 400, 'ATTRIBUTE_UNKNOWN'],
    [
      app.id,
      { op: 'add', value: JSON.parse('{"__proto__":{"polluted":1}}') },
      400,
      'ATTRIBUTE_UNKNOWN',
    ],
    [app.id, replace('allowedScopes[fqs eq "none"].fqs', 'x'), 400, 'PATCH_NO_TARGET'],
    [app.id, replace('allowedScopes[', 'x'), 400, 'PATCH_PATH_INVALID'],
    [app.id, { op: 'remove' }, 400, 'PATCH_NO_TARGET'],
    [app.id, { op: 'move', path: 'x' }, 400, 'PATCH_MALFORMED'],
    ['0'.repeat(32), replace('displayName', 'x'), 404, 'RESOURCE_NOT_FOUND'],
  ]
  for (const [id, operation, status, reason] of rows) {
    const before = await server.call('GET', `/Apps/${id}`)
    const name = JSON.stringify(operation)
    // something right in front of it: it is not kept either
    const first = replace('description', 'half done')
    const answer = await patch(server, `/Apps/${id}`, first, operation)
    const said = answer.body['urn:ietf:params:scim:api:oracle:idcs:extension:messages:Error']
    assert.deepEqual([said?.additionalData.reason, answer.status], [reason, status], name)
    assert.deepEqual((await server.call('GET', `/Apps/${id}`)).body, before.body, name)
  }
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
})

test('If-Match guards a PATCH; a role that only reads cannot', async () => {
  await using server = await openExampleServer()
  const { body: api } = await server.call('POST', '/Apps', orders)
  const body = patchBody({ op: 'replace', path: 'description', value: 'x' })
  const stale = await server.call('PATCH', `/Apps/${api.id}`, body, {
    headers: { 'if-match': '"0"' },
  })
  assert.equal(stale.status, 412)
  const fresh = { 'if-match': `"${api.meta.version}"` }
  assert.equal(
    (await server.call('PATCH', `/Apps/${api.id}`, body, { headers: fresh })).status,
    200,
  )
  const again = await server.call('PATCH', `/Apps/${api.id}`, body, { headers: fresh })
  assert.equal(again.status, 412)
  const roles = ['Audit Administrator']
  assert.equal((await server.call('PATCH', `/Apps/${api.id}`, body, { roles })).status, 401)
})

test('a grant and a certificate have no PATCH; Settings and AppRoles have', async () => {
  await using server = await openExampleServer()
  const grant = await patch(server, '/Grants/x', { op: 'remove', path: 'app' })
  assert.equal(grant.status, 405)
  assert.equal(grant.headers['allow'], 'GET, HEAD, DELETE')
  const settings = await patch(server, '/Settings/Settings', {
    op: 'replace',
    path: 'signingCertPublicAccess',
    value: true,
  })
  assert.equal(settings.status, 200, settings.body.detail)
  assert.equal(settings.body.signingCertPublicAccess, true)
  const { body: api } = await server.call('POST', '/Apps', orders)
  const { body: role } = await server.call('POST', '/AppRoles', {
    schemas: ['urn:ietf:params:scim:schemas:oracle:idcs:AppRole'],
    displayName: 'Writer',
    app: { value: api.id },
  })
  const path = `/AppRoles/${role.id}`
  const named = await patch(server, path, { op: 'add', path: 'description', value: 'Writes' })
  assert.equal(named.body.description, 'Writes', named.body.detail)
  const other = await patch(server, path, { op: 'replace', path: 'displayName', value: 'X' })
  assert.equal(other.status, 400)
  const lost = await patch(server, path, { op: 'add', path: 'legacyGroupName', value: 'X' })
  assert.match(lost.body.detail, /not kept/)
})

test('PATCH in a Bulk, on what the Bulk itself has made', async () => {
  await using server = await openExampleServer()
  const { body } = await server.call('POST', '/Bulk', {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
    Operations: [
      { method: 'POST', path: '/Apps', bulkId: 'api', data: orders },
      { method: 'POST', path: '/Apps', bulkId: 'app', data: clientBody('Billing') },
      {
        method: 'PATCH',
        path: '/Apps/bulkId:app',
        data: patchBody({
          op: 'add',
          path: 'allowedScopes',
          value: [{ fqs: 'https://orders.example/orders.read' }],
        }),
      },
      {
        method: 'PATCH',
        path: '/Apps/bulkId:app',
        data: patchBody({
          op: 'add',
          path: `${appExtension}:defaultResourceServer`,
          value: 'bulkId:api',
        }),
      },
    ],
  })
  assert.deepEqual(
    body.Operations.map((each: { status: string }) => each.status),
    ['201', '201', '200', '200'],
    JSON.stringify(body.Operations.at(-1)),
  )
  const id = body.Operations[1].location.split('/').at(-1)
  const app = await server.call('GET', `/Apps/${id}`)
  assert.equal(app.body.allowedScopes[0].fqs, 'https://orders.example/orders.read')
  const api = body.Operations[0].location.split('/').at(-1)
  assert.equal(app.body[appExtension].defaultResourceServer, api)
})
