/** Bodies, trailers, upgrades and ends, both ways. */
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get, type IncomingMessage, type RequestListener, request } from 'node:http'
import { connect, createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { gatewayLimitsUsual } from './gateway-settings.ts'
import { type Bench, head, route, sendBytes, startBench, statusOf } from './test-api.ts'

const megabyte = Buffer.alloc(1_048_576, 'x')
const bodyMegabytes = Number(process.env['MINTMARK_BODY_MEGABYTES'] ?? 256)
const warmUpMegabytes = 32
const grownMegabytesMax = 64

/** Answers with as many bytes as came, piece by piece. */
const echo: RequestListener = (incoming, response) => {
  response.writeHead(200, { trailer: 'X-Sum' })
  incoming.pipe(response, { end: false })
  incoming.on('end', () => {
    response.addTrailers({ 'X-Sum': incoming.rawTrailers.slice(1).join() })
    response.end()
  })
}

/** Sends so much through a gateway to `echo`, and reads it back. */
const sendAround = async (port: number, megabytes: number): Promise<void> => {
  const asking = request({ port, method: 'POST', path: '/orders', agent: false })
  asking.setHeader('trailer', 'X-Sum')
  const answered = answerOf(asking)
  const writing = (async () => {
    for (let at = 0; at < megabytes; at += 1) {
      if (!asking.write(megabyte)) await new Promise((fulfil) => asking.once('drain', fulfil))
    }
    asking.addTrailers({ 'X-Sum': '7', X_Client_Id: 'root', 'X-Forwarded-For': 'root' })
    asking.end()
  })()
  const answer = await answered
  let received = 0
  for await (const piece of answer) received += (piece as Buffer).length
  await writing
  assert.equal(received, megabytes * megabyte.length)
  assert.deepEqual(answer.rawTrailers, ['X-Sum', '7'])
}

const benches: Bench[] = []
const start = async (...wishes: Parameters<typeof startBench>): Promise<Bench> => {
  const bench = await startBench(...wishes)
  benches.push(bench)
  return bench
}
after(async () => {
  for (const bench of benches) await bench.close()
})

const bench = await start({}, echo)
const limits = (more: Partial<typeof gatewayLimitsUsual>) => ({
  limits: { ...gatewayLimitsUsual, ...more },
})

const answerOf = (asking: ReturnType<typeof request>): Promise<IncomingMessage> =>
  new Promise((fulfil, reject) => {
    asking.once('response', fulfil)
    asking.once('error', reject)
  })

describe('a long body', () => {
  it(`of ${bodyMegabytes} MB goes to and fro in bounded memory`, async (t) => {
    const alone = fork(join(import.meta.dirname, 'test-process.ts'), [
      `http://127.0.0.1:${bench.apiPort}`,
    ])
    try {
      const [port] = (await once(alone, 'message')) as [number]
      const peakMegabytes = async (): Promise<number> => {
        alone.send('peak')
        return ((await once(alone, 'message'))[0] as number) / 1024
      }
      await sendAround(port, warmUpMegabytes)
      const before = await peakMegabytes()
      await sendAround(port, bodyMegabytes)
      const grown = (await peakMegabytes()) - before
      t.diagnostic(`the gateway's peak grew by ${grown.toFixed(1)} MB`)
      assert.ok(grown < grownMegabytesMax, `${grown} MB more while it went through`)
    } finally {
      alone.disconnect()
    }
  })

  it('waits for an API that does not read', async () => {
    const slow = await start({}, () => {})
    const socket = connect(slow.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(head('POST /open/x', 'Content-Length: 1000000000'))
    let written = 0
    let isFull = false
    const fill = () => {
      while (written < 200 && socket.write(megabyte)) written += 1
      written += 1
      isFull = written < 200
    }
    socket.on('drain', fill)
    fill()
    await wait(500)
    assert.ok(isFull && written < 100, `${written} MB were taken`)
    socket.destroy()
  })

  it('over the limit is refused, before it is sent and while it is', async () => {
    const small = await start(limits({ bodyBytesMax: 1000 }), echo)
    const stated = await sendBytes(small.port, head('POST /open/x', 'Content-Length: 1001'))
    assert.equal(statusOf(stated), 413)
    assert.match(stated, /"reason":"BODY_TOO_LARGE"/)
    const chunk = `200\r\n${'x'.repeat(512)}\r\n`
    const chunked = `${head('POST /open/x', 'Transfer-Encoding: chunked')}${chunk.repeat(3)}`
    const said = await sendBytes(small.port, chunked)
    assert.ok(!said.includes('\r\n0\r\n\r\n') || statusOf(said) === 413, said)
    const good = await sendBytes(
      small.port,
      `${head('POST /open/x', 'Transfer-Encoding: chunked')}${chunk}0\r\n\r\n`,
    )
    assert.equal(statusOf(good), 200)
  })

  it('that nobody may send is not waited for', async () => {
    const asking = head('POST /orders', 'Content-Length: 100000000', 'Expect: 100-continue')
    const said = await sendBytes(bench.port, asking, (text) => text.includes('reason'))
    assert.equal(statusOf(said), 401)
  })
})

describe('100 Continue', () => {
  it('comes from the API, after the guard', async () => {
    const { port, token } = bench
    const asking = request({ port, method: 'POST', path: '/orders', agent: false })
    asking.setHeader('authorization', `Bearer ${token}`)
    asking.setHeader('expect', '100-continue')
    asking.setHeader('content-length', '5')
    asking.flushHeaders()
    await new Promise((fulfil) => asking.once('continue', fulfil))
    const answered = answerOf(asking)
    asking.end('hello')
    const answer = await answered
    let text = ''
    for await (const piece of answer) text += piece
    assert.equal(text, 'hello')
  })

  it('does not come where the API refuses', async () => {
    const refusing = await start({})
    refusing.api.on('checkContinue', (_, response) => response.writeHead(409).end('no'))
    const asking = head('POST /open/x', 'Content-Length: 5', 'Expect: 100-continue')
    const said = await sendBytes(refusing.port, asking, (text) => text.includes('no'))
    assert.match(said, /^HTTP\/1\.1 409 /)
  })
})

describe('an answer', () => {
  it('keeps its fields, also those that come twice, and loses those of the hop', async () => {
    const plain = await start({}, (_, response) => {
      response.writeHead(207, 'Much', [
        ...['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Keep-Alive', 'timeout=9'],
        ...['Connection', 'X-Hop', 'X-Hop', '1', 'X-Kept', '1', 'Content-Length', '2'],
      ])
      response.end('ok')
    })
    const said = await sendBytes(plain.port, head('GET /open/x'))
    assert.match(said, /^HTTP\/1\.1 207 Much\r\n/)
    assert.match(said, /Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n/)
    assert.doesNotMatch(said, /X-Hop|timeout=9/)
    assert.match(said, /X-Kept: 1\r\n[\s\S]*\r\n\r\nok$/)
    const bare = await sendBytes(plain.port, head('HEAD /open/x'))
    assert.match(bare, /Content-Length: 2\r\n[\s\S]*\r\n\r\n$/)
  })

  it('that breaks off is broken off, not ended', async () => {
    const breaking = await start({}, (_, response) => {
      response.write('half')
      setTimeout(() => response.destroy(), 50)
    })
    const said = await sendBytes(breaking.port, head('GET /open/x'))
    assert.match(said, /half/)
    assert.doesNotMatch(said, /\r\n0\r\n\r\n$/)
  })

  it('that is no HTTP, or none, is 502 or 504 with a body that says so', async () => {
    const broken = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.resume().end('SSH-2.0-x\r\n\r\n')
    })
    await new Promise<void>((fulfil) => broken.listen(0, '127.0.0.1', fulfil))
    const { port } = broken.address() as { port: number }
    const wrong = await start({ upstream: `http://127.0.0.1:${port}` })
    const said = await sendBytes(wrong.port, head('GET /open/x'))
    assert.equal(statusOf(said), 502)
    assert.match(said, /"reason":"UPSTREAM_BROKEN"/)
    await new Promise((fulfil) => broken.close(fulfil))
    const away = await sendBytes(wrong.port, head('POST /open/x', 'Content-Length: 0'))
    assert.match(away, /^HTTP\/1\.1 502 [\s\S]*"reason":"UPSTREAM_UNREACHABLE"/)
    const silent = await start(limits({ silenceTimeoutMs: 200 }), () => {})
    const late = await sendBytes(silent.port, head('GET /open/x'))
    assert.match(late, /^HTTP\/1\.1 504 [\s\S]*"reason":"UPSTREAM_SLOW"/)
  })

  it('follows on a connection that is kept', async () => {
    const kept = await start({})
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const sockets = new Set()
    for (let at = 0; at < 5; at += 1) {
      const answer = await answerOf(get({ port: kept.port, path: '/open/x', agent }))
      sockets.add(answer.socket)
      answer.resume()
      await new Promise((fulfil) => answer.once('end', fulfil))
      // The API closes what lies idle: the gateway asks again on a new connection.
      if (at === 2) kept.api.closeIdleConnections()
    }
    agent.destroy()
    assert.equal(sockets.size, 1)
    assert.equal(kept.seen.length, 5)
  })
})

describe('who goes away', () => {
  it('ends the request at the API too', async () => {
    const [asked, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const waiting = await start({}, (_, response) => {
      response.once('close', ended.resolve)
      asked.resolve()
    })
    const asking = get({ port: waiting.port, path: '/open/x', agent: false })
    asking.on('error', () => {})
    await asked.promise
    asking.destroy()
    await ended.promise
  })

  it('a gateway that stops lets what is under way finish', async () => {
    const asked = Promise.withResolvers<void>()
    const stopping = await startBench({}, (_, response) => {
      setTimeout(() => response.end('done'), 200)
      asked.resolve()
    })
    const agent = new Agent({ keepAlive: true })
    const answered = answerOf(get({ port: stopping.port, path: '/open/x', agent }))
    await asked.promise
    const stopped = stopping.gateway.stop(5000)
    let text = ''
    for await (const piece of await answered) text += piece
    await stopped
    assert.equal(text, 'done')
    const late = get({ port: stopping.port, path: '/open/x', agent: false })
    await assert.rejects(answerOf(late), /ECONNREFUSED/)
    agent.destroy()
    await stopping.close()
  })
})

const webSocketFields = [
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
]
const upgradeHead = (line: string, ...fields: string[]) =>
  head(line, ...webSocketFields, ...fields).replace('Connection: close', 'Connection: Upgrade')

describe('a WebSocket', () => {
  const asked: IncomingMessage[] = []
  const speaking = start({
    routes: [route('/orders/**', 'orders.read'), route('/open/**', null)],
  }).then((made) => {
    made.api.on('upgrade', (incoming, socket) => {
      asked.push(incoming)
      if (incoming.url === '/open/no') return socket.end('HTTP/1.1 409 No\r\n\r\n')
      socket.write(
        'HTTP/1.1 101 Yes\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-A: 1\r\n\r\n',
      )
      socket.pipe(socket)
      socket.on('error', () => {})
      return socket
    })
    return made
  })

  it('is joined to the API once the guard has said yes, and carries bytes both ways', async () => {
    const { port, token } = await speaking
    const bearer = `Authorization: Bearer ${token}`
    const text = `${upgradeHead('GET /orders/live', bearer, 'X_Client_Id: root')}ping`
    const said = await sendBytes(port, text, (each) => each.endsWith('ping'))
    assert.match(said, /^HTTP\/1\.1 101 Yes\r\n[\s\S]*X-A: 1\r\n[\s\S]*\r\n\r\nping$/)
    assert.equal(asked[0]?.headers['x-client-id'], 'test-client')
    assert.ok(!JSON.stringify(asked[0]?.rawHeaders).includes('root'))
  })

  it('is refused with the reason, by the guard and by the API', async () => {
    const { port } = await speaking
    const refused = await sendBytes(port, upgradeHead('GET /orders/live'))
    assert.match(refused, /^HTTP\/1\.1 401 [\s\S]*www-authenticate: Bearer[\s\S]*TOKEN_MISSING/)
    assert.match(await sendBytes(port, upgradeHead('GET /open/no')), /^HTTP\/1\.1 409 No\r\n/)
  })

  it('ends with the token', async () => {
    const { port, issuer } = await speaking
    const exp = Math.floor(Date.now() / 1000) + 2
    const token = issuer.token({ scope: 'orders.read', exp })
    const text = upgradeHead('GET /orders/live', `Authorization: Bearer ${token}`)
    const said = await sendBytes(port, text)
    assert.match(said, /^HTTP\/1\.1 101 /)
    assert.ok(Math.abs(Date.now() / 1000 - exp) < 1, 'the connection outlived its token')
  })

  it('is the only protocol that can be changed to', async () => {
    const { port } = await speaking
    const h2c = upgradeHead('GET /open/x').replace('websocket', 'h2c')
    const said = await sendBytes(port, h2c, (each) => each.includes('\r\n\r\n'))
    assert.equal(statusOf(said), 200)
    assert.doesNotMatch(said, /h2c\r\n/)
  })
})
