import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { certifiedName, hasOpenssl, makeCertificates } from './certificates.ts'
import { parseAnswer } from './connection.ts'
import type { RunCommand } from './load-messages.ts'
import { type LoadProcess, startLoad } from './load-process.ts'
import { requestBytes } from './prepared-requests.ts'
import { spreadOf } from './statistics.ts'
import { tokenServer } from './subjects/token-answer.ts'

let load: LoadProcess
let server: Server
const seen: string[] = []

before(async () => {
  load = startLoad()
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      seen.push(body)
      const answer = JSON.stringify({ echo: body })
      response.writeHead(body === 'refuse' ? 429 : 200, { 'Content-Length': answer.length })
      response.write(answer.slice(0, 5))
      // A second segment: the answer must be put together again.
      setImmediate(() => response.end(answer.slice(5)))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

after(() => {
  load.stop()
  server.close()
})

function command(list: string, more: Partial<RunCommand> = {}): Omit<RunCommand, 'kind'> {
  const { port } = server.address() as AddressInfo
  const window = { connections: 3, expectedStatus: 200, warmupSeconds: 0, seconds: 5 }
  return { list, port, ...window, ...more }
}

function bodies(...texts: readonly string[]): readonly Uint8Array[] {
  return texts.map((text) => requestBytes('/', {}, text))
}

test('a used-once list is sent exactly once, its answers are kept in list order', async () => {
  seen.length = 0
  const texts = Array.from({ length: 50 }, (_, index) => `body ${index}`)
  await load.prepare('once', bodies(...texts), 'once')
  const report = await load.run(command('once', { keepMembers: ['echo'] }))
  assert.deepEqual([...seen].sort(), [...texts].sort())
  assert.deepEqual(
    report.kept.map((answer) => answer['echo']),
    texts,
  )
  assert.equal(report.completed, 50)
  assert.equal(report.errors, 0)
  const again = await load.run(command('once'))
  assert.equal(again.completed, 0)
})

test('a cycle goes on until the number of requests is reached', async () => {
  seen.length = 0
  await load.prepare('cycle', bodies('a', 'b'))
  const report = await load.run(command('cycle', { requestsMax: 10 }))
  assert.equal(report.completed, 10)
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n'
  assert.ok(report.bytesPerAnswer > head.length + '{"echo":"a"}'.length)
  assert.equal(seen.filter((body) => body === 'a').length, 5)
})

test('an answer with another status is an error and shown, not a completed request', async () => {
  await load.prepare('refused', bodies('fine', 'refuse'))
  const report = await load.run(command('refused', { requestsMax: 4, connections: 1 }))
  assert.equal(report.completed, 2)
  assert.equal(report.errors, 2)
  assert.equal(report.errorSamples[0], '429 {"echo":"refuse"}')
})

test('a connection that the server closes instead of answering is an error', async () => {
  const closing = createTcpServer((socket) => socket.on('data', () => socket.destroy()))
  await new Promise<void>((resolve) => closing.listen(0, '127.0.0.1', resolve))
  const { port } = closing.address() as AddressInfo
  await load.prepare('closing', bodies('x'))
  const report = await load.run(command('closing', { port, connections: 2 }))
  assert.equal(report.errors, 2)
  assert.equal(report.completed, 0)
  closing.close()
})

test('a caller that connects anew does so for each request, and is counted as one', async () => {
  const ports = new Set<number | undefined>()
  server.on('connection', (socket) => ports.add(socket.remotePort))
  await load.prepare('fresh', bodies('a', 'refuse'))
  const report = await load.run(command('fresh', { requestsMax: 12, connections: 2, fresh: {} }))
  assert.equal(report.completed, 6)
  assert.equal(report.errors, 6)
  assert.equal(ports.size, 12)
})

test('a fresh connection that is closed instead of answered is an error', async () => {
  const closing = createTcpServer((socket) => socket.on('data', () => socket.destroy()))
  await new Promise<void>((resolve) => closing.listen(0, '127.0.0.1', resolve))
  const { port } = closing.address() as AddressInfo
  await load.prepare('closing', bodies('x'))
  const report = await load.run(command('closing', { port, connections: 2, fresh: {} }))
  assert.equal(report.errors, 2)
  closing.close()
})

test('over TLS each handshake is a whole one and shows the certificate', async (t) => {
  if (!hasOpenssl()) return t.skip('openssl: not found')
  const folder = mkdtempSync(join(tmpdir(), 'mintmark-bench-tls-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const { server: files, client } = makeCertificates(folder)
  const shown: (string | undefined)[] = []
  const secure = tokenServer(() => 'token', files)
  secure.on('secureConnection', (socket: TLSSocket) => {
    const name = socket.authorized ? socket.getPeerCertificate().subject.CN : undefined
    shown.push(socket.isSessionReused() ? undefined : String(name))
  })
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve))
  const { port } = secure.address() as AddressInfo
  await load.prepare('secure', bodies('x'))
  const fresh = { tls: client }
  const report = await load.run(
    command('secure', { port, requestsMax: 4, connections: 2, fresh, keepMembers: ['token_type'] }),
  )
  assert.equal(report.completed, 4)
  assert.deepEqual(report.kept, [{ token_type: 'Bearer' }])
  assert.deepEqual(shown, Array(4).fill(certifiedName))
  secure.close()
})

test('an unknown list is refused', async () => {
  await assert.rejects(load.run(command('nobody prepared this')), /unknown request list/)
})

test('answers are read by their Content-Length', () => {
  const head = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n'
  const cases: readonly (readonly [string, unknown])[] = [
    ['HTTP/1.1 200 OK\r\n', undefined],
    [`${head}h`, undefined],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', 'answer without Content-Length'],
    ['SSH-2.0-x\r\n\r\n', 'not an HTTP/1.1 answer'],
  ]
  for (const [bytes, expected] of cases) assert.equal(parseAnswer(Buffer.from(bytes)), expected)
  const parsed = parseAnswer(Buffer.from(`${head}hi`))
  assert.ok(typeof parsed === 'object')
  assert.equal(parsed.answer.status, 200)
  assert.equal(parsed.answer.bytes, head.length + 2)
  assert.equal(parsed.answer.body.toString(), 'hi')
  assert.equal(parsed.size, head.length + 2)
})

test('the spread of an even count has the mean of the middle two', () => {
  assert.deepEqual(spreadOf([4, 1, 2, 3]), { min: 1, median: 2.5, max: 4 })
  assert.deepEqual(spreadOf([5]), { min: 5, median: 5, max: 5 })
})
