/** One gateway before several APIs, and another file while it runs. */
import assert from 'node:assert/strict'
import { Agent, createServer, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { after, describe, it } from 'node:test'
import { gatewayLimitsUsual } from './gateway-settings.ts'
import { head, listen, route, sendBytes, startBench, statusOf } from './test-api.ts'
import { testSettings } from './test-settings.ts'

const other = createServer((_, response) => response.end('the other API'))
const otherPort = await listen(other)
const bench = await startBench()
const { issuer, token } = bench
const upstream = `http://127.0.0.1:${otherPort}`
const settings = testSettings({
  guard: { ...issuer.guardOptions, audience: ['https://api.test', 'https://other.test'] },
  routes: [
    { ...route('/orders/**', { scope: 'orders.read', audience: 'https://api.test' }) },
    { ...route('/other/**', { audience: 'https://other.test' }), upstream },
    { ...route('/open/**', null), hosts: ['other.test'], upstream },
  ],
  upstream: `http://127.0.0.1:${bench.apiPort}`,
})
after(async () => {
  await bench.close()
  other.closeAllConnections()
  other.close()
})

const bearer = `Authorization: Bearer ${token}`
const ask = (line: string, ...fields: readonly string[]) =>
  sendBytes(bench.port, head(line, ...fields))
const askHost = (line: string, host: string) =>
  sendBytes(bench.port, head(line).replace('api.test', host))

describe('a gateway that is given other settings', () => {
  it('leads each route to its API, for the audience and the host it is for', async () => {
    assert.equal(statusOf(await ask('GET /other/1', bearer)), 403)
    const done = await bench.gateway.reload(settings, false)
    assert.ok(done.ok)
    assert.match(await ask('GET /orders/1', bearer), /200 OK[\s\S]*"url":"\/orders\/1"/)
    assert.match(await ask('GET /other/1', bearer), /401 [\s\S]*AUDIENCE_MISMATCH/)
    const theirs = `Authorization: Bearer ${issuer.token({ aud: 'https://other.test' })}`
    assert.match(await ask('GET /other/1', theirs), /200 OK[\s\S]*the other API$/)
    assert.match(await ask('GET /orders/1', theirs), /401 [\s\S]*AUDIENCE_MISMATCH/)
  })

  it('keeps hosts apart, however they are written', async () => {
    const before = bench.seen.length
    for (const host of ['other.test', 'OTHER.test', 'other.test:8080', 'other.test.']) {
      assert.match(await askHost('GET /open/1', host), /200 OK[\s\S]*the other API$/, host)
      // The routes of other hosts are none of this one.
      assert.match(await askHost('GET /orders/1', host), /403 [\s\S]*ROUTE_UNKNOWN/, host)
    }
    for (const host of ['api.test', 'x.other.test', 'other.test.x', 'other%2etest']) {
      assert.match(await askHost('GET /open/1', host), /403 [\s\S]*ROUTE_UNKNOWN/, host)
    }
    assert.equal(bench.seen.length, before)
  })

  it('lets what is under way finish, and keeps open connections', async () => {
    const slow = createServer((_, response) => {
      response.write('half ')
      setTimeout(() => response.end('whole'), 400)
    })
    after(() => {
      slow.closeAllConnections()
      slow.close()
    })
    const slowAt = `http://127.0.0.1:${await listen(slow)}`
    const routes = [{ ...route('/open/**', null), upstream: slowAt }]
    assert.ok((await bench.gateway.reload({ ...settings, routes }, true)).ok)
    const guard = bench.gateway.guard
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const get = (path: string) =>
      new Promise<IncomingMessage>((fulfil, reject) => {
        const asking = request({ port: bench.port, path, agent }, fulfil)
        asking.on('error', reject)
        asking.end()
      })
    const first = await get('/open/1')
    const { socket } = first
    assert.ok((await bench.gateway.reload(settings, true)).ok)
    assert.equal(await text(first), 'half whole')
    const second = await get('/open/1')
    assert.ok(second.socket === socket, 'the connection was not kept')
    assert.equal(second.statusCode, 403)
    second.resume()
    agent.destroy()
    assert.equal(bench.gateway.guard, guard, 'what the guard remembers was lost')
  })

  it('keeps the old ones where the new ones cannot be', async () => {
    const wrong = [
      { ...settings, guard: { ...settings.guard, audience: [] } },
      { ...settings, guard: { ...settings.guard, jwksUri: 'https://away.test/jwks' } },
      { ...settings, limits: { ...gatewayLimitsUsual, headerBytesMax: 9999 } },
    ]
    for (const each of wrong) {
      const done = await bench.gateway.reload(each, false)
      assert.equal(done.ok, false)
      assert.match(await ask('GET /orders/1', bearer), /^HTTP\/1\.1 200 /)
    }
  })
})
