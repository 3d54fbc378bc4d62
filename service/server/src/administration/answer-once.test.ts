import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retryMs } from './answer-once.ts'
import { clientBody, openExampleServer } from './example-server.ts'

const idcs = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const token = { 'opc-retry-token': 'c6b1c9f0-token' }
const reasonOf = (body: ReturnType<typeof JSON.parse>) =>
  body['urn:ietf:params:scim:api:oracle:idcs:extension:messages:Error']?.additionalData.reason

test('a repeated creation is answered as the first, and makes nothing', async () => {
  await using server = await openExampleServer()
  const body = clientBody('Billing')
  const first = await server.call('POST', '/Apps', body, { headers: token })
  assert.equal(first.status, 201)
  assert.match(first.body.clientSecret, /./)
  server.nowMs += retryMs - 1
  const again = await server.call('POST', '/Apps', body, { headers: token })
  assert.deepEqual(again, first)
  assert.equal((await server.events()).length, 1, 'one event of one change')
  const without = await server.call('POST', '/Apps', body)
  assert.equal(without.status, 409)
  server.nowMs += 2
  const late = await server.call('POST', '/Apps', body, { headers: token })
  assert.equal(late.status, 409, 'after 24 hours it is done again')
})

test('the same token with another request is refused', async () => {
  await using server = await openExampleServer()
  await server.call('POST', '/Apps', clientBody('Billing'), { headers: token })
  const rows: readonly [string, object, Record<string, string>][] = [
    ['/Apps', clientBody('Other'), {}],
    ['/Apps', clientBody('Billing'), { attributes: 'id' }],
    ['/AppRoles', clientBody('Billing'), {}],
  ]
  for (const [path, body, query] of rows) {
    const answer = await server.call('POST', path, body, { headers: token, query })
    assert.equal(answer.status, 409, path)
    assert.equal(reasonOf(answer.body), 'RETRY_TOKEN_REUSED')
    assert.match(answer.body.detail, /new token for every new request/)
  }
  const total = (await server.call('GET', '/Apps')).body.totalResults
  assert.equal(total, 2, 'the application and the built-in one')
})

test('what was refused is not kept: with the same token it can be tried again', async () => {
  await using server = await openExampleServer()
  const { body: taken } = await server.call('POST', '/Apps', clientBody('Billing'))
  const refused = await server.call('POST', '/Apps', clientBody('Billing'), { headers: token })
  assert.equal(refused.status, 409)
  assert.equal((await server.call('DELETE', `/Apps/${taken.id}`)).status, 204)
  const made = await server.call('POST', '/Apps', clientBody('Billing'), { headers: token })
  assert.equal(made.status, 201)
})

test("a secret is renewed once, and the answer is nobody else's", async () => {
  await using server = await openExampleServer()
  const { body: app } = await server.call('POST', '/Apps', clientBody('Billing'))
  const body = { schemas: [`${idcs}AppClientSecretRegenerator`], appId: app.id }
  const path = '/AppClientSecretRegenerator'
  const secrets = () => server.read((transaction) => transaction.listSecrets(app.id))
  const first = await server.call('POST', path, body, { headers: token })
  assert.equal(first.status, 201)
  const before = await secrets()
  const again = await server.call('POST', path, body, { headers: token })
  assert.equal(again.body.clientSecret, first.body.clientSecret)
  const reader = await server.call('POST', path, body, {
    headers: token,
    roles: ['Audit Administrator'],
  })
  assert.equal(reader.status, 401, 'who lost the role gets no old answer either')
  assert.deepEqual(await secrets(), before)
})

test('a Bulk is repeated as a whole; a rolled back one may run again', async () => {
  await using server = await openExampleServer()
  const operation = { method: 'POST', path: '/Apps', bulkId: 'a', data: clientBody('Billing') }
  const bulk = (more: object = {}) => ({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
    Operations: [operation],
    ...more,
  })
  const dry = bulk({ 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:Bulk': { dryRun: true } })
  assert.equal((await server.call('POST', '/Bulk', dry, { headers: token })).status, 200)
  const first = await server.call('POST', '/Bulk', bulk(), { headers: token })
  assert.equal(first.body.Operations[0].status, '201')
  const again = await server.call('POST', '/Bulk', bulk(), { headers: token })
  assert.deepEqual(again, first)
})

test('neither the answer nor a digest of the request rests in the clear', async () => {
  await using server = await openExampleServer()
  const { body } = await server.call('POST', '/Apps', clientBody('Billing'), { headers: token })
  const { hash } = await import('node:crypto')
  const principal = 'aaaaaaaaaaaa4aaa8aaaaaaaaaaaaaaa'
  const key = hash('sha256', `${principal}\n${token['opc-retry-token']}`, 'base64url')
  const row = await server.read((transaction) => transaction.findRetriedRequest(key))
  assert.ok(row)
  assert.match(row.fingerprint, /^v1\./)
  assert.match(row.sealedAnswer, /^v1\./)
  assert.ok(!JSON.stringify(row).includes(body.clientSecret))
})

test('a token that is none, and methods that need none', async () => {
  await using server = await openExampleServer()
  const bad = { 'opc-retry-token': 'a b' }
  const answer = await server.call('POST', '/Apps', clientBody('Billing'), { headers: bad })
  assert.equal(answer.status, 400)
  assert.match(answer.body.detail, /opc-retry-token cannot be read/)
  assert.equal((await server.call('GET', '/Apps', null, { headers: bad })).status, 200)
})
