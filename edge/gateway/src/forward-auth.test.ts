import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { FrontProxy } from './forward-auth.ts'
import { head, route, sendBytes, startBench, statusOf } from './test-api.ts'

const bench = await startBench({
  routes: [
    route('/orders/**', 'orders.read', ['GET']),
    route('/orders/admin', 'admin'),
    route('/open/**', null),
  ],
  upstream: null,
  forwardAuth: true,
  trustedProxies: ['127.0.0.1'],
})
const distrusting = await startBench({ forwardAuth: true, trustedProxies: ['10.0.0.0/8'] })
after(async () => {
  await bench.close()
  await distrusting.close()
})

const bearer = `Authorization: Bearer ${bench.token}`

/** A question as the proxy asks it. */
const question = (proxy: FrontProxy, method: string, uri: string, ...fields: string[]): string => {
  const at = `/.mintmark/authorize/${proxy}`
  switch (proxy) {
    case 'envoy':
      return head(`${method} ${at}${uri}`, ...fields)
    case 'nginx':
    case 'haproxy':
      return head(`GET ${at}`, `X-Original-Method: ${method}`, `X-Original-URI: ${uri}`, ...fields)
    default:
      return head(
        `GET ${at}`,
        `X-Forwarded-Method: ${method}`,
        `X-Forwarded-Uri: ${uri}`,
        ...fields,
      )
  }
}
const proxies: readonly FrontProxy[] = ['nginx', 'caddy', 'haproxy', 'traefik', 'envoy']

const cases: readonly [status: number, method: string, uri: string, ...fields: string[]][] = [
  [200, 'GET', '/orders/1?x=y', bearer],
  [200, 'GET', '/open/x'],
  [200, 'GET', '/orders/caf%c3%a9', bearer],
  [401, 'GET', '/orders/1'],
  [401, 'GET', '/orders/1', 'Authorization: Bearer x'],
  [400, 'GET', '/orders/1', bearer, bearer],
  [403, 'GET', '/orders/admin', bearer],
  [405, 'POST', '/orders/1', bearer],
  [403, 'GET', '/', bearer],
  [400, 'GET', '/orders/../open/x', bearer],
  [400, 'GET', '/open//x'],
  // The proxy would pass it on as it is, and the API might not see what the rule saw.
  [400, 'GET', '/orders/%61bc', bearer],
  [403, 'GET', '/orders/%61dmin', bearer],
  [400, 'GET', '/%6fpen/x'],
  [400, 'GET', '/open/x', 'X_Client_Id: root'],
  [400, 'GET', '/open/x', 'X.Client.Id: root'],
  [400, 'GET', '/open/x', 'X-HTTP-Method-Override: DELETE'],
  [400, 'GET', '/open/x', 'X-Original-URL: /orders'],
]

describe('a proxy that asks', () => {
  for (const proxy of proxies) {
    it(`${proxy} gets the verdict on what its caller asked for`, async () => {
      for (const [status, method, uri, ...fields] of cases) {
        const said = await sendBytes(bench.port, question(proxy, method, uri, ...fields))

        assert.equal(statusOf(said), status, `${method} ${uri} ${fields}\n${said}`)
        if (status !== 200) assert.match(said, /"reason":"[A-Z_]+"/)
      }
    })
  }

  it('gets the identity, which is empty where nobody was asked', async () => {
    const forged = 'X-Client-Id: root'
    const known = await sendBytes(bench.port, question('caddy', 'GET', '/orders', bearer, forged))
    assert.match(known, /^X-Client-Id: test-client\r\n/im)
    assert.match(known, /^X-Scopes: orders\.read\r\n/im)
    const open = await sendBytes(bench.port, question('caddy', 'GET', '/open/x', bearer, forged))
    for (const name of ['X-Client-Id', 'X-Subject', 'X-Account', 'X-Scopes', 'X-Roles']) {
      assert.match(open, new RegExp(`^${name}: ?\r\n`, 'm'), open)
    }
  })

  it('says what it was asked once, and in its own fields', async () => {
    const nginx = '/.mintmark/authorize/nginx'
    const twice = ['X-Original-Method: GET', 'X-Original-URI: /open/x', 'X-Original-URI: /orders']
    const forms = [
      head(`GET ${nginx}`, ...twice),
      head(`GET ${nginx}`, 'X-Original-URI: /open/x'),
      head(`GET ${nginx}`, 'X-Forwarded-Method: GET', 'X-Forwarded-Uri: /open/x'),
      head(`GET ${nginx}`, 'X-Original-Method: G T', 'X-Original-URI: /open/x'),
      head(`GET ${nginx}`, 'X-Original-Method: GET', 'X-Original-URI: http://api.test/open/x'),
    ]
    for (const each of forms) {
      assert.equal(statusOf(await sendBytes(bench.port, each)), 400, each)
    }
    for (const path of [
      '',
      'x',
      'authorize',
      'authorize/apache',
      'authorize/nginx/x',
      'authorize/envoy',
    ]) {
      const said = await sendBytes(bench.port, head(`GET /.mintmark/${path}`, ...twice.slice(0, 2)))
      assert.equal(statusOf(said), 403, path)
    }
  })

  it('is one of those in the list', async () => {
    const asked = question('nginx', 'GET', '/open/x')
    const said = await sendBytes(distrusting.port, asked)
    assert.match(said, /^HTTP\/1\.1 403 [\s\S]*"reason":"PROXY_NOT_TRUSTED"/)
  })

  it('can have the refusal by itself, which never becomes a yes', async () => {
    const refusal = (uri: string, ...fields: string[]) =>
      sendBytes(
        bench.port,
        question('nginx', 'GET', uri, ...fields).replace('authorize', 'refusal'),
      )
    assert.match(await refusal('/orders'), /^HTTP\/1\.1 401 [\s\S]*"TOKEN_MISSING"/)
    assert.match(await refusal('/orders', bearer), /^HTTP\/1\.1 503 [\s\S]*"EXPECTATION_CHANGED"/)
  })
})
