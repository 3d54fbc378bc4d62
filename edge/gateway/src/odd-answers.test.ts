/** What an API may say that must not end the gateway, nor reach the caller as something else. */
import assert from 'node:assert/strict'
import { connect, createServer as createTcpServer } from 'node:net'
import { after, describe, it } from 'node:test'
import { type Bench, head, sendBytes, startBench, statusOf } from './test-api.ts'

const closing: (() => unknown)[] = []
after(async () => {
  for (const close of closing) await close()
})

/** A gateway before an API that answers these bytes to anything. */
const startSaying = async (bytes: string): Promise<Bench> => {
  const api = createTcpServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(bytes, 'latin1'))
  })
  await new Promise<void>((fulfil) => api.listen(0, '127.0.0.1', fulfil))
  const { port } = api.address() as { port: number }
  const bench = await startBench({ upstream: `http://127.0.0.1:${port}` })
  closing.push(
    () => bench.close(),
    () => api.close(),
  )
  return bench
}

const final = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

describe('an API that answers oddly', () => {
  const interims: readonly [name: string, fields: string, told: readonly string[]][] = [
    ['one link', 'Link: </a.css>; rel=preload; as=style', ['</a.css>; rel=preload; as=style']],
    [
      'two fields',
      'Link: </a.css>; rel=preload\r\nLink: </b.js>; rel=preload',
      ['</a.css>; rel=preload', '</b.js>; rel=preload'],
    ],
    ['a list', 'Link: </a>; rel=preload, </b>; rel=preload', ['</a>', '</b>']],
    ['words in quotes', 'Link: </a>; rel="preload stylesheet"', []],
    ['no link', 'Link: nonsense', []],
  ]
  for (const [name, fields, told] of interims) {
    it(`early hints with ${name} go through, or are left out`, async () => {
      const bench = await startSaying(`HTTP/1.1 103 Early Hints\r\n${fields}\r\n\r\n${final}`)
      const said = await sendBytes(bench.port, head('GET /open/x'))
      for (const each of told) assert.ok(said.includes(each), said)
      assert.match(said, /HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nok$/)
    })
  }

  const broken = [
    'HTTP/1.1 101 Unasked',
    'HTTP/1.1 099 Low',
    'HTTP/1.1 000 None',
    'HTTP/1.1 200 A\x01B',
  ]
  for (const line of broken) {
    it(`${JSON.stringify(line)} is no answer that could be passed on`, async () => {
      const bench = await startSaying(`${line}\r\nContent-Length: 2\r\n\r\nok`)
      const said = await sendBytes(bench.port, head('GET /open/x'))
      assert.equal(statusOf(said), 502, said)
      assert.match(said, /"reason":"UPSTREAM_BROKEN"/)
    })
  }
})

describe('interim answers', () => {
  it('are not for a caller of HTTP/1.0', async () => {
    const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n'
    const bench = await startSaying(hint + final)
    const said = await sendBytes(bench.port, 'GET /open/x HTTP/1.0\r\nHost: a\r\n\r\n')
    assert.match(said, /^HTTP\/1\.1 200 OK\r\n/)
  })
})

describe('a caller that sends no HTTP behind a request', () => {
  it('gets nothing written into the answer that is under way', async () => {
    const bench = await startBench({}, (_, response) => response.write('half'))
    closing.push(() => bench.close())
    const socket = connect(bench.port, '127.0.0.1')
    socket.write('GET /open/x HTTP/1.1\r\nHost: a\r\n\r\n')
    let said = ''
    for await (const piece of socket) {
      if (said === '') socket.write('nonsense\r\n\r\n')
      said += piece
    }
    assert.match(said, /^HTTP\/1\.1 200 [\s\S]*half\r\n$/)
  })
})
