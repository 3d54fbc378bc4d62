import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiBody, clientBody, openExampleServer } from './example-server.ts'

const idcs = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const path = '/OAuth2ClientCredentials'
const read = { audience: 'https://orders.example/', scope: 'read' }

const body = (name: string, more: object = {}) => ({
  schemas: [`${idcs}oauth2ClientCredential`],
  name,
  scopes: [read],
  ...more,
})

test('a credential: a client of its own, its secret shown once, gone at once', async () => {
  await using server = await openExampleServer()
  const orders = apiBody('Orders', 'https://orders.example/', ['read', 'write'])
  assert.equal((await server.call('POST', '/Apps', orders)).status, 201)
  await server.call('POST', '/Apps', clientBody('Plain'))
  const made = await server.call(
    'POST',
    path,
    body('Nightly', { expiresOn: '2030-01-31T00:00:00Z' }),
  )
  assert.equal(made.status, 201, JSON.stringify(made.body))
  const { id, secret, expiresOn, scopes } = made.body
  assert.match(secret, /^mms_/)
  assert.equal(expiresOn, '2030-01-31T00:00:00.000Z')
  assert.deepEqual(scopes, [read])
  const { body: app } = await server.call('GET', `/Apps/${id}`)
  assert.deepEqual([app.name, app.displayName, app.active], [id, 'Nightly', true])
  assert.deepEqual(app.allowedScopes[0].fqs, 'https://orders.example/read')
  const listed = await server.call('GET', path, null, { query: { filter: 'name sw "n"' } })
  assert.equal(listed.body.totalResults, 1)
  assert.equal(listed.body.Resources[0].secret, undefined)
  const all = await server.call('GET', path, null, { query: { filter: 'not (name eq "x")' } })
  assert.equal(all.body.totalResults, 1)
  const operations = (...Operations: object[]) => ({ schemas: [patchUrn], Operations })
  const renewed = await server.call(
    'PATCH',
    `${path}/${id}`,
    operations({ op: 'replace', path: 'isResetSecret', value: true }),
  )
  assert.equal(renewed.status, 200, JSON.stringify(renewed.body))
  assert.match(renewed.body.secret, /^mms_/)
  assert.notEqual(renewed.body.secret, secret)
  assert.equal(renewed.body.expiresOn, expiresOn)
  const secrets = await server.read((transaction) => transaction.listSecrets(id))
  assert.equal(secrets.filter(({ endsAtMs }) => endsAtMs === null).length, 1)
  const written = { audience: 'https://orders.example/', scope: 'write' }
  const changed = await server.call('PUT', `${path}/${id}`, body('Nightly', { scopes: [written] }))
  assert.deepEqual(changed.body.scopes, [written])
  assert.equal(changed.body.secret, undefined)
  const off = await server.call('PUT', `${path}/${id}`, body('Nightly', { status: 'INACTIVE' }))
  assert.equal(off.status, 200, JSON.stringify(off.body))
  assert.equal((await server.call('GET', `/Apps/${id}`)).body.active, false)
  await server.call('PUT', `${path}/${id}`, body('Nightly', { status: 'ACTIVE' }))
  assert.equal((await server.call('DELETE', `${path}/${id}`)).status, 204)
  assert.equal((await server.call('GET', `/Apps/${id}`)).status, 404)
})

test('what a credential cannot be', async () => {
  await using server = await openExampleServer()
  await server.call('POST', '/Apps', apiBody('Orders', 'https://orders.example/', ['read']))
  const plain = await server.call('POST', '/Apps', clientBody('Plain'))
  const refusals: readonly [object, number, RegExp][] = [
    [body('x', { scopes: [{ ...read, scope: 'raed' }] }), 400, /raed/],
    [body('x', { scopes: [] }), 400, /scopes/],
    [body('x', { user: { value: 'u' } }), 400, /of no user/],
    [body('x', { expiresOn: '2001-01-01T00:00:00Z' }), 400, /expiresOn/],
    [body('x', { expiresOn: 'soon' }), 400, /expiresOn/],
    [body('Plain'), 409, /already/],
    [
      body('x', {
        scopes: [
          {
            audience: 'urn:opc:lbaas:logicalguid=idcs-00000000000040008000000000000001',
            scope: 'urn:opc:idm:t.settings',
          },
        ],
      }),
      400,
      /cannot be an allowed scope/,
    ],
  ]
  for (const [refused, status, detail] of refusals) {
    const answer = await server.call('POST', path, refused)
    assert.equal(answer.status, status, JSON.stringify(answer.body))
    assert.match(answer.body.detail, detail)
  }
  // an application is no credential
  assert.equal((await server.call('GET', `${path}/${plain.body.id}`)).status, 404)
  assert.equal((await server.call('DELETE', `${path}/${plain.body.id}`)).status, 404)
  const other = { roles: ['Security Administrator'] }
  assert.equal((await server.call('POST', path, body('x'), other)).status, 401)
})
