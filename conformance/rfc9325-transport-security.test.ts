import { equal, match, ok, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { assertOk } from './kit/answers.ts'
import { askSecurely, askToken, basicOf } from './kit/ask.ts'
import { cBasic } from './kit/fixtures.ts'
import { send } from './kit/http.ts'
import { sendRaw } from './kit/raw-socket.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()

/** Shakes hands with the TLS door; the socket is closed by whoever asked for it. */
const shakeHands = (options: ConnectionOptions = {}): Promise<TLSSocket> =>
  new Promise((resolve, reject) => {
    const { port } = new URL(domain.secureUrl)
    const socket = connect({
      host: '127.0.0.1',
      port: Number(port),
      servername: 'localhost',
      ca: domain.authority,
      ...options,
    })
    socket.once('secureConnect', () => resolve(socket))
    socket.once('error', reject)
  })

const old = { minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' } as const

for (const version of ['TLSv1', 'TLSv1.1'] as const) {
  test(`SB-09 ${version} is refused`, async () => {
    await rejects(shakeHands({ ...old, maxVersion: version }), /alert|version|SSL/i)
  })
}

test('SB-09 TLS 1.3 is preferred, TLS 1.2 still spoken', async () => {
  for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
    const socket = await shakeHands({ maxVersion: version })
    equal(socket.getProtocol(), version)
    socket.destroy()
  }
})

const suites12 = { maxVersion: 'TLSv1.2' } as const

for (const suite of [
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-ECDSA-AES128-CCM',
]) {
  test(`SB-10 ${suite} is refused`, async () => {
    await rejects(shakeHands({ ...suites12, ciphers: `${suite}:@SECLEVEL=0` }), /alert|handshake/i)
  })
}

for (const suite of ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384']) {
  test(`SB-10 ${suite} is spoken`, async () => {
    const socket = await shakeHands({ ...suites12, ciphers: suite })
    equal(socket.getCipher().name, suite)
    match(JSON.stringify(socket.getEphemeralKeyInfo()), /ECDH/)
    socket.destroy()
  })
}

test('SB-11 a client cannot renegotiate', async () => {
  const socket = await shakeHands(suites12)
  try {
    await rejects(
      new Promise<void>((resolve, reject) => {
        socket.on('error', reject)
        socket.on('close', () => reject(new Error('closed')))
        socket.renegotiate({}, (error) => (error ? reject(error) : resolve()))
        socket.setTimeout(3000, () => reject(new Error('no answer')))
      }),
    )
  } finally {
    socket.destroy()
  }
})

test('SB-12 https answers ask to stay on https, plain ones do not', async () => {
  const client = await cBasic(domain)
  const secure = await askSecurely(domain, {}, { headers: basicOf(client) })
  assertOk(secure)
  const seconds = /max-age=(\d+)/.exec(secure.headers['strict-transport-security'] ?? '')?.[1]
  ok(Number(seconds) >= 15_768_000, `max-age ${seconds}`)
  equal((await askToken(domain, client)).headers['strict-transport-security'], undefined)
})

test('NO-14 TLS negotiates HTTP/1.1, never h2', async () => {
  const socket = await shakeHands({ ALPNProtocols: ['h2', 'http/1.1'] })
  equal(socket.alpnProtocol, 'http/1.1')
  socket.destroy()
  const only = await shakeHands({ ALPNProtocols: ['h2'] }).catch(() => null)
  ok(only === null || only.alpnProtocol === false, String(only?.alpnProtocol))
  only?.destroy()
})

test('NO-14 a cleartext preface of HTTP/2 is closed', async () => {
  const text = await sendRaw(domain.url, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  ok(!text.startsWith('HTTP/1.1 2') && !text.startsWith('\0'), text.slice(0, 40))
  const alive = await send({ url: `${domain.url}/healthz`, method: 'GET' })
  equal(alive.status, 200)
})
