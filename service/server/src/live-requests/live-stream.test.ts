import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLiveBatch, type LiveBatch, type LiveRequest, lineOf } from './live-request.ts'
import { openLiveStream } from './live-stream.ts'

const requestOf = (at: number, members: Partial<LiveRequest> = {}): LiveRequest => ({
  atMs: at,
  ecid: `e${at}`,
  endpoint: 'token',
  status: 200,
  milliseconds: 1.234,
  source: '127.0.0.1',
  client: 'caller',
  apis: ['Orders'],
  scopes: 'orders.read',
  reason: null,
  detail: null,
  ...members,
})

const everything = { denied: false, clientId: null, api: null, reason: null }
const openStream = (mayGoOn = true) =>
  openLiveStream({
    filter: everything,
    heartbeatMs: 20,
    mayGoOn: async () => mayGoOn,
    closed: () => {},
  })

const tellAll = (stream: ReturnType<typeof openStream>, from: number, count: number): void => {
  for (let at = from; at < from + count; at += 1) {
    const request = requestOf(at)
    stream.tell(request, lineOf(request))
  }
}

const readAll = ({ readable }: ReturnType<typeof openStream>): string => {
  let text = ''
  for (let part = readable.read(); part !== null; part = readable.read()) text += String(part)
  return text
}

test('what comes while the past is being looked up is told once, and after it', () => {
  const stream = openStream()
  tellAll(stream, 2, 2)
  stream.begin([requestOf(1), requestOf(2)])
  const ids = [...readAll(stream).matchAll(/"ecid":"(e\d)"/g)].map(([, id]) => id)
  assert.deepEqual(ids, ['e1', 'e2', 'e3'])
  stream.readable.destroy()
})

test('a reader that takes nothing costs bounded memory, and learns how much it has missed', () => {
  const stream = openStream()
  stream.begin([])
  tellAll(stream, 1, 5000)
  stream.lose(7)
  const text = readAll(stream)
  const told = text.match(/event: request/g)?.length ?? 0
  const [, dropped] = /event: dropped\ndata: \{"dropped":(\d+)\}/.exec(text) ?? []
  assert.ok(told < 2500, String(told))
  assert.equal(told + Number(dropped), 5007)
  stream.readable.destroy()
})

test('each has its id, and a gap is told before what follows it', () => {
  const stream = openStream()
  stream.begin([requestOf(3)], 'e1')
  assert.match(readAll(stream), /event: gap\ndata: \{"after":"e1"\}\n\nid: e3\nevent: request/)
  stream.readable.destroy()
})

test('it ends with the right to it', async () => {
  const stream = openStream(false)
  stream.begin([])
  stream.readable.resume()
  await new Promise((done) => stream.readable.once('end', done))
})

test('what looks like a secret is taken out, wherever it stood', () => {
  const secret = `mms_${'a'.repeat(49)}`
  const line = lineOf(requestOf(1, { scopes: secret, detail: `client_secret=${secret}` }))
  assert.ok(!line.includes('aaaa'), line)
  assert.equal(JSON.parse(line).ms, 1.23)
})

test('a rush of successes hides no refusal from other processes', async () => {
  const batch = await new Promise<LiveBatch>((pass) => {
    const { add } = createLiveBatch(pass)
    for (let at = 1; at <= 1000; at += 1) add(requestOf(at))
    add(requestOf(1001, { reason: 'SCOPE_UNKNOWN' }))
    // its own timer keeps no process alive
    setTimeout(() => {}, 200)
  })
  assert.deepEqual([batch.requests.length, batch.dropped], [251, 750])
  assert.equal(batch.requests.at(-1)?.reason, 'SCOPE_UNKNOWN')
})
