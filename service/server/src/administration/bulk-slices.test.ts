import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientBody, openExampleServer } from './example-server.ts'

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

test('others get their turn between two slices', async () => {
  await using server = await openExampleServer()
  const Operations = Array.from({ length: 30 }, (_, at) => create(`app ${at}`))
  let isAnswered = false
  const bulk = server.call('POST', '/Bulk', { schemas, Operations }, { sliceMs: 0 }).then(() => {
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
})

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
