import 'reflect-metadata'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as x509 from '@peculiar/x509'
import {
  apiBody,
  appExtension,
  clientBody,
  type ExampleServer,
  openExampleServer,
} from './example-server.ts'

const idcs = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const ours = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:'
const orders = apiBody('Orders', 'https://orders.example/', ['orders.read', 'orders.write'])

const roleBody = (application: string, displayName: string, scopes: readonly string[] = []) => ({
  schemas: [`${idcs}AppRole`],
  displayName,
  app: { value: application },
  [`${ours}AppRole`]: { scopes },
})

const grantBody = (application: string, role: string, grantee: string) => ({
  schemas: [`${idcs}Grant`],
  app: { value: application },
  entitlement: { attributeName: 'appRoles', attributeValue: role },
  grantMechanism: 'ADMINISTRATOR_TO_APP',
  grantee: { value: grantee, type: 'App' },
})

const builtInRole = async (server: ExampleServer, name: string): Promise<string> => {
  const filter = `app.value eq "IDCSAppId" and displayName eq "${name}"`
  const { body } = await server.call('GET', '/AppRoles', null, { query: { filter } })
  return body.Resources[0].id
}

test('a role, a grant of it, and what the application then shows', async () => {
  await using server = await openExampleServer()
  const { body: api } = await server.call('POST', '/Apps', orders)
  const { body: app } = await server.call('POST', '/Apps', clientBody('Billing'))
  const made = await server.call('POST', '/AppRoles', roleBody(api.id, 'Writer', ['orders.write']))
  assert.equal(made.status, 201, made.body.detail)
  const role = made.body
  assert.equal(role.uniqueName, `${api.id}_Writer`)
  assert.deepEqual(role[`${ours}AppRole`], { scopes: ['orders.write'] })
  assert.deepEqual(role.app, {
    value: api.id,
    $ref: `http://localhost:8480/admin/v1/Apps/${api.id}`,
    display: 'Orders',
    name: api.name,
  })
  const granted = await server.call('POST', '/Grants', grantBody(api.id, role.id, app.id))
  assert.equal(granted.status, 201, granted.body.detail)
  assert.equal(granted.body.isFulfilled, true)
  const again = await server.call('POST', '/Grants', grantBody(api.id, role.id, app.id))
  assert.equal(again.status, 409)
  const shown = await server.call('GET', `/Apps/${app.id}`)
  assert.deepEqual(shown.body.grantedAppRoles, [
    {
      value: role.id,
      $ref: `http://localhost:8480/admin/v1/AppRoles/${role.id}`,
      type: 'direct',
      display: 'Writer',
      appId: api.id,
      appName: 'Orders',
      adminRole: false,
    },
  ])
  const filter = `grantee.value eq "${app.id}" and app.value eq "${api.id}"`
  const list = await server.call('GET', '/Grants', null, { query: { filter } })
  assert.equal(list.body.totalResults, 1)

  const other = await server.call('PUT', `/AppRoles/${role.id}`, { ...role, displayName: 'X' })
  assert.equal(other.status, 400)
  const fewer = { ...role, [`${ours}AppRole`]: { scopes: [] }, description: 'nothing' }
  const replaced = await server.call('PUT', `/AppRoles/${role.id}`, fewer)
  assert.equal(replaced.status, 200, replaced.body.detail)
  assert.deepEqual(replaced.body[`${ours}AppRole`], { scopes: [] })
  const lost = await server.call('POST', '/AppRoles', {
    ...roleBody(api.id, 'Y'),
    legacyGroupName: 'x',
  })
  assert.match(lost.body.detail, /not kept/)
  assert.equal((await server.call('DELETE', `/AppRoles/${role.id}`)).status, 204)
  assert.equal((await server.call('GET', `/Grants/${granted.body.id}`)).status, 404)
})

test('an administrator cannot become more than it is', async () => {
  await using server = await openExampleServer()
  const roles = ['Application Administrator']
  const { body: app } = await server.call('POST', '/Apps', clientBody('Tool'), { roles })
  const domainRole = await builtInRole(server, 'Identity Domain Administrator')
  const grant = grantBody('IDCSAppId', domainRole, app.id)
  const conferred = await server.call('POST', '/Grants', grant, { roles })
  assert.equal(conferred.status, 401)
  const audience = `urn:opc:lbaas:logicalguid=${'idcs-00000000000040008000000000000001'}`
  const smuggled = clientBody('Smuggler', {
    allowedScopes: [{ fqs: `${audience}urn:opc:idm:t.app` }],
  })
  assert.equal((await server.call('POST', '/Apps', smuggled, { roles })).status, 400)
  // the domain's administrator may, and then the tool is out of the other's reach
  assert.equal((await server.call('POST', '/Grants', grant)).status, 201)
  const schemas = [`${idcs}AppClientSecretRegenerator`]
  const attempts: readonly [string, string, unknown][] = [
    ['POST', '/AppClientSecretRegenerator', { schemas, appId: app.id }],
    [
      'PUT',
      `/Apps/${app.id}`,
      clientBody('Tool', { [appExtension]: { jwksUri: 'https://x.example/' } }),
    ],
    ['PUT', `/AppStatusChanger/${app.id}`, { schemas: [`${idcs}AppStatusChanger`], active: true }],
    ['DELETE', `/Apps/${app.id}`, null],
  ]
  for (const [method, path, body] of attempts) {
    const answer = await server.call(method, path, body, { roles })
    assert.equal(answer.status, 401, `${method} ${path}`)
    assert.match(answer.body.detail, /goes beyond your own roles/)
    const operation = { method, path, data: body, bulkId: 'x' }
    const schemasOfBulk = ['urn:ietf:params:scim:api:messages:2.0:BulkRequest']
    const bulk = await server.call(
      'POST',
      '/Bulk',
      { schemas: schemasOfBulk, Operations: [operation] },
      { roles },
    )
    assert.equal(bulk.body.Operations[0].status, '401')
    assert.equal(
      (await server.call(method, path, body, { roles: ['Audit Administrator'] })).status,
      401,
    )
  }
  const denials = (await server.events()).filter(({ action }) => action === 'administration.denied')
  assert.equal(denials.length, 1 + 3 * attempts.length)
  assert.equal(denials[0]?.['reason'], 'ROLE_NOT_CONFERRABLE')
})

test('secrets: regenerated at once, or with overlap', async () => {
  await using server = await openExampleServer()
  const { body: app } = await server.call('POST', '/Apps', clientBody('Billing'))
  const urn = `${idcs}AppClientSecretRegenerator`
  const regenerate = (extension?: object) =>
    server.call('POST', '/AppClientSecretRegenerator', {
      schemas: [urn],
      appId: app.id,
      ...(extension === undefined ? {} : { [`${ours}AppClientSecretRegenerator`]: extension }),
    })
  const secrets = async () => {
    const { body } = await server.call('GET', `/Apps/${app.id}`)
    return body[appExtension].secrets as readonly { ending: string; label: string; ends?: string }[]
  }
  server.nowMs += 1000
  const second = await regenerate()
  assert.equal(second.status, 201)
  assert.match(second.body.clientSecret, /^mms_/)
  assert.deepEqual(
    (await secrets()).map(({ ends }) => ends),
    [undefined, new Date(server.nowMs).toISOString()],
  )
  server.nowMs += 1000
  const third = await regenerate({ overlapSeconds: 3600, label: 'autumn' })
  assert.equal(third.status, 201)
  const [newest, older] = await secrets()
  assert.equal(newest?.label, 'autumn')
  assert.equal(older?.ends, new Date(server.nowMs + 3_600_000).toISOString())
  assert.equal((await regenerate({ overlapSeconds: -1 })).status, 400)
  assert.equal((await regenerate({ expires: '2001-01-01T00:00:00Z' })).status, 400)
  assert.equal((await regenerate({ expires: 'tomorrow' })).status, 400)
  assert.match(
    (await regenerate({ overlapSecond: 1 })).body.detail,
    /Did you mean "overlapSeconds"/,
  )
  for (let at = 0; at < 3; at++)
    assert.equal((await regenerate({ overlapSeconds: 60 })).status, 201)
  assert.match((await regenerate({ overlapSeconds: 60 })).body.detail, /has 5 live secrets/)
})

const certificateOf = async (name: string, bits = 2048): Promise<string> => {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: bits,
  }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: `CN=${name}`,
    notBefore: new Date('2020-01-01'),
    notAfter: new Date('2040-01-01'),
    keys,
  })
  return certificate.toString('pem')
}

test('certificates: uploaded, attached by alias, not deleted while in use', async () => {
  await using server = await openExampleServer()
  const schemas = [`${idcs}OAuthClientCertificate`]
  const pem = await certificateOf('billing')
  const upload = (certificateAlias: string, x509Base64Certificate: string) =>
    server.call('POST', '/OAuthClientCertificates', {
      schemas,
      certificateAlias,
      x509Base64Certificate,
    })
  const made = await upload('billing-1', pem)
  assert.equal(made.status, 201, made.body.detail)
  assert.equal(made.body.certEndDate, '2040-01-01T00:00:00.000Z')
  assert.match(made.body.sha256Thumbprint, /^[A-Za-z0-9_-]{43}$/)
  assert.equal((await upload('billing-1', await certificateOf('other'))).status, 409)
  assert.equal((await upload('billing-2', pem)).status, 409)
  assert.match((await upload('x', 'MIIC')).body.detail, /no certificate/)
  assert.match((await upload('x', `${pem}${pem}`)).body.detail, /no certificate/)
  assert.match((await upload('x', await certificateOf('weak', 1024))).body.detail, /1024 bits/)
  // a plain alias, as Oracle's migration tool sends it
  const app = await server.call(
    'POST',
    '/Apps',
    clientBody('Billing', { certificates: ['billing-1'] }),
  )
  assert.equal(app.status, 201, app.body.detail)
  assert.equal(app.body.certificates[0].kid, 'billing-1')
  assert.equal(app.body.certificates[0].x5t, made.body.sha1Thumbprint)
  const path = `/OAuthClientCertificates/${made.body.id}`
  assert.match((await server.call('DELETE', path)).body.detail, /'Billing'/)
  assert.equal((await server.call('PUT', path, made.body)).status, 405)
  assert.equal((await server.call('PUT', path, made.body)).headers['allow'], 'GET, HEAD, DELETE')
  const { certificates: _, clientSecret: __, ...without } = app.body
  assert.equal(
    (await server.call('PUT', `/Apps/${app.body.id}`, without)).body.certificates.length,
    0,
  )
  assert.equal((await server.call('DELETE', path)).status, 204)
})

test('settings: read, replaced, pinned', async () => {
  await using server = await openExampleServer()
  const { body } = await server.call('GET', '/Settings/Settings')
  assert.equal(body.issuer, 'http://localhost:8480')
  const issuer = 'https://identity.oraclecloud.com/'
  const put = await server.call('PUT', '/Settings/Settings', {
    ...body,
    issuer,
    signingCertPublicAccess: true,
  })
  assert.equal(put.status, 200, put.body.detail)
  assert.equal(put.body.issuer, issuer)
  const settings = await server.read((transaction) => transaction.settings())
  assert.deepEqual(settings, { issuer, signingCertPublicAccess: true, version: 2 })
  assert.equal((await server.call('GET', '/Settings')).body.Resources[0].id, 'Settings')
  assert.equal((await server.call('GET', '/Settings/other')).status, 404)
  await using pinned = await openExampleServer('https://pinned.example')
  const shown = await pinned.call('GET', '/Settings/Settings')
  assert.equal(shown.body.issuer, 'https://pinned.example')
  const same = await pinned.call('PUT', '/Settings/Settings', {
    ...shown.body,
    signingCertPublicAccess: true,
  })
  assert.equal(same.status, 200)
  const other = await pinned.call('PUT', '/Settings/Settings', { ...shown.body, issuer })
  assert.equal(other.status, 400)
  assert.match(other.body.detail, /MINTMARK_ISSUER/)
})

test('paths and methods', async () => {
  await using server = await openExampleServer()
  const rows: readonly [string, string, number, RegExp][] = [
    ['GET', '/App', 404, /Did you mean "Apps"/],
    ['GET', '/Apps/x/y', 404, /There is no/],
    ['GET', '/Apps/%', 404, /There is no/],
    ['GET', `/Apps/${'x'.repeat(300)}`, 404, /There is no/],
    ['GET', '/Apps/__proto__', 404, /No App has the id/],
    ['GET', '/__proto__', 404, /There is no/],
    ['PATCH', '/Apps/x', 404, /No App has the id/],
    ['PATCH', '/Apps', 405, /It has GET, HEAD, POST/],
    ['GET', '/Apps/.search', 405, /It has POST/],
    ['POST', '/Apps/x', 405, /It has GET, HEAD, PUT, PATCH, DELETE/],
    ['DELETE', '/Apps', 405, /It has GET, HEAD, POST/],
    ['PUT', '/Grants/x', 405, /It has GET, HEAD, DELETE/],
    ['GET', '/Bulk', 405, /It has POST/],
    ['GET', '/AppStatusChanger/x', 405, /It has PUT/],
  ]
  for (const [method, path, status, message] of rows) {
    const answer = await server.call(method, path)
    assert.equal(answer.status, status, `${method} ${path}: ${answer.body.detail}`)
    assert.match(answer.body.detail, message)
  }
  const unknown = await server.call('GET', '/Apps', null, { roles: [] })
  assert.equal(unknown.status, 401)
  assert.deepEqual(unknown.body.schemas.length, 2)
})
