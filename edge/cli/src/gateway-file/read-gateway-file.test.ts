import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatMistakes } from '../domain-file/mistake.ts'
import { readGatewayFile } from './read-gateway-file.ts'

const good = `
listen: 127.0.0.1:0
upstream: http://127.0.0.1:3000/
issuer: https://id.example
audience: [https://api.example/, urn:x]
profile: identity-domain
introspection: { clientId: api, clientSecretFile: secret, maxAge: 5s, subjectField: user }
accounts: { file: accounts.json, claim: sub }
trustedProxies: [127.0.0.1, '10.0.0.0/8']
forwardAuth: true
revocations: { clientId: api, clientSecretFile: secret, staleAfter: 20s }
dpop: { url: https://api.example, required: true }
certificates: { from: nginx }
identity: { clientId: X-Who, scopes: X-Scopes }
limits: { bodyBytes: 1000, silenceTimeout: 2m }
routes:
  - { path: /orders/**, methods: [GET], scope: orders.read }
  - { path: /orders/**, methods: [POST], scope: [orders.read, orders.write], role: Writer }
  - { path: /me, authenticated: true }
  - { path: /health, public: true }
`
const least = 'issuer: https://id.example\naudience: a\nupstream: http://127.0.0.1:3000\n'
const route = (text: string) => `${least}routes: [${text}]\n`

const wrong: readonly [text: string, place: string, what: RegExp][] = [
  ['upstream: http://a\nroutes: []\naudience: a\n', '1:1', /issuer is missing/],
  ['upstream: http://a\nroutes: []\nissuer: a\n', '1:1', /audience is missing/],
  [least, '1:1', /There are no routes/],
  [`${least}routes: []\nupstreem: x\n`, '5:1', /no field "upstreem".*upstream/],
  [`${least}routes: []\nlisten: 80\n`, '5:9', /must be a text/],
  [`${least}routes: []\nlisten: here\n`, '5:9', /no address/],
  [`${least.replace('3000', '3000/api')}routes: []\n`, '3:11', /no origin/],
  [`${least.replace('http:', 'ftp:')}routes: []\n`, '3:11', /no origin/],
  [`${least.replace('upstream', '#')}routes: []\n`, '1:1', /neither upstream nor forwardAuth/],
  [`${least}routes: []\nforwardAuth: true\n`, '5:14', /No proxy is trusted/],
  [`${least}routes: []\ntrustedProxies: [all]\n`, '5:18', /no address/],
  [`${least}routes: []\nidentity: { clientId: Host }\n`, '5:23', /cannot name/],
  [`${least}routes: []\nidentity: { clientId: X-A, account: X_A }\n`, '5:37', /cannot name/],
  [`${least}routes: []\nlimits: { bodyBytes: -1 }\n`, '5:22', /above 0/],
  [`${least}routes: []\ntls: { key: a }\n`, '5:6', /two files/],
  [`${least}routes: []\naccounts: { file: a, url: b }\n`, '5:11', /file or url/],
  [`${least}routes: []\nintrospection: { clientId: a }\n`, '5:16', /clientSecretFile/],
  [`${least}routes: []\ndpop: { required: true }\n`, '5:7', /Proofs are for an address/],
  [`${least}routes: []\ncertificates: { from: nginx }\n`, '1:1', /No proxy is trusted/],
  [`${least}routes: []\ncertificates: { from: handshake }\n`, '5:15', /no handshake/],
  [`${least}routes: []\ncertificates: { from: apache }\n`, '5:23', /not known here/],
  [`${least}routes: []\nrevocations: { clientId: a }\n`, '5:14', /clientSecretFile/],
  [route('{ scope: a }'), '4:10', /A route has a path/],
  [route('{ path: /a }'), '4:10', /demands something/],
  [route('{ path: /a, public: false }'), '4:10', /demands something/],
  [route('{ path: /a, public: true, scope: a }'), '4:10', /demands something/],
  [route('{ path: /a, scope: [] }'), '4:10', /empty/],
  [route('{ path: a, public: true }'), '4:18', /does not begin with a slash/],
  [route('{ path: /a/../b, public: true }'), '4:18', /segment of dots/],
  [route('{ path: /a*, public: true }'), '4:18', /star stands alone/],
  [route('{ path: /a, public: true, methods: [get] }'), '4:46', /capitals/],
  [route('{ path: /a, public: true, methods: [] }'), '4:10', /list of methods is empty/],
  [route('{ path: /a, public: true }, { path: /a/, scope: a }'), '4:46', /Line 4 has a route/],
  [route('{ path: /a, public: true, host: "a b" }'), '4:42', /no host/],
  [route('{ path: /a, public: true, host: a:80 }'), '4:42', /no host/],
  [route('{ path: /a, public: true, upstream: here }'), '4:46', /no origin/],
  [route('{ path: /a, scope: a, audience: b }'), '4:42', /not in audience/],
  [route('{ path: /a, public: true, audience: a }'), '4:10', /looks at no token/],
  [
    route('{ path: /a, public: true, host: [a, b] }, { path: /a, scope: x, host: B }'),
    '4:60',
    /Line 4 has a route/,
  ],
  [
    `${route('{ path: /a, public: true, host: a }')}forwardAuth: true\ntrustedProxies: [::1]\n`,
    '5:14',
    /proxies ask/,
  ],
  [`${least}routes: []\nmetrics: 9\n`, '5:10', /must be a text/],
  ['a: [', '1:5', /./],
]

describe('the file of a gateway', () => {
  it('says all that a gateway is made of', () => {
    const read = readGatewayFile({ name: 'g', text: good })
    assert.ok(read.ok, read.ok ? '' : formatMistakes(read.failure, []))
    const { guard, routes, identity, limits, upstream, listen } = read.value
    assert.deepEqual(listen, { host: '127.0.0.1', port: 0 })
    assert.equal(upstream, 'http://127.0.0.1:3000')
    assert.deepEqual(guard.audience, ['https://api.example/', 'urn:x'])
    assert.equal(guard.introspection?.maxAgeSeconds, 5)
    assert.deepEqual(guard.accounts, { file: 'accounts.json', claim: 'sub' })
    assert.deepEqual(
      routes.map(({ pattern, methods, requirement }) => [pattern, methods, requirement?.scopes]),
      [
        ['/orders/**', ['GET'], ['orders.read']],
        ['/orders/**', ['POST'], ['orders.read', 'orders.write']],
        ['/me', [], []],
        ['/health', [], undefined],
      ],
    )
    assert.equal(guard.revocations?.staleSecondsMax, 20)
    assert.deepEqual(guard.dpop, { url: 'https://api.example', required: true })
    assert.deepEqual(guard.certificates, { from: 'nginx', required: false })
    assert.equal(identity.clientId, 'X-Who')
    assert.equal(identity.account, null)
    assert.deepEqual([limits.bodyBytesMax, limits.silenceTimeoutMs], [1000, 120_000])
  })

  it('leads routes to APIs by path and host', () => {
    const text = `issuer: https://id.example
audience: [a, b]
metrics: '[::1]:9090'
routes:
  - { path: /a, scope: x, upstream: http://127.0.0.1:3001, audience: a }
  - { path: /a, public: true, upstream: 'https://b.internal', host: [B.example, c.example] }
`
    const read = readGatewayFile({ name: 'g', text })
    assert.ok(read.ok, read.ok ? '' : formatMistakes(read.failure, []))
    assert.deepEqual(read.value.metrics, { host: '::1', port: 9090 })
    const [first, second] = read.value.routes
    assert.equal(first?.upstream, 'http://127.0.0.1:3001')
    assert.deepEqual(first?.requirement?.audience, ['a'])
    assert.deepEqual(second?.hosts, ['b.example', 'c.example'])
  })

  it('has its mistakes named with their places', () => {
    for (const [text, place, what] of wrong) {
      const read = readGatewayFile({ name: 'g', text })
      const said = read.ok ? 'nothing' : formatMistakes(read.failure, [])
      assert.match(said, new RegExp(`^g:${place} `, 'm'), `${text}\n${said}`)
      assert.match(said, what, text)
    }
  })

  it('has all its mistakes named at once', () => {
    const text = `upstream: x\nlisten: y\nroutes: [{ path: /a }, { path: b, public: true }]\n`
    const read = readGatewayFile({ name: 'g', text })
    assert.equal(read.ok ? 0 : read.failure.length, 6)
  })
})
