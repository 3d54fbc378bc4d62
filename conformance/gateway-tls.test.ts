/** A gateway that ends TLS: tokens bound to the certificate of the handshake (RFC 8705 §3). */
import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { createServer } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, it } from 'node:test'
import { startGateway } from '@mintmark/gateway/start-gateway'
import { testSettings } from '@mintmark/gateway/test-settings'
import { readRequirement } from '@mintmark/guard/requirement'
import { testIssuer } from '@mintmark/guard/testing'
import { makeAuthority } from './kit/certificate.ts'

const issuer = await testIssuer()
const served = makeAuthority('gateway.test')
const [mine, another] = [makeAuthority('mine'), makeAuthority('another')]
const api = createServer((incoming, response) => response.end(JSON.stringify(incoming.headers)))
await new Promise<void>((fulfil) => api.listen(0, '127.0.0.1', fulfil))
const gateway = await startGateway(
  testSettings({
    guard: { ...issuer.guardOptions, certificates: { from: 'handshake' } },
    routes: [{ pattern: '/orders', methods: ['GET'], requirement: readRequirement('orders.read') }],
    upstream: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    tls: { certificate: served.pem, key: served.keyPem },
  }),
  { host: '127.0.0.1', port: 0 },
  () => {},
)
after(async () => {
  await gateway.stop(0)
  api.closeAllConnections()
  api.close()
  await issuer.close()
})

const thumbprint = createHash('sha256')
  .update(new X509Certificate(mine.pem).raw)
  .digest('base64url')
const bound = issuer.token({ scope: 'orders.read', cnf: { 'x5t#S256': thumbprint } })
const plain = issuer.token({ scope: 'orders.read' })

const ask = (token: string, shown?: { pem: string; keyPem: string }) =>
  new Promise<{ status: number; body: string }>((fulfil, reject) => {
    const asking = request(`${gateway.url}/orders`, {
      headers: { authorization: `Bearer ${token}`, 'client-cert': ':AAAA:' },
      rejectUnauthorized: false,
      agent: false,
      ...(shown !== undefined && { cert: shown.pem, key: shown.keyPem }),
    })
    asking.once('error', reject)
    asking.once('response', (answer) => {
      text(answer).then((body) => fulfil({ status: answer.statusCode ?? 0, body }), reject)
    })
    asking.end()
  })

it('a token that is bound to a certificate is good with that certificate alone', async () => {
  const good = await ask(bound, mine)
  assert.equal(good.status, 200, good.body)
  assert.match(good.body, /"x-forwarded-proto":"https"/)
  assert.doesNotMatch(good.body, /client-cert/)
  assert.equal((await ask(bound, another)).status, 401)
  assert.equal((await ask(bound)).status, 401)
  assert.equal((await ask(plain)).status, 200)
  assert.equal((await ask(plain, another)).status, 200)
})

it('a renewed certificate without its key changes nothing, and leaves nothing behind', async () => {
  const following = await testIssuer({ http: true })
  const settings = (tls: { certificate: string; key: string }) =>
    testSettings({
      guard: { ...following.guardOptions, allowHttp: true, revocations: following.revocations },
      forwardAuth: true,
      trustedProxies: ['127.0.0.1'],
      tls,
    })
  const good = settings({ certificate: served.pem, key: served.keyPem })
  const doors = { host: '127.0.0.1', port: 0, metrics: { host: '127.0.0.1', port: 0 } }
  const running = await startGateway(good, doors, () => {})
  const before = running.guard
  const half = settings({ certificate: mine.pem, key: served.keyPem })
  const done = await running.reload(half, false)
  assert.equal(done.ok ? '' : done.failure.includes('key'), true)
  assert.equal(running.guard, before)
  const counted = await (await fetch(`${running.metricsUrl}/metrics`)).text()
  assert.match(counted, /reloads_total\{result="kept_old"\} 1/)
  assert.doesNotMatch(counted, /reloads_total\{result="ok"\}/)
  await running.stop(0)
  // a guard that was left behind would follow the feed for ever
  await following.close()
})
