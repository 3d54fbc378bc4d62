import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StorageFailed } from '@mintmark/storage/database'
import { apiBody, clientBody, type Moment, openExampleServer } from './example-server.ts'

const schemas = ['urn:ietf:params:scim:api:messages:2.0:BulkRequest']
const extension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:Bulk'

const create = (name: string) => ({
  method: 'POST',
  path: '/Apps',
  bulkId: name,
  data: clientBody(name),
})
const end = { method: 'DELETE', path: '/Apps/bulkId:one' }
const operations = [create('one'), create('two'), { ...create('one'), bulkId: 'again' }, end]

const statusesOf = ({ Operations }: { Operations: readonly { status: string }[] }) =>
  Operations.map(({ status }) => status)

test('a Bulk is stored bit by bit, its bulkIds and its one answer hold throughout', async () => {
  await using server = await openExampleServer()
  const body = { schemas, Operations: operations }
  const sliced = await server.call('POST', '/Bulk', body, { sliceMs: 0 })
  assert.equal(server.transactions, 4)
  assert.equal(sliced.status, 200)
  assert.deepEqual(statusesOf(sliced.body), ['201', '201', '409', '204'])
  assert.equal((await server.events()).length, 3, 'one event for each that was done')

  await using other = await openExampleServer()
  const whole = await other.call('POST', '/Bulk', body, { sliceMs: 60_000 })
  assert.equal(other.transactions, 1)
  assert.deepEqual(statusesOf(whole.body), statusesOf(sliced.body))
})

test('others get their turn between two slices, whether they came before or not', async () => {
  for (const alone of [false, true]) await seeTurns(alone)
})

const seeTurns = async (alone: boolean): Promise<void> => {
  await using server = await openExampleServer()
  const Operations = Array.from({ length: 30 }, (_, at) => create(`app ${at}`))
  let isAnswered = false
  const asked: boolean[] = []
  const isAlone = (): boolean => {
    asked.push(alone)
    return alone
  }
  const more = { sliceMs: 0, isAlone }
  const bulk = server.call('POST', '/Bulk', { schemas, Operations }, more).then(() => {
    isAnswered = true
  })
  const page = { startIndex: 1, count: 0 }
  const seen: number[] = []
  while (!isAnswered) {
    const { total } = await server.read((transaction) => transaction.listApplications({}, page))
    seen.push(total)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await bulk
  assert.ok(new Set(seen).size > 10, `seen on the way: ${seen.join(' ')}`)
  assert.equal(asked.length, 29, 'asked behind each slice but the last')
}

test('failOnErrors counts over the slices', async () => {
  await using server = await openExampleServer()
  const again = (bulkId: string) => ({ ...create('one'), bulkId })
  const Operations = [create('one'), again('a'), create('two'), again('b'), create('three')]
  const body = { schemas, Operations, failOnErrors: 2 }
  const answer = await server.call('POST', '/Bulk', body, { sliceMs: 0 })
  assert.deepEqual(statusesOf(answer.body), ['201', '409', '201', '409'])
})

test('all or nothing, a trial, and what may be asked again are one transaction', async () => {
  const cases: readonly [object, Readonly<Record<string, string>>][] = [
    [{ [extension]: { atomic: true } }, {}],
    [{ [extension]: { dryRun: true } }, {}],
    [{}, { 'opc-retry-token': 'once' }],
  ]
  for (const [more, headers] of cases) {
    await using server = await openExampleServer()
    const body = { schemas, Operations: [create('one'), create('two')], ...more }
    const { status } = await server.call('POST', '/Bulk', body, { headers, sliceMs: 0 })
    assert.deepEqual([status, server.transactions], [200, 1], JSON.stringify(more))
  }
})

const failing = (moment: Moment, transaction: number, fault: Error) => ({
  sliceMs: 0,
  onMoment: (now: Moment, at: number) => {
    if (now === moment && at === transaction) throw fault
  },
})

test('a store that fails behind a slice: the answer says what was stored', async () => {
  const Operations = [create('one'), create('two'), create('three')]
  const cases: readonly [Moment, Error, readonly string[], RegExp][] = [
    ['begun', new StorageFailed('gone'), ['201', '503', '503'], /was not stored\. Send it again/],
    ['committing', new StorageFailed('full'), ['201', '503', '503'], /may have stored it/],
    ['committed', new StorageFailed('cut off'), ['201', '503', '503'], /may have stored it/],
    ['begun', new Error('a fault'), ['201', '500', '500'], /had a fault: it was not stored/],
  ]
  for (const [moment, fault, statuses, detail] of cases) {
    await using server = await openExampleServer()
    const body = { schemas, Operations }
    const { status, body: said } = await server.call('POST', '/Bulk', body, {
      ...failing(moment, 2, fault),
    })
    assert.equal(status, 200)
    assert.deepEqual(statusesOf(said), statuses)
    assert.deepEqual(
      said.Operations.map(({ bulkId }: { bulkId: string }) => bulkId),
      ['one', 'two', 'three'],
    )
    assert.match(said.Operations[1].response.detail, detail)
    assert.match(said.Operations[2].response.detail, /was not stored\. Send it again/)
    // what it says is so: sent again, the first is there already
    const again = await server.call('POST', '/Bulk', body)
    const second = moment === 'committed' ? '409' : '201'
    assert.deepEqual(statusesOf(again.body), ['409', second, '201'], moment)
  }
})

test('nothing was stored when the first slice fails, and it is no answer', async () => {
  await using server = await openExampleServer()
  const body = { schemas, Operations: [create('one'), create('two')] }
  const fault = new StorageFailed('gone')
  const asked = server.call('POST', '/Bulk', body, failing('committing', 1, fault))
  await assert.rejects(asked, fault)
  assert.deepEqual(statusesOf((await server.call('POST', '/Bulk', body)).body), ['201', '201'])
})

test('failOnErrors ends the answer of a store that failed, too', async () => {
  await using server = await openExampleServer()
  const Operations = ['one', 'two', 'three', 'four'].map(create)
  const body = { schemas, Operations, failOnErrors: 2 }
  const fault = new StorageFailed('gone')
  const answer = await server.call('POST', '/Bulk', body, failing('begun', 2, fault))
  assert.deepEqual(statusesOf(answer.body), ['201', '503', '503'])
})

test('a reference reaches over slices, also where others write between them', async () => {
  await using server = await openExampleServer()
  const api = apiBody('Orders', 'https://orders.example/', ['orders.read'])
  const client = clientBody('Billing', {
    allowedScopes: [{ fqs: 'https://orders.example/orders.read' }],
  })
  const Operations = [
    { method: 'POST', path: '/Apps', bulkId: 'orders', data: api },
    { method: 'POST', path: '/Apps', bulkId: 'billing', data: client },
    { method: 'DELETE', path: '/Apps/bulkId:billing' },
    { method: 'DELETE', path: '/Apps/bulkId:unknown' },
    { method: 'DELETE', path: '/Apps/bulkId:orders' },
  ]
  let others = 0
  const answer = await server.call(
    'POST',
    '/Bulk',
    { schemas, Operations },
    {
      sliceMs: 0,
      onMoment: async (moment) => {
        if (moment !== 'committed' || others > 0) return
        others = (await server.call('POST', '/Apps', clientBody('Other'))).status
      },
    },
  )
  assert.equal(others, 201)
  assert.deepEqual(statusesOf(answer.body), ['201', '201', '204', '400', '204'])
})

test('whoever loses its role meanwhile does nothing with what is left of its Bulk', async () => {
  await using server = await openExampleServer()
  const Operations = [create('one'), create('two'), create('three')]
  const idcs = 'urn:ietf:params:scim:schemas:oracle:idcs:'
  const admin = await server.call('POST', '/Apps', clientBody('Admin', { active: true }))
  const roles = await server.call('GET', '/AppRoles', null, {
    query: { filter: 'displayName eq "Application Administrator"' },
  })
  const grant = await server.call('POST', '/Grants', {
    schemas: [`${idcs}Grant`],
    app: { value: 'IDCSAppId' },
    entitlement: { attributeName: 'appRoles', attributeValue: roles.body.Resources[0].id },
    grantMechanism: 'ADMINISTRATOR_TO_APP',
    grantee: { value: admin.body.id, type: 'App' },
  })
  assert.equal(grant.status, 201, JSON.stringify(grant.body))
  const began = server.transactions
  const answer = await server.call(
    'POST',
    '/Bulk',
    { schemas, Operations },
    {
      sliceMs: 0,
      as: admin.body.id,
      roles: ['Application Administrator'],
      onMoment: async (moment, at) => {
        if (moment !== 'committed' || at !== began + 1) return
        await server.call('DELETE', `/Grants/${grant.body.id}`)
      },
    },
  )
  assert.deepEqual(statusesOf(answer.body), ['201', '401', '401'])
})
