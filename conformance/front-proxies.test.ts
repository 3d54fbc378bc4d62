/**
 * Real nginx, Caddy and HAProxy, where they are installed, before an API that believes its fields:
 * no forged identity reaches it, and refusals arrive whole. `npm run test:system` is for this.
 */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { identityFieldsUsual, identityNames } from '@mintmark/gateway/identity-fields'
import { type RunningGateway, startGateway } from '@mintmark/gateway/start-gateway'
import { testSettings } from '@mintmark/gateway/test-settings'
import { readRequirement } from '@mintmark/guard/requirement'
import { testIssuer } from '@mintmark/guard/testing'
import { freePort } from './kit/free-port.ts'
import { isInstalled, type RunningProxy, realProxies, startFrontProxy } from './kit/front-proxy.ts'
import { parseRawAnswer, sendRaw } from './kit/raw-socket.ts'

const issuer = await testIssuer()
const seen: (readonly string[])[] = []
const api = createServer((request, response) => {
  seen.push([request.method ?? '', request.url ?? '', ...request.rawHeaders])
  request.resume().on('end', () => response.end('from the API'))
})
let gateway: RunningGateway

before(async () => {
  await new Promise<void>((fulfil) => api.listen(0, '127.0.0.1', fulfil))
  const reads = readRequirement('orders.read')
  const settings = testSettings({
    guard: issuer.guardOptions,
    routes: [
      { pattern: '/orders/**', methods: ['GET', 'POST'], requirement: reads },
      { pattern: '/admin/**', methods: [], requirement: readRequirement('admin') },
      { pattern: '/open/**', methods: [], requirement: null },
    ],
    forwardAuth: true,
    trustedProxies: ['127.0.0.1'],
  })
  gateway = await startGateway(settings, { host: '127.0.0.1', port: 0 }, () => {})
})

after(async () => {
  await gateway.stop(0)
  api.closeAllConnections()
  api.close()
  await issuer.close()
})

const token = issuer.token({ scope: 'orders.read' })
const bearer = `Authorization: Bearer ${token}`
const forged = [
  ...['X-Client-Id: root', 'x-client-id: root', 'X_Client_Id: root', 'X-Scopes: root'],
  ...['x_account: root', 'X-Account: root', 'X-Roles: root', 'X-Subject: root'],
  ...['X-Original-URI: /open/x', 'X-Original-Method: GET'],
  ...['X-Forwarded-Uri: /open/x', 'X-Forwarded-Method: GET'],
]

const asks: readonly [statuses: RegExp, line: string, ...fields: string[]][] = [
  [/200/, 'GET /orders/1?a=b', bearer],
  [/200/, 'POST /orders/1', bearer, 'Content-Length: 0'],
  [/200/, 'GET /open/x'],
  [/401/, 'GET /orders/1'],
  [/401/, 'GET /orders/1', 'Authorization: Bearer abc'],
  [/403/, 'GET /admin/x', bearer],
  [/403/, 'GET /nothing', bearer],
  [/40[013]/, 'GET /orders/1', ...forged],
  [/40[03]/, 'GET /open/../admin/x', bearer],
  [/40[03]/, 'GET /open/%2e%2e/admin/x', bearer],
  [/40[03]/, 'GET /open//x', bearer],
  [/40[03]/, 'GET /open/..%2fadmin/x', bearer],
  [/40\d/, 'DELETE /orders/1', bearer],
]

for (const name of realProxies) {
  const skip = isInstalled(name) ? false : `${name} is not installed`
  describe(`${name} with the printed configuration`, { skip }, () => {
    let proxy: RunningProxy

    before(async () => {
      proxy = await startFrontProxy(name, {
        gateway: new URL(gateway.url).host,
        api: `127.0.0.1:${(api.address() as AddressInfo).port}`,
        fields: identityNames(identityFieldsUsual),
        passToken: false,
      })
    })
    after(() => proxy?.stop())

    const send = async (line: string, ...fields: readonly string[]) => {
      seen.splice(0)
      const head = [`${line} HTTP/1.1`, 'Host: api.test', 'Connection: close', ...fields]
      return parseRawAnswer(await sendRaw(proxy.url, `${head.join('\r\n')}\r\n\r\n`))
    }

    it('lets in whom the gateway lets in, and nobody else', async () => {
      for (const [statuses, line, ...fields] of asks) {
        const answer = await send(line, ...fields)
        assert.match(String(answer.status), statuses, `${line}: ${answer.text}`)
        assert.equal(seen.length, answer.status === 200 ? 1 : 0, line)
        if (answer.status === 200) assert.equal(seen[0]?.slice(0, 2).join(' '), line)
      }
    })

    it('lets no forged field through', async () => {
      for (const path of ['/orders/1', '/open/x']) {
        const answer = await send(`GET ${path}`, bearer, ...forged)
        const text = JSON.stringify(seen)
        assert.ok(!text.includes('root'), text)
        if (answer.status === 200 && path === '/orders/1') assert.match(text, /"test-client"/)
      }
      // Alone, in the usual spelling, which the request may have: the real ones replace them.
      const plain = await send('GET /orders/1', bearer, 'X-Client-Id: root', 'X-Account: root')
      assert.equal(plain.status, 200, plain.text)
      const text = JSON.stringify(seen)
      assert.ok(!text.includes('root') && text.includes('"test-client"'), text)
      assert.ok(!text.includes(token), 'the API got the token')
      const open = await send('GET /open/x', 'X-Client-Id: root', 'X-Account: root')
      assert.equal(open.status, 200, open.text)
      assert.ok(!JSON.stringify(seen).includes('root'), JSON.stringify(seen))
    })

    it('gives refusals as the gateway words them', async () => {
      const none = await send('GET /orders/1')
      assert.equal(none.json?.['reason'], 'TOKEN_MISSING', none.text)
      assert.match(String(none.headers['www-authenticate']), /^Bearer realm="api"/)
      const lacking = await send('GET /admin/x', bearer)
      assert.equal(lacking.json?.['reason'], 'SCOPE_MISSING', lacking.text)
      assert.match(String(lacking.headers['www-authenticate']), /insufficient_scope/)
    })

    it('lets nobody in while the gateway is away', async () => {
      const alone = await startFrontProxy(name, {
        gateway: `127.0.0.1:${await freePort()}`,
        api: `127.0.0.1:${(api.address() as AddressInfo).port}`,
        fields: identityNames(identityFieldsUsual),
        passToken: false,
      })
      seen.splice(0)
      try {
        const head = ['GET /open/x HTTP/1.1', 'Host: api.test', 'Connection: close', bearer]
        const answer = parseRawAnswer(await sendRaw(alone.url, `${head.join('\r\n')}\r\n\r\n`))
        assert.match(String(answer.status), /^50\d$/, answer.text)
        assert.equal(seen.length, 0)
      } finally {
        await alone.stop()
      }
    })
  })
}
