import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { after, before, test } from 'node:test'
import { arrivals, seededDraw } from './arrivals.ts'
import { createLatencyHistogram } from './latency-histogram.ts'
import type { OpenRunCommand } from './load-messages.ts'
import { type LoadProcess, startLoad } from './load-process.ts'
import { requestBytes } from './prepared-requests.ts'

let load: LoadProcess
let server: Server
let answered = 0
/** How long the next request finds the server standing still; all that come meanwhile wait. */
let stallMillis = 0
let stallUntil = 0

before(async () => {
  load = startLoad()
  server = createServer((request, response) => {
    request.resume()
    answered += 1
    if (stallMillis > 0) stallUntil = performance.now() + stallMillis
    stallMillis = 0
    const status = request.url === '/refused' ? 503 : 200
    const headers = request.url === '/closing' ? { connection: 'close' } : {}
    const answer = () => response.writeHead(status, { 'content-length': 2, ...headers }).end('ok')
    setTimeout(answer, Math.max(0, stallUntil - performance.now()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  await load.prepare('ok', [requestBytes('/', {}, '')])
  await load.prepare('mixed', [requestBytes('/', {}, ''), requestBytes('/refused', {}, '')])
  await load.prepare('closing', [requestBytes('/closing', {}, '')])
})

after(() => {
  load.stop()
  server.close()
})

function command(more: Partial<OpenRunCommand> = {}): Omit<OpenRunCommand, 'kind'> {
  return {
    list: 'ok',
    port: (server.address() as AddressInfo).port,
    phases: [{ name: 'even', ratePerSecond: 200, seconds: 0.5 }],
    pattern: 'constant',
    seed: 1,
    connections: 4,
    patienceMillis: 5_000,
    ...more,
  }
}

test('requests are sent when they are due, phase by phase', async () => {
  const phases = [
    { name: 'slow', ratePerSecond: 50, seconds: 0.4 },
    { name: 'fast', ratePerSecond: 400, seconds: 0.5 },
  ]
  answered = 0
  const startedAt = performance.now()
  const report = await load.runOpen(command({ phases }))
  // how much later a busy machine may say; none is sent before
  assert.ok(performance.now() - startedAt > 890)
  assert.deepEqual(
    report.phases.map(({ name, due, failed }) => ({ name, due, failed })),
    [
      { name: 'slow', due: 20, failed: 0 },
      { name: 'fast', due: 200, failed: 0 },
    ],
  )
  assert.equal(answered, 220)
  const counted = report.timeline.map(({ answers }) => answers['200'] ?? 0)
  assert.equal(
    counted.reduce((sum, each) => sum + each, 0),
    220,
  )
})

test('a server that stands still delays what was due meanwhile, and that is counted', async () => {
  stallMillis = 600
  const report = await load.runOpen(command({ connections: 2 }))
  const ok = report.phases[0]!.answers['200']!
  assert.equal(ok.fromDue.count, 100)
  // Sent one after the other, 98 of 100 would have been quick: coordinated omission.
  assert.ok(ok.fromDue.p50Millis > 150, `from due ${ok.fromDue.p50Millis}`)
  assert.ok(ok.fromSending.p50Millis < 100, `from sending ${ok.fromSending.p50Millis}`)
})

test('answers are told apart by status, whatever it is', async () => {
  const report = await load.runOpen(command({ list: 'mixed' }))
  const counts = Object.entries(report.phases[0]!.answers).map(([status, { fromDue }]) => [
    status,
    fromDue.count,
  ])
  assert.deepEqual(counts, [
    ['200', 50],
    ['503', 50],
  ])
})

test('a connection that the server closes after an answer is opened anew; none fails', async () => {
  const report = await load.runOpen(command({ list: 'closing' }))
  assert.equal(report.phases[0]!.answers['200']!.fromDue.count, 100)
  assert.deepEqual(report.failureSamples, [])
})

test('connections that the server ends meanwhile are opened as requests need them', async () => {
  let asked = 0
  const ending = createServer((_request, response) => {
    asked += 1
    response.writeHead(200, { 'content-length': 2 }).end('ok')
    if (asked === 40) ending.closeAllConnections()
  })
  let opened = 0
  ending.on('connection', () => {
    opened += 1
  })
  await new Promise<void>((resolve) => ending.listen(0, '127.0.0.1', resolve))
  const { port } = ending.address() as AddressInfo
  // a busy machine may send all of them before it ends any connection: then once more
  for (let tries = 0; tries < 10 && asked <= 40; tries += 1) {
    asked = 0
    opened = 0
    await load.runOpen(command({ port, connections: 200 }))
  }
  assert.ok(opened > 200 && opened < 300, `${opened - 200} of 200 opened anew for some 60 requests`)
  ending.close()
})

test('what is never answered is given up, counted, and ends in time', async () => {
  const silent = createTcpServer((socket) => socket.on('error', () => {}).resume())
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const { port } = silent.address() as AddressInfo
  const startedAt = performance.now()
  const report = await load.runOpen(command({ port, patienceMillis: 200 }))
  assert.equal(report.phases[0]!.failed, 100)
  assert.ok(performance.now() - startedAt < 5_000)
  assert.equal(report.failureSamples.length, 3)
  silent.close()
})

test('a run without end or load is refused', async () => {
  const phases = [{ name: 'long', ratePerSecond: 1, seconds: 10_000 }]
  await assert.rejects(load.runOpen(command({ phases })), /rates, time and connections/)
  await assert.rejects(load.runOpen(command({ connections: 0 })), /rates, time and connections/)
})

test('arrivals: constant ones are even, random ones have the rate and repeat by seed', () => {
  const phases = [{ name: 'p', ratePerSecond: 100, seconds: 100 }]
  const even = [...arrivals(phases, 'constant', () => 0)].map(({ dueMillis }) => dueMillis)
  assert.deepEqual(even.slice(0, 3), [0, 10, 20])
  assert.equal(even.length, 10_000)
  const random = (seed: number) => [...arrivals(phases, 'poisson', seededDraw(seed))]
  assert.deepEqual(random(7), random(7))
  assert.notDeepEqual(random(7), random(8))
  const gaps = random(7).map(({ dueMillis }, at, all) => dueMillis - (all[at - 1]?.dueMillis ?? 0))
  assert.ok(Math.abs(gaps.length - 10_000) < 400, `${gaps.length}: four standard deviations`)
  // Exponential gaps: a share of 1/e is longer than the mean.
  const long = gaps.filter((gap) => gap > 10).length / gaps.length
  assert.ok(Math.abs(long - Math.exp(-1)) < 0.02, `${long}`)
})

test('percentiles are read within one percent', () => {
  const histogram = createLatencyHistogram()
  for (let millis = 1; millis <= 1_000; millis += 1) histogram.record(millis)
  const { p50Millis, p99Millis, p999Millis, maxMillis, count } = histogram.read()
  for (const [read, true_] of [
    [p50Millis, 500],
    [p99Millis, 990],
    [p999Millis, 999],
  ] as const) {
    assert.ok(read >= true_ * 0.999 && read <= true_ * 1.011, `${read} for ${true_}`)
  }
  assert.deepEqual([maxMillis, count], [1_000, 1_000])
  assert.ok(Number.isNaN(createLatencyHistogram().read().p50Millis))
})
