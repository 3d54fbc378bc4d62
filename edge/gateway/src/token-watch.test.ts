/** What is under way does not outlive the token that opened it. */
import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { after, describe, it } from 'node:test'
import { testIssuer } from '@mintmark/guard/testing'
import { head, sendBytes, startBench, statusOf } from './test-api.ts'

const issuer = await testIssuer()

const silentAsked = Promise.withResolvers<void>()

/** Answers that have no end of their own, and one that has none at all. */
const api: RequestListener = (request, response) => {
  const kind = request.url?.split('/').at(-1)
  if (kind === 'silent') return silentAsked.resolve()
  const type = kind === 'events' ? 'text/event-stream' : 'application/octet-stream'
  response.writeHead(200, { 'content-type': type })
  const timer = setInterval(() => response.write('data: 1\n\n'), 20)
  response.once('close', () => clearInterval(timer))
}
const bench = await startBench(
  {
    guard: {
      ...issuer.guardOptions,
      introspection: { ...issuer.introspection, maxAgeSeconds: 0 },
      clockSkewSeconds: 3,
    },
  },
  api,
)
bench.api.on('upgrade', (_request, socket) => {
  socket.write('HTTP/1.1 101 Yes\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  const timer = setInterval(() => socket.write('1'), 20)
  socket.once('close', () => clearInterval(timer))
  socket.on('error', () => {})
})
after(async () => {
  await bench.close()
  await issuer.close()
})

const webSocket = [
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
]
const asks: Readonly<Record<string, (token: string) => string>> = {
  events: (token) => head('GET /orders/events', `Authorization: Bearer ${token}`),
  chunks: (token) => head('GET /orders/chunks', `Authorization: Bearer ${token}`),
  webSocket: (token) =>
    head('GET /orders/live', `Authorization: Bearer ${token}`, ...webSocket).replace(
      'Connection: close',
      'Connection: Upgrade',
    ),
}

/** A revocation is noticed in the next round of half a second. */
const roundSecondsMax = 1

// they wait for most of their time, each for a token of its own
describe('an answer that goes on', { concurrency: true }, () => {
  for (const [name, write] of Object.entries(asks)) {
    it(`(${name}) is broken off when its token is revoked`, async () => {
      const token = issuer.token({ scope: 'orders.read' })
      const other = issuer.token({ scope: 'orders.read' })
      let revokedAtMs = Number.POSITIVE_INFINITY
      const keeping = sendBytes(bench.port, write(other), () => Date.now() > revokedAtMs + 1500)
      // as soon as the answer has begun
      const revoke = (): boolean => {
        if (revokedAtMs < Number.POSITIVE_INFINITY) return false
        issuer.revoke(token)
        revokedAtMs = Date.now()
        return false
      }
      const said = await sendBytes(bench.port, write(token), revoke)
      const tookMs = Date.now() - revokedAtMs
      assert.match(String(statusOf(said)), /^(?:200|101)$/, said)
      assert.ok(tookMs >= 0 && tookMs < roundSecondsMax * 1000, `after ${tookMs} ms`)
      assert.doesNotMatch(said, /\r\n0\r\n\r\n$/, 'it looks as if it were whole')
      await keeping
      assert.ok(Date.now() > revokedAtMs + 1400, 'the other one ended too')
    })
  }

  it('ends in time when the token does: events at once, others within the skew', async () => {
    // of the second that runs little may be left, and then a slow machine began too late
    const exp = Math.floor(Date.now() / 1000) + 3
    const token = issuer.token({ scope: 'orders.read', exp })
    const endOf = async (name: string) => {
      const said = await sendBytes(bench.port, asks[name]?.(token) ?? '')
      assert.match(String(statusOf(said)), /^(?:200|101)$/, said)
      return Date.now() / 1000 - exp
    }
    const [events, live] = await Promise.all([endOf('events'), endOf('webSocket')])
    for (const late of [events, live]) assert.ok(late > -0.1 && late < 1, `${late} s after its end`)
  })

  it('that has not begun is refused with the reason', async () => {
    const token = issuer.token({ scope: 'orders.read' })
    void silentAsked.promise.then(() => issuer.revoke(token))
    const silent = head('GET /orders/silent', `Authorization: Bearer ${token}`)
    const said = await sendBytes(bench.port, silent)
    assert.match(said, /^HTTP\/1\.1 401 [\s\S]*"reason":"TOKEN_INACTIVE"/)
  })

  it('goes on where nobody was asked who they are', async () => {
    const startedAtMs = Date.now()
    const open = head('GET /open/events')
    const said = await sendBytes(bench.port, open, () => Date.now() > startedAtMs + 1200)
    assert.equal(statusOf(said), 200)
    assert.ok(Date.now() > startedAtMs + 1100)
  })
})

describe('a download that goes on', { concurrency: true }, () => {
  it('ends when its account is locked', async () => {
    let status: 'active' | 'locked' = 'active'
    const accounts = { find: (name: string) => ({ name, status }) }
    const strict = await startBench({ guard: { ...issuer.guardOptions, accounts } }, api)
    const asked = asks['chunks']?.(issuer.token({ scope: 'orders.read' })) ?? ''
    let lockedAtMs = Number.POSITIVE_INFINITY
    const said = await sendBytes(strict.port, asked, () => {
      if (status === 'active') lockedAtMs = Date.now()
      status = 'locked'
      return false
    })
    const tookMs = Date.now() - lockedAtMs
    await strict.close()
    assert.equal(statusOf(said), 200)
    assert.doesNotMatch(said, /\r\n0\r\n\r\n$/, 'it looks as if it were whole')
    assert.ok(tookMs >= 0 && tookMs < 7000, `after ${tookMs} ms`)
  })

  it('ends when a new request with the token would be refused', async () => {
    const own = await testIssuer()
    const strict = await startBench({ guard: { ...own.guardOptions, clockSkewSeconds: 1 } }, api)
    const exp = Math.floor(Date.now() / 1000) + 2
    const token = own.token({ scope: 'orders.read', exp })
    const said = await sendBytes(strict.port, asks['chunks']?.(token) ?? '')
    const late = Date.now() / 1000 - exp
    await strict.close()
    await own.close()
    assert.equal(statusOf(said), 200)
    assert.ok(late >= 0.9 && late < 2, `${late} s after its end`)
  })
})
