import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearestName } from './nearest.ts'
import {
  isLoopback,
  isLoopbackUrl,
  issuerUrl,
  listenAddress,
  listenAddressOrOff,
  networkRanges,
  originUrl,
  webhookUrl,
} from './network-types.ts'
import {
  choice,
  chosenClientId,
  clientSecret,
  commandLine,
  duration,
  integer,
  path,
  type ScalarType,
  shown,
  size,
  truth,
} from './setting-types.ts'

const place = { directory: '/etc/mintmark' }
const refused = Symbol('refused')

const types: readonly (readonly [string, ScalarType<unknown>, Record<string, unknown>])[] = [
  [
    'command line',
    commandLine,
    {
      'vault read -field=key secret/m': ['vault', 'read', '-field=key', 'secret/m'],
      '  /bin/k  "a b" \'c "d"\' e="f g"': ['/bin/k', 'a b', 'c "d"', 'e=f g'],
      '["/bin/k", "a b", ""]': ['/bin/k', 'a b', ''],
      'k $HOME | *': ['k', '$HOME', '|', '*'],
      'k "': refused,
      "k 'a": refused,
      '["k", 1]': refused,
      '[]': refused,
      '': refused,
      ' ': refused,
    },
  ],
  ['truth', truth, { true: true, false: false, True: refused, yes: refused, '1': refused }],
  [
    'integer',
    integer(1, 64),
    {
      '1': 1,
      '64': 64,
      '0': refused,
      '65': refused,
      '1.5': refused,
      '1e1': refused,
      '0x10': refused,
    },
  ],
  [
    'duration',
    duration('100ms', '1h'),
    {
      '3600': 3_600_000,
      '1h': 3_600_000,
      '15m': 900_000,
      '250ms': 250,
      '2s': 2000,
      '3601': refused,
      '99ms': refused,
      '1 h': refused,
      '1.5h': refused,
      '-1': refused,
      h: refused,
      '1y': refused,
    },
  ],
  ['days', duration('1m', '3650d'), { '90d': 7_776_000_000, '2w': 1_209_600_000 }],
  [
    'size',
    size('1KiB', '1MiB'),
    {
      '64KiB': 65_536,
      '65536': 65_536,
      '1MiB': 1_048_576,
      '1023': refused,
      '64KB': refused,
      '64k': refused,
    },
  ],
  [
    'path',
    path,
    {
      a: '/etc/mintmark/a',
      './a/../b': '/etc/mintmark/b',
      '/x': '/x',
      '~/a': refused,
      '': refused,
    },
  ],
  ['choice', choice('strict', 'available'), { strict: 'strict', Strict: refused, '': refused }],
  [
    'client id',
    chosenClientId,
    { 'a-B_1.c': 'a-B_1.c', 'a b': refused, 'a:b': refused, '': refused },
  ],
  ['client secret', clientSecret, { 'p ä': refused, 'p:%&': 'p:%&', '': refused }],
  [
    'listen',
    listenAddress,
    {
      '127.0.0.1:8480': { host: '127.0.0.1', port: 8480 },
      ':8480': { host: '127.0.0.1', port: 8480 },
      '8480': { host: '127.0.0.1', port: 8480 },
      '0': { host: '127.0.0.1', port: 0 },
      '[::1]:8480': { host: '::1', port: 8480 },
      'localhost:1': { host: 'localhost', port: 1 },
      '0.0.0.0:65535': { host: '0.0.0.0', port: 65_535 },
      '0.0.0.0:65536': refused,
      '*:8480': refused,
      '::1:8480': refused,
      '[127.0.0.1]:1': refused,
      'example.test:8480': refused,
      '127.0.0.1': refused,
      '127.0.0.1:': refused,
      off: refused,
    },
  ],
  ['listen or off', listenAddressOrOff, { off: null, '1': { host: '127.0.0.1', port: 1 } }],
  [
    'range',
    networkRanges.item,
    {
      '10.0.0.0/8': '10.0.0.0/8',
      '192.0.2.7': '192.0.2.7/32',
      '::1': '::1/128',
      'fd00::/8': 'fd00::/8',
      '0.0.0.0/0': '0.0.0.0/0',
      '172.16.0.0/12': '172.16.0.0/12',
      '172.17.0.0/12': refused,
      '10.0.0.1/8': refused,
      'fd00::1/8': refused,
      '10.0.0.0/33': refused,
      '10.0.0.0/': refused,
      '10.0.0/8': refused,
      '010.0.0.0/8': refused,
      'fe80::1%eth0': refused,
      '10.0.0.0/8/8': refused,
    },
  ],
  [
    'origin',
    originUrl('http:', 'https:'),
    {
      'https://auth.example.com': 'https://auth.example.com',
      'https://Auth.Example.com:443/': 'https://auth.example.com',
      'http://localhost:8480': 'http://localhost:8480',
      'https://auth.example.com/x': refused,
      'https://auth.example.com?x': refused,
      'https://auth.example.com#': refused,
      'https://a:b@auth.example.com': refused,
      'ftp://auth.example.com': refused,
      'auth.example.com': refused,
      'https://auth example.com': refused,
    },
  ],
  [
    'secure origin',
    originUrl('https:'),
    { 'https://a:8482': 'https://a:8482', 'http://a': refused },
  ],
  [
    'issuer',
    issuerUrl,
    {
      'https://identity.example.com/': 'https://identity.example.com/',
      'https://Example.com/t/1': 'https://Example.com/t/1',
      'http://localhost': 'http://localhost',
      'https://a?b': refused,
      'https://a#b': refused,
      'https://a:b@c': refused,
      'urn:a': refused,
    },
  ],
  [
    'webhook',
    webhookUrl,
    {
      'https://hook.example/T0/B0?key=k': 'https://hook.example/T0/B0?key=k',
      'http://127.0.0.1:9000/x': 'http://127.0.0.1:9000/x',
      'http://localhost/': 'http://localhost/',
      'http://hook.example/': refused,
      'http://127.0.0.1.example/': refused,
      'https://a:b@c/': refused,
      'https://a/#b': refused,
      'file:///etc/hosts': refused,
      hook: refused,
      '': refused,
    },
  ],
]

for (const [name, type, cases] of types) {
  for (const [text, expected] of Object.entries(cases)) {
    test(`${name}: ${JSON.stringify(text)}`, () => {
      const parsed = type.parse(text, place)
      if (expected === refused) {
        assert.ok(!parsed.ok, JSON.stringify(parsed))
        assert.ok(parsed.failure.what !== '' && parsed.failure.fix !== '')
      } else {
        assert.deepEqual(parsed, { ok: true, value: expected })
      }
    })
  }
}

test('a refusal says what to write instead', () => {
  const fix = (type: ScalarType<unknown>, text: string): string => {
    const parsed = type.parse(text, place)
    return parsed.ok ? '' : parsed.failure.fix
  }
  assert.equal(fix(size('1KiB', '1MiB'), '64KB'), 'write 64KiB')
  assert.match(fix(networkRanges.item, '10.1.2.3/8'), /^write 10\.0\.0\.0\/8 for the range/)
  assert.match(fix(networkRanges.item, 'fd12::1/12'), /^write fd10::\/12 for the range/)
  assert.match(fix(listenAddress, '*:80'), /0\.0\.0\.0:80/)
  assert.match(fix(listenAddress, '::1'), /\[::1\]:8480/)
  assert.match(fix(integer(1, 64), '65'), /from 1 to 64/)
})

test('what is shown again holds no secret and nothing that acts on a terminal', () => {
  assert.ok(!shown('mms_CANARY').includes('CANARY'))
  assert.ok(!shown('https://a:CANARY@b').includes('CANARY'))
  assert.ok(!shown('\u001b[2J').includes('\u001b'))
  assert.ok(shown('x'.repeat(1000)).length < 70)
  const parsed = clientSecret.parse('CANARY ä', place)
  assert.ok(!JSON.stringify(parsed).includes('CANARY'))
})

test('a webhook URL that is refused is not shown again', () => {
  const parsed = webhookUrl.parse('http://hook.example/CANARY', place)
  assert.ok(!parsed.ok && !JSON.stringify(parsed.failure).includes('CANARY'))
})

test('loopback is told from the rest', () => {
  for (const host of ['127.0.0.1', '127.8.8.8', '::1', 'localhost']) assert.ok(isLoopback(host))
  for (const host of ['0.0.0.0', '::', '10.0.0.1', '128.0.0.1']) assert.ok(!isLoopback(host))
  assert.ok(isLoopbackUrl('http://[::1]:80') && isLoopbackUrl('http://a.localhost/'))
  assert.ok(!isLoopbackUrl('http://localhost.example.com'))
})

test('the nearest name, or none', () => {
  const names = ['workers', 'listen', 'tls.listen', 'log.level']
  for (const [written, expected] of [
    ['workrs', 'workers'],
    ['wrokers', 'workers'],
    ['Workers', 'workers'],
    ['tls_listen', 'tls.listen'],
    ['tlsListen', 'tls.listen'],
    ['LOG-LEVEL', 'log.level'],
    ['colour', null],
    ['', null],
  ] as const) {
    assert.equal(nearestName(written, names), expected, written)
  }
})
