import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  apiBody,
  appExtension,
  clientBody,
  type ExampleServer,
  openExampleServer,
} from './example-server.ts'

const idcs = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const extension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:Bulk'
const schemas = ['urn:ietf:params:scim:api:messages:2.0:BulkRequest']
const orders = apiBody('Orders', 'https://orders.example/', ['orders.read'])

/** An API, its role, a client and the grant: each names what came before by its bulkId. */
const setup = [
  { method: 'POST', path: '/Apps', bulkId: 'orders', data: orders },
  {
    method: 'POST',
    path: '/AppRoles',
    bulkId: 'reader',
    data: { schemas: [`${idcs}AppRole`], displayName: 'Reader', app: { value: 'bulkId:orders' } },
  },
  {
    method: 'POST',
    path: '/Apps',
    bulkId: 'billing',
    data: clientBody('Billing', {
      allowedScopes: [{ fqs: 'https://orders.example/orders.read' }],
      [appExtension]: { defaultResourceServer: 'bulkId:orders' },
    }),
  },
  {
    method: 'POST',
    path: '/Grants',
    bulkId: 'grant',
    data: {
      schemas: [`${idcs}Grant`],
      app: { value: 'bulkId:orders' },
      entitlement: { attributeName: 'appRoles', attributeValue: 'bulkId:reader' },
      grantMechanism: 'ADMINISTRATOR_TO_APP',
      grantee: { value: 'bulkId:billing', type: 'App' },
    },
  },
  {
    method: 'PUT',
    path: '/AppStatusChanger/bulkId:billing',
    data: { schemas: [`${idcs}AppStatusChanger`], active: true },
  },
]
const broken = { method: 'POST', path: '/Apps', bulkId: 'bad', data: clientBody('Billing') }

const bulk = (server: ExampleServer, operations: readonly unknown[], more: object = {}) =>
  server.call('POST', '/Bulk', { schemas, Operations: operations, ...more })

const totals = (server: ExampleServer) =>
  server.read(async (transaction) => {
    const page = { startIndex: 1, count: 0 }
    const apps = await transaction.listApplications({}, page)
    const grants = await transaction.listGrants({}, page)
    return [apps.total, grants.total]
  })

const statuses = (body: { Operations: readonly { status: string }[] }) =>
  body.Operations.map(({ status }) => status)

test('RFC 7644 §3.7: operations refer to each other, and the secret is shown once', async () => {
  await using server = await openExampleServer()
  const { status, body } = await bulk(server, setup, { [extension]: { atomic: true } })
  assert.equal(status, 200, JSON.stringify(body))
  assert.deepEqual(statuses(body), ['201', '201', '201', '201', '200'])
  assert.match(body.Operations[2].response.clientSecret, /^mms_/)
  assert.match(body.Operations[2].location, /\/admin\/v1\/Apps\/[0-9a-f]{32}$/)
  const id = body.Operations[2].response.id
  const app = await server.call('GET', `/Apps/${id}`)
  assert.equal(app.body.active, true)
  assert.equal(app.body.grantedAppRoles[0].display, 'Reader')
  assert.equal(app.body[appExtension].defaultResourceServer, body.Operations[0].response.id)
  assert.equal((await server.events()).length, 5)
})

test('atomic: a fault at the end leaves nothing of what came before, and is named', async () => {
  await using server = await openExampleServer()
  const { status, body } = await bulk(server, [...setup, broken], { [extension]: { atomic: true } })
  assert.equal(status, 409)
  assert.match(
    body.detail,
    /^Operations\[5\] \(POST \/Apps, bulkId bad\): There is an application "Billing"/,
  )
  assert.match(body.detail, /Nothing was changed\.$/)
  assert.equal(body[extension].failedOperation, 5)
  assert.deepEqual(await totals(server), [1, 0])
  assert.deepEqual(await server.events(), [])
})

test('without atomic every operation stands for itself', async () => {
  await using server = await openExampleServer()
  const { status, body } = await bulk(server, [...setup, broken, { ...setup[1], bulkId: 'again' }])
  assert.equal(status, 200)
  assert.deepEqual(statuses(body), ['201', '201', '201', '201', '200', '409', '409'])
  assert.equal(body.Operations[5].response.status, '409')
  assert.deepEqual(await totals(server), [3, 1])
})

test('RFC 7644 §3.7.3: failOnErrors ends the request, what was done stays', async () => {
  await using server = await openExampleServer()
  const operations = [broken, { ...broken, bulkId: 'b' }, { ...broken, bulkId: 'c' }, ...setup]
  const { body } = await bulk(server, operations, { failOnErrors: 1 })
  assert.deepEqual(statuses(body), ['201', '409'])
  assert.deepEqual(await totals(server), [2, 0])
})

test('a dry run decides everything, keeps nothing and shows no secret', async () => {
  await using server = await openExampleServer()
  const { status, body } = await bulk(server, setup, {
    [extension]: { atomic: true, dryRun: true },
  })
  assert.equal(status, 200)
  assert.deepEqual(statuses(body), ['201', '201', '201', '201', '200'])
  assert.equal(body.Operations[2].response.clientSecret, undefined)
  assert.deepEqual(body[extension], { atomic: true, dryRun: true })
  assert.deepEqual(await totals(server), [1, 0])
})

test('what an operation cannot be', async () => {
  await using server = await openExampleServer()
  const rows: readonly [unknown, string][] = [
    [{ ...broken, path: '/Bulk' }, '404'],
    [{ ...broken, path: '/Apps/bulkId:nobody', method: 'DELETE' }, '400'],
    [{ ...broken, path: '/Nothing' }, '404'],
    [{ method: 'PATCH', path: '/Apps/x', data: {} }, '404'],
    [{ ...broken, path: '/Apps/.search', data: {} }, '400'],
    [{ ...broken, data: null }, '400'],
    [{ method: 'DELETE', path: '/Apps/IDCSAppId' }, '403'],
    [{ method: 'DELETE', path: '/Apps/x', version: '"y"' }, '404'],
  ]
  for (const [operation, status] of rows) {
    const { body } = await bulk(server, [operation])
    assert.deepEqual(statuses(body), [status], JSON.stringify(operation))
  }
  assert.equal((await bulk(server, Array(1001).fill(broken))).status, 413)
  assert.deepEqual(await totals(server), [1, 0])
})

test('chosen secrets in a Bulk are digested each for its own operation', async () => {
  await using server = await openExampleServer()
  const withSecret = (name: string, secret: string) => ({
    method: 'POST',
    path: '/Apps',
    bulkId: name,
    data: clientBody(name, { [appExtension]: { secret } }),
  })
  const { body } = await bulk(server, [
    withSecret('A', 'first secret'),
    withSecret('B', 'second secret'),
  ])
  assert.deepEqual(statuses(body), ['201', '201'])
  const digests = await server.read(async (transaction) => {
    const found = body.Operations.map(({ response }: { response: { id: string } }) =>
      transaction.listSecrets(response.id),
    )
    return (await Promise.all(found)).map(([secret]) => secret.digest)
  })
  assert.equal(new Set(digests).size, 2)
})

test('a thousand applications in one request', async () => {
  await using server = await openExampleServer()
  const operations = Array.from({ length: 1000 }, (_, at) => ({
    method: 'POST',
    path: '/Apps',
    bulkId: `app${at}`,
    data: clientBody(`app-${at}`),
  }))
  const { body } = await bulk(server, operations, { [extension]: { atomic: true } })
  assert.equal(statuses(body).filter((status) => status === '201').length, 1000)
  assert.deepEqual(await totals(server), [1001, 0])
})

test('what is remembered of resource servers within a Bulk stays true', async () => {
  await using server = await openExampleServer()
  const api = (values: readonly string[]) => apiBody('Late', 'https://late.example/', values)
  const client = (name: string, scope: string) =>
    clientBody(name, { allowedScopes: [{ fqs: `https://late.example/${scope}` }] })
  const post = (bulkId: string, data: object) => ({ method: 'POST', path: '/Apps', bulkId, data })
  const { body } = await bulk(server, [
    post('early', client('Early', 'a')),
    post('api', api(['a', 'b'])),
    post('first', client('First', 'a')),
    { method: 'PUT', path: '/Apps/bulkId:api', data: api(['a', 'c']) },
    post('gone', client('Gone', 'b')),
    post('new', client('New', 'c')),
    post('again', { ...api(['a']), displayName: 'Same audience' }),
  ])
  assert.deepEqual(statuses(body), ['400', '201', '201', '200', '400', '201', '409'])
  const [, made, first] = body.Operations
  const app = await server.call('GET', new URL(first.location).pathname.slice('/admin/v1'.length))
  assert.equal(app.body.allowedScopes[0].idOfDefiningApp, made.location.split('/').at(-1))
})

test('every operation is on record by itself, also beside a refused one', async () => {
  await using server = await openExampleServer()
  const clients = Array.from({ length: 130 }, (_, at) => ({
    method: 'POST',
    path: '/Apps',
    bulkId: `client${at}`,
    data: clientBody(`Client ${at % 129}`),
  }))
  const { status, body } = await bulk(server, clients)
  assert.equal(status, 200, JSON.stringify(body))
  assert.deepEqual(statuses(body), [...Array(129).fill('201'), '409'])
  const events = await server.events()
  assert.deepEqual(
    events.map(({ action, object }) => [action, String(object).split(' ').slice(1).join(' ')]),
    Array.from({ length: 129 }, (_, at) => ['application.create', `Client ${at}`]),
  )
})

test('scopes under a secondary audience are found, beside APIs that were not read', async () => {
  await using server = await openExampleServer()
  const api = { ...orders, secondaryAudiences: ['urn:Orders:'] }
  const { body: made } = await server.call('POST', '/Apps', api)
  await server.call('POST', '/Apps', apiBody('Stock', 'https://stock.example/', ['stock.read']))
  const client = clientBody('Billing', {
    allowedScopes: [{ fqs: 'urn:Orders:orders.read' }, { fqs: 'https://stock.example/stock.read' }],
  })
  const { status, body } = await server.call('POST', '/Apps', client)
  assert.equal(status, 201, JSON.stringify(body))
  assert.equal(body.allowedScopes[0].idOfDefiningApp, made.id)
  const strange = clientBody('Other', { allowedScopes: [{ fqs: 'urn:orders:orders.read' }] })
  assert.equal((await server.call('POST', '/Apps', strange)).status, 400, 'its case counts')
})
