/** What goes through the gateway and what does not, byte by byte. */
import assert from 'node:assert/strict'
import { after, beforeEach, describe, it } from 'node:test'
import { head, route, sendAndLeave, sendBytes, startBench, statusOf } from './test-api.ts'

const bench = await startBench({
  routes: [
    route('/orders/**', 'orders.read'),
    route('/orders/admin/**', 'admin'),
    route('/read/**', 'orders.read', ['GET']),
    route('/open/**', null),
  ],
})
after(() => bench.close())
beforeEach(() => bench.seen.splice(0))

const bearer = `Authorization: Bearer ${bench.token}`
const send = (line: string, ...fields: readonly string[]) =>
  sendBytes(bench.port, head(line, ...fields))
const valuesSeen = (name: string): readonly string[] => {
  const fields = bench.seen[0]?.fields ?? []
  return fields.filter((_, at) => at % 2 === 1 && fields[at - 1]?.toLowerCase() === name)
}

const statuses: readonly [status: number, line: string, ...fields: string[]][] = [
  [200, 'GET /orders', bearer],
  [200, 'GET http://api.test/orders', bearer],
  [200, 'GET /open/x'],
  [200, 'HEAD /read/x', bearer],
  [401, 'GET /orders'],
  [401, 'GET /orders', 'Authorization: Bearer abc'],
  [400, 'GET /orders', bearer, bearer],
  [403, 'GET /orders/admin', bearer],
  [403, 'GET /orders/admin/', bearer],
  [403, 'GET /orders/%61dmin', bearer],
  [400, 'GET /orders/x/../admin', bearer],
  [400, 'GET /orders//admin', bearer],
  [400, 'GET /orders/x/%2e%2e/admin', bearer],
  [400, 'GET /orders%2Fadmin', bearer],
  [400, 'GET /orders/..;/admin', bearer],
  [400, 'GET /open/..%5corders'],
  [400, 'GET /open/\\..\\orders'],
  [400, 'GET /orders;x/admin', bearer],
  [400, 'GET /open/x;/../../orders'],
  [400, 'GET /open/.%2E/orders'],
  [400, 'GET /open/%2e'],
  [400, 'GET /open%2f..%2forders'],
  [400, 'GET /open%5Corders'],
  [400, 'GET /open/%252e%252e/orders'],
  [400, 'GET /open/%c0%ae%c0%ae/orders'],
  [400, 'GET /open/%ef%bc%8e%ef%bc%8e/orders'],
  [400, 'GET //open/x'],
  [400, 'GET /open/x//'],
  [400, 'GET /open/%00'],
  [400, `GET /open/${'a'.repeat(9000)}`],
  [400, 'GET /orders', bearer, 'authorization: Bearer abc'],
  [400, 'GET /orders', 'Authorization: Basic abc', bearer],
  [401, 'GET /orders', bearer.replace('Authorization', 'X_Authorization')],
  [401, 'GET /orders', bearer.replace('Authorization', 'Authorization_')],
  [431, 'GET /open/x', `X-Long: ${'a'.repeat(40_000)}`],
  [400, 'GET http://other.test/orders', bearer],
  [403, 'GET /other', bearer],
  [403, 'GET /', bearer],
  [403, 'GET /Orders', bearer],
  [405, 'POST /read/x', bearer, 'Content-Length: 0'],
  [405, 'DELETE /read/x', bearer],
  [403, `GET /none?access_token=${bench.token}`],
  [401, `GET /orders?access_token=${bench.token}`],
]

describe('a request', () => {
  it('goes on only where a route and the guard let it', async () => {
    for (const [status, line, ...fields] of statuses) {
      bench.seen.splice(0)
      const said = await send(line, ...fields)
      assert.equal(statusOf(said), status, `${line}\n${said}`)
      assert.equal(bench.seen.length, status === 200 ? 1 : 0, line)
      if (status !== 200) assert.match(said, /application\/problem\+json/, line)
    }
  })

  it('asks the API for the path by which it was judged', async () => {
    await send('GET /orders/%7eanna/caf%c3%a9?q=%61/../x', bearer)
    assert.equal(bench.seen[0]?.url, '/orders/~anna/caf%C3%A9?q=%61/../x')
  })

  it('is refused with a challenge and the reason', async () => {
    const said = await send('GET /orders')
    assert.match(said, /^www-authenticate: Bearer realm="api"/im)
    assert.match(said, /"reason":"TOKEN_MISSING"/)
    const none = await send('GET /x')
    assert.match(none, /"reason":"ROUTE_UNKNOWN"/)
    const hosts = await send('GET /open/x', 'Host: other.test')
    assert.match(hosts, /"reason":"HOST_AMBIGUOUS"/)
    const coding = await send('POST /open/x', 'Transfer-Encoding: gzip, chunked')
    assert.match(coding, /"reason":"CODING_UNKNOWN"/)
    const other = await send('POST /read/x', bearer, 'Content-Length: 0')
    assert.match(other, /^allow: GET\r$/m)
  })
})

describe('the fields of a request', () => {
  it('name the caller, in whatever spelling somebody forged them', async () => {
    const forged = [
      'X-Client-Id: root',
      'x-client-id: root',
      'X-CLIENT-ID: root',
      'X_Client_Id: root',
      'x_client-id: root',
      'X.Client.Id: root',
      'X-Scopes: admin',
      'X-Account: root',
      'x_account: root',
      'X-Roles: root',
      'X-Subject: root',
      'Connection: X-Client-Id',
    ]
    await send('GET /orders', bearer, ...forged)
    assert.deepEqual(valuesSeen('x-client-id'), ['test-client'])
    assert.deepEqual(valuesSeen('x-subject'), ['test-client'])
    assert.deepEqual(valuesSeen('x-scopes'), ['orders.read'])
    assert.ok(!JSON.stringify(bench.seen).includes('root'), JSON.stringify(bench.seen))
    bench.seen.splice(0)
    await send('GET /open/x', ...forged)
    assert.equal(bench.seen.length, 1)
    assert.ok(!JSON.stringify(bench.seen).includes('root'), JSON.stringify(bench.seen))
  })

  it('name the caller under the names of the file, whatever parts the words', async () => {
    const identity = { clientId: 'X-Auth-User', subject: null, account: null }
    const named = await startBench({ identity: { ...identity, scopes: null, roles: null } })
    const spellings = ['X_Auth-User', 'X-Auth_User', 'x_auth_user', 'X.Auth.User', 'X-AUTH-USER']
    const forged = spellings.map((name) => `${name}: root`)
    const token = `Authorization: Bearer ${named.token}`
    for (const [line, ...fields] of [['GET /orders', token], ['GET /open/x']] as const) {
      await sendBytes(named.port, head(line, ...fields, ...forged))
    }
    await named.close()
    assert.equal(named.seen.length, 2)
    assert.ok(!JSON.stringify(named.seen).includes('root'), JSON.stringify(named.seen))
    assert.match(JSON.stringify(named.seen[0]), /"X-Auth-User","test-client"/)
  })

  it('do not change the method or the path behind the rule, and end at their hop', async () => {
    await send(
      'GET /orders',
      bearer,
      'X-HTTP-Method-Override: DELETE',
      'X_HTTP_Method: DELETE',
      'X-Original-URL: /admin',
      'X-Rewrite-Url: /admin',
      'X-Forwarded-For: 10.9.9.9',
      'Forwarded: for=10.9.9.9',
      'Keep-Alive: timeout=9',
      'Proxy-Authorization: Basic abc',
      'TE: gzip',
      'Upgrade: h2c',
      'HTTP2-Settings: AAA',
      'Connection: X-Mine, Upgrade, HTTP2-Settings',
      'X-Mine: hop',
      'X-Kept: yes',
      'Cookie: a=1',
    )
    const text = JSON.stringify(bench.seen)
    for (const gone of [
      'DELETE',
      '/admin',
      '10.9.9.9',
      'timeout=9',
      'Basic',
      'gzip',
      'h2c',
      'hop',
    ]) {
      assert.ok(!text.includes(gone), `${gone}: ${text}`)
    }
    assert.deepEqual(valuesSeen('x-kept'), ['yes'])
    assert.deepEqual(valuesSeen('cookie'), ['a=1'])
    assert.deepEqual(valuesSeen('host'), ['api.test'])
    assert.deepEqual(valuesSeen('x-forwarded-for'), ['127.0.0.1'])
  })

  it('hold the token only where nobody has checked it, or where that was said', async () => {
    await send('GET /orders', bearer)
    assert.deepEqual(valuesSeen('authorization'), [])
    bench.seen.splice(0)
    await send('GET /open/x', 'Authorization: Basic abc')
    assert.deepEqual(valuesSeen('authorization'), ['Basic abc'])
    const passing = await startBench({ passToken: true, trustedProxies: ['127.0.0.0/8'] })
    const token = `Authorization: Bearer ${passing.token}`
    await sendBytes(passing.port, head('GET /orders', token, 'X-Forwarded-For: 10.9.9.9'))
    await passing.close()
    assert.ok(passing.seen[0]?.fields.includes(`Bearer ${passing.token}`))
    assert.ok(passing.seen[0]?.fields.includes('10.9.9.9, 127.0.0.1'))
  })
})

const two = `GET /open/second HTTP/1.1\r\nHost: api.test\r\n\r\n`
const open = 'POST /open/x HTTP/1.1\r\nHost: api.test\r\n'

/** Requests whose end two programs could see in two places. */
const smuggling: readonly string[] = [
  `${open}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!${two}`,
  `${open}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${two}`,
  `${open}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${two}`,
  `${open}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${two}`,
  `${open}Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${two}`,
  `${open}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${two}`,
  `${open}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n${two}`,
  `${open}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n${two}`,
  `${open}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${two}`,
  `${open}Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n${two}`,
  `${open}Content-Length: +5\r\n\r\nhello${two}`,
  `${open}Content-Length: 5, 5\r\n\r\nhello${two}`,
  `${open}Content-Length: 0x5\r\n\r\nhello${two}`,
  `${open}Content-Length: -5\r\n\r\nhello${two}`,
  `${open}Content-Length : 5\r\n\r\nhello${two}`,
  `${open}Content-Length: 18446744073709551621\r\n\r\nhello${two}`,
  `${open}Transfer-Encoding: chunked\r\n\r\n5;\nhello\r\n0\r\n\r\n${two}`,
  `${open}Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n${two}`,
  `${open}Transfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n${two}`,
  `${open}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n0\r\n\r\n${two}`,
  `${open}Transfer-Encoding: chunked\n\n0\r\n\r\n${two}`,
  `POST /open/x HTTP/1.1\r\nHost: api.test\r\nHost: other.test\r\nContent-Length: 0\r\n\r\n${two}`,
  `POST /open/x HTTP/1.1\r\nContent-Length: 0\r\n\r\n${two}`,
  `POST /open/x HTTP/1.0\r\nHost: api.test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${two}`,
  `POST /open/x\r\nHost: api.test\r\n\r\n`,
  `${open}X: a\0b\r\nContent-Length: 0\r\n\r\n`,
  `${open}: empty\r\nContent-Length: 0\r\n\r\n`,
  `${open}\x0bContent-Length: 5\r\n\r\nhello${two}`,
]

describe('a message whose end is unclear', () => {
  it('is refused, the connection ends, and no whole request goes on', async () => {
    for (const bytes of smuggling) {
      bench.seen.splice(0)
      const said = await sendBytes(bench.port, bytes, (text) => text.includes('\r\n\r\n'))
      assert.match(String(statusOf(said)), /^(?:400|413|501)$/, `${bytes}\n${said}`)
      await new Promise((fulfil) => setTimeout(fulfil, 20))
      const whole = bench.seen.filter(({ body }) => body !== 'broken off')
      assert.deepEqual(whole, [], bytes)
    }
  })

  it('is not made of a body that a caller breaks off', async () => {
    await sendAndLeave(bench.port, `${open}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nno`)
    await sendAndLeave(bench.port, `${open}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`)
    await sendAndLeave(bench.port, `${open}Content-Length: 50\r\n\r\nhello`)
    await new Promise((fulfil) => setTimeout(fulfil, 100))
    assert.ok(
      bench.seen.every(({ body }) => body === 'broken off'),
      JSON.stringify(bench.seen),
    )
  })

  it('has a head of bounded size', async () => {
    const said = await send('GET /open/x', `X: ${'a'.repeat(40_000)}`)
    assert.equal(statusOf(said), 431)
    const many = Array.from({ length: 1000 }, (_, at) => `X-${at}: ${at}`)
    const answer = await send('GET /open/x', ...many, 'X-Last: 1')
    assert.equal(statusOf(answer), 200, answer)
    assert.deepEqual(valuesSeen('x-last'), ['1'])
  })
})
