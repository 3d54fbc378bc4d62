import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { test } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { issueTestCertificate, makeTestAuthority } from '../certificates/test-authority.ts'
import { fetchKeySet, type KeySetLimits } from './fetch-key-set.ts'
import { jsonAnswer, keysAnswer, sourceKey, startKeySource } from './test-key-source.ts'

const unasked: KeySetLimits['resolve'] = async () => {
  throw new Error('an address needs no resolver')
}

const onLoopback: KeySetLimits = {
  allowPrivateAddresses: true,
  resolve: unasked,
  totalTimeoutMs: 2000,
  bytesMax: 65_536,
}
const onlyPublic: KeySetLimits = { ...onLoopback, allowPrivateAddresses: false }

const refused = { ok: false, failure: 'refused' } as const
const unreachable = { ok: false, failure: 'unreachable' } as const

const resolveTo =
  (...addresses: readonly string[]): KeySetLimits['resolve'] =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))

/** Asks a server that answers so. */
const askServer = async (answer: RequestListener, limits: Partial<KeySetLimits> = {}) => {
  await using source = await startKeySource(answer)
  const result = await fetchKeySet(`http://127.0.0.1:${source.port}/keys`, {
    ...onLoopback,
    ...limits,
  })
  return { result, requests: source.requests }
}

const authority = await makeTestAuthority('CN=key source authority')
setDefaultCACertificates([...getCACertificates('default'), authority.pem])
const secure = () => issueTestCertificate({ dnsNames: ['keys.example'] }, authority)

test('https is asked at the resolved address, by its own name, and resolved once', async () => {
  const sent: (string | undefined)[] = []
  const show = keysAnswer('k1')
  await using source = await startKeySource(
    (request, response) => {
      sent.push(request.headers.host, request.headers['accept-encoding'])
      show(request, response)
    },
    await secure(),
  )
  let asked = 0
  const result = await fetchKeySet(`https://keys.example:${source.port}/keys?a=b`, {
    ...onLoopback,
    resolve: async (hostname) => {
      assert.equal(hostname, 'keys.example')
      asked += 1
      return [{ address: '127.0.0.1', family: 4 }]
    },
  })
  assert.deepEqual(result, { ok: true, value: [sourceKey('k1')] })
  assert.deepEqual(source.requests, ['/keys?a=b'])
  assert.deepEqual(source.connections, ['keys.example'])
  assert.deepEqual(sent, [`keys.example:${source.port}`, undefined])
  assert.equal(asked, 1)
})

test('a certificate of another name, or of a stranger, is not accepted', async () => {
  const stranger = await issueTestCertificate({ dnsNames: ['keys.example'] })
  const other = await issueTestCertificate({ dnsNames: ['other.example'] }, authority)
  for (const certificate of [stranger, other]) {
    await using source = await startKeySource(keysAnswer('k1'), certificate)
    const uri = `https://keys.example:${source.port}/`
    const limits = { ...onLoopback, resolve: resolveTo('127.0.0.1') }
    assert.deepEqual(await fetchKeySet(uri, limits), unreachable)
    assert.deepEqual(source.requests, [])
  }
})

test('a resolver that changes its mind never leads to loopback', async () => {
  await using source = await startKeySource(keysAnswer('k1'), await secure())
  // Public by its range, and in a block that has not been given to anyone: nothing is there.
  const answers = ['2d00::1', '127.0.0.1']
  let asked = 0
  const limits: KeySetLimits = {
    ...onlyPublic,
    totalTimeoutMs: 200,
    resolve: async () => {
      const address = answers[asked] as string
      asked += 1
      return [{ address, family: asked === 1 ? 6 : 4 }]
    },
  }
  const uri = `https://keys.example:${source.port}/`
  assert.deepEqual(await fetchKeySet(uri, limits), unreachable)
  assert.equal(asked, 1)
  assert.deepEqual(await fetchKeySet(uri, limits), refused)
  assert.equal(asked, 2)
  assert.deepEqual(source.connections, [])
})

test('one private address among public ones is enough to refuse', async () => {
  await using source = await startKeySource(keysAnswer('k1'), await secure())
  const uri = `https://keys.example:${source.port}/`
  for (const bad of ['127.0.0.1', '::1', '10.0.0.1', '::ffff:127.0.0.1', '64:ff9b::7f00:1']) {
    for (const all of [
      ['2d00::1', bad],
      [bad, '2d00::1'],
    ]) {
      assert.deepEqual(
        await fetchKeySet(uri, { ...onlyPublic, resolve: resolveTo(...all) }),
        refused,
      )
    }
  }
  assert.deepEqual(source.connections, [])
})

for (const host of [
  '127.0.0.1',
  '127.1',
  '127.0.0.1.',
  '2130706433',
  '0x7f000001',
  '0x7f.0.0.1',
  '0177.0.0.1',
  '１２７.0.0.1',
  '%31%32%37.0.0.1',
  '0',
  '10.0.0.1',
  '169.254.169.254',
  '[::1]',
  '[::]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[2002:7f00:1::]',
  '[2001:0:808:808:0:ffff:80ff:fffe]',
  '[fd00::1]',
]) {
  test(`https://${host} is refused without a resolver`, async () => {
    await using source = await startKeySource(keysAnswer('k1'), await secure())
    assert.deepEqual(await fetchKeySet(`https://${host}:${source.port}/`, onlyPublic), refused)
    assert.deepEqual(source.connections, [])
  })
}

for (const uri of [
  'http://127.0.0.1/keys',
  'http://keys.example/keys',
  'https://user@keys.example/',
  'https://user:word@keys.example/',
  'file:///etc/passwd',
  'ftp://keys.example/',
  'data:application/json,{"keys":[]}',
  'keys',
  '',
]) {
  test(`'${uri}' is refused`, async () => {
    assert.deepEqual(await fetchKeySet(uri, onlyPublic), refused)
  })
}

test('where private addresses are allowed, plain http is for loopback only', async () => {
  await using source = await startKeySource(keysAnswer('k1'))
  const uri = `http://keys.example:${source.port}/`
  const ask = (...addresses: string[]) =>
    fetchKeySet(uri, { ...onLoopback, resolve: resolveTo(...addresses) })
  for (const address of ['10.0.0.1', '8.8.8.8', '169.254.169.254']) {
    assert.deepEqual(await ask('127.0.0.1', address), refused)
  }
  assert.deepEqual(source.connections, [])
  assert.equal((await ask('127.0.0.1')).ok, true)
})

test('where private addresses are allowed, link-local ones are not', async () => {
  const limits = { ...onLoopback, resolve: resolveTo('169.254.169.254') }
  assert.deepEqual(await fetchKeySet('https://keys.example/', limits), refused)
})

test('a resolver that fails, finds nothing or hangs leaves the source unreachable', async () => {
  const uri = 'https://keys.example/'
  assert.deepEqual(await fetchKeySet(uri, onlyPublic), unreachable)
  assert.deepEqual(await fetchKeySet(uri, { ...onlyPublic, resolve: resolveTo() }), unreachable)
  const hangs = { ...onlyPublic, totalTimeoutMs: 50, resolve: () => new Promise<never>(() => {}) }
  assert.deepEqual(await fetchKeySet(uri, hangs), unreachable)
})

for (const status of [301, 302, 303, 307, 308]) {
  test(`a redirect (${status}) is not followed`, async () => {
    const { result, requests } = await askServer((request, response) => {
      if (request.url === '/other') keysAnswer('k1')(request, response)
      else response.writeHead(status, { location: '/other' }).end()
    })
    assert.deepEqual(result, refused)
    assert.deepEqual(requests, ['/keys'])
  })
}

for (const [status, expected] of [
  [201, refused],
  [204, refused],
  [404, refused],
  [429, unreachable],
  [500, unreachable],
  [503, unreachable],
] as const) {
  test(`status ${status} is ${expected.failure}`, async () => {
    const { result } = await askServer((_request, response) => {
      response.writeHead(status).end('{"keys":[]}')
    })
    assert.deepEqual(result, expected)
  })
}

test('an encoded answer is refused, even where the word is not true', async () => {
  for (const body of [gzipSync('{"keys":[]}'), '{"keys":[]}']) {
    const { result } = await askServer((_request, response) => {
      response.setHeader('content-encoding', 'gzip').end(body)
    })
    assert.deepEqual(result, refused)
  }
})

const bodyOf = (bytes: number) => '{"keys":[]}'.padEnd(bytes, ' ')

for (const isChunked of [false, true]) {
  const how = isChunked ? 'in chunks' : 'with its length'
  const send =
    (bytes: number): RequestListener =>
    (_request, response) => {
      if (isChunked) response.write('')
      else response.setHeader('content-length', bytes)
      if (isChunked) response.flushHeaders()
      response.end(bodyOf(bytes))
    }
  test(`a body of the most bytes is read, one more is refused, ${how}`, async () => {
    assert.deepEqual((await askServer(send(65_536))).result, { ok: true, value: [] })
    assert.deepEqual((await askServer(send(65_537))).result, refused)
  })
}

test('a body without end is cut off at the limit', async () => {
  let sent = 0
  const { result } = await askServer((_request, response) => {
    const timer = setInterval(() => {
      sent += 8192
      response.write(' '.repeat(8192))
    }, 1)
    response.on('close', () => clearInterval(timer))
  })
  assert.deepEqual(result, refused)
  assert.ok(sent < 1_000_000)
})

test('a slow drip is given up after the whole time, and its connection closed', async () => {
  const closed = Promise.withResolvers<void>()
  const startedAt = performance.now()
  const { result } = await askServer(
    (_request, response) => {
      response.write('{"keys":[')
      const timer = setInterval(() => response.write(' '), 20)
      response.on('close', () => {
        clearInterval(timer)
        closed.resolve()
      })
    },
    { totalTimeoutMs: 200 },
  )
  const tookMs = performance.now() - startedAt
  assert.deepEqual(result, unreachable)
  assert.ok(tookMs >= 190 && tookMs < 1500, `${tookMs} ms`)
  await closed.promise
})

test('no answer, and half an answer, are unreachable', async () => {
  const silent = await askServer(() => {}, { totalTimeoutMs: 100 })
  assert.deepEqual(silent.result, unreachable)
  const hangUp = await askServer((request) => request.socket.destroy())
  assert.deepEqual(hangUp.result, unreachable)
  const half = await askServer((request, response) => {
    response.writeHead(200, { 'content-length': 100 })
    response.write('{"keys":[]}', () => request.socket.destroy())
  })
  assert.deepEqual(half.result, unreachable)
})

for (const [name, body] of [
  ['HTML', '<html></html>'],
  ['nothing', ''],
  ['a list', '[]'],
  ['null', 'null'],
  ['no keys', '{}'],
  ['keys that are no list', '{"keys":{}}'],
  ['two lists of keys', '{"keys":[],"keys":[]}'],
  ['101 keys', JSON.stringify({ keys: Array(101).fill({}) })],
  ['deep nesting', `{"keys":${'['.repeat(20)}${']'.repeat(20)}}`],
  ['broken UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
] as const) {
  test(`${name} is no key set`, async () => {
    const { result } = await askServer((_request, response) => response.end(body))
    assert.deepEqual(result, refused)
  })
}

test('private, symmetric and strange keys are dropped, and unknown members', async () => {
  const good = sourceKey('good')
  const { result } = await askServer(
    jsonAnswer({
      keys: [
        { ...good, kid: 'private', d: 'AAAA' },
        { kty: 'oct', kid: 'symmetric', k: 'AAAA' },
        { ...good, kid: 'hidden', k: 'AAAA' },
        { kty: 'RSA', kid: 'weak', n: 'AQAB', e: 'AQAB' },
        { kty: 'new', kid: 'strange' },
        { ...good, kid: 7 },
        'text',
        null,
        { ...good, ext: true, 'x-note': 'y' },
        { ...good, alg: 'ES256' },
      ],
    }),
  )
  assert.deepEqual(result, { ok: true, value: [good, { ...good, alg: 'ES256' }] })
})
