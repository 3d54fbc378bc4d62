import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import type { Agent } from 'node:http'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import {
  ask,
  basic,
  type Environment,
  logLines,
  newConnections,
  newDirectory,
  post,
  startCommand,
  startServe,
} from '../test-process.ts'

const secret = 'a-secret-that-no-line-may-hold-7331'
const home = newDirectory()
after(home.remove)
const data = join(home.path, 'data')
const settings: Environment = {
  MINTMARK_DATA: data,
  MINTMARK_LISTEN: '127.0.0.1:0',
  MINTMARK_BOOTSTRAP_CLIENT_ID: 'first-admin',
  MINTMARK_BOOTSTRAP_CLIENT_SECRET: secret,
}
const myScopes = { grant_type: 'client_credentials', scope: 'urn:opc:idm:__myscopes__' }

/** A port that another program has. */
const takePort = async () => {
  const taker = createServer().listen(0, '127.0.0.1')
  await once(taker, 'listening')
  return { port: (taker.address() as AddressInfo).port, free: () => taker.close() }
}

describe('serve refuses to start', () => {
  test('with a wrong configuration: exit 6, every mistake at once, no secret in it', async () => {
    const run = startCommand(['serve', '--workers', 'many'], {
      ...settings,
      MINTMARK_DATA: join(home.path, 'wrong'),
      MINTMARK_LISTEN: 'nowhere:at-all',
      MINTMARK_WORKRES: '2',
      MINTMARK_TLS_CERT: join(home.path, 'none.pem'),
      MINTMARK_BOOTSTRAP_CLIENT_ID: '',
    })
    assert.equal(await run.ended, 6)
    for (const name of ['--workers', 'MINTMARK_LISTEN', 'MINTMARK_WORKRES', 'MINTMARK_TLS_CERT']) {
      assert.match(run.errors(), new RegExp(name))
    }
    assert.match(run.errors(), /MINTMARK_WORKERS/, 'says what was meant')
    assert.equal(run.output(), '')
    assert.doesNotMatch(run.errors(), new RegExp(secret))
  })

  for (const [what, more] of [
    ['plain', {}],
    ['plain, with workers', { MINTMARK_WORKERS: '2' }],
  ] as const) {
    test(`on a port that is taken (${what}): exit 5 and what to do`, async (t) => {
      const { port, free } = await takePort()
      t.after(free)
      const run = startCommand(['serve'], {
        ...settings,
        ...more,
        MINTMARK_DATA: join(home.path, 'taken'),
        MINTMARK_LISTEN: `127.0.0.1:${port}`,
      })
      assert.equal(await run.ended, 5)
      assert.match(run.errors(), new RegExp(`127\\.0\\.0\\.1:${port} is in use`))
      assert.match(run.errors(), /--listen/)
      assert.doesNotMatch(run.errors(), /\n\s+at /, 'no stack')
    })
  }

  for (const [what, more, code, message] of [
    ['nobody answers', {}, 7, /ECONNREFUSED.*\. MINTMARK_DATABASE_URL says where/],
    [
      'the package pg is missing',
      { NODE_OPTIONS: `--import ${new URL('../test-without-pg.ts', import.meta.url)}` },
      6,
      /the package pg is missing\.\n {2}npm install pg\n$/,
    ],
  ] as const) {
    test(`with PostgreSQL where ${what}: exit ${code} and one clear line`, async () => {
      const run = startCommand(['serve'], {
        ...settings,
        ...more,
        MINTMARK_DATA: join(home.path, 'postgres'),
        MINTMARK_DATABASE_URL: 'postgres://mintmark:hunter2@127.0.0.1:1/mintmark',
      })
      assert.equal(await run.ended, code, run.errors())
      assert.match(run.errors(), message)
      assert.doesNotMatch(run.errors(), /\n\s+at |hunter2/)
    })
  }

  test('with a master key that others can read: exit 6 and the command that mends it', async () => {
    const own = { ...settings, MINTMARK_DATA: join(home.path, 'open-key') }
    const first = await startServe(own)
    assert.equal(await first.end('SIGTERM'), 0)
    const key = join(home.path, 'open-key', 'master.key')
    chmodSync(key, 0o640)
    const refused = startCommand(['serve'], own)
    assert.equal(await refused.ended, 6)
    assert.match(refused.errors(), new RegExp(`chmod 600 ${key}`))
    chmodSync(key, 0o600)
    const again = await startServe(own)
    assert.equal(await again.end('SIGTERM'), 0)
  })
})

describe('serve', () => {
  let server: Awaited<ReturnType<typeof startServe>>
  let token = ''
  before(async () => {
    server = await startServe(settings)
  })
  after(() => server.end('SIGKILL'))

  const signIn = () =>
    post(`${server.plain}/oauth2/v1/token`, myScopes, {
      authorization: basic('first-admin', secret),
    })

  test('answers /healthz and /readyz, and counts in /metrics what it issued', async () => {
    assert.equal((await signIn()).status, 200)
    const wrong = { authorization: basic('first-admin', 'wrong') }
    assert.equal((await post(`${server.plain}/oauth2/v1/token`, myScopes, wrong)).status, 401)
    const health = await ask(`${server.plain}/healthz`)
    assert.deepEqual([health.status, health.text], [200, 'ok'])
    const ready = await ask(`${server.plain}/readyz`)
    assert.deepEqual([ready.status, ready.json], [200, { ready: true, reasons: [] }])
    const { status, text } = await ask(`${server.plain}/metrics`)
    assert.equal(status, 200)
    assert.match(text, /^mintmark_tokens_issued_total\{alg="RS256"\} 1$/m)
    assert.match(text, /^mintmark_token_requests_total\{result="refused",reason="\w+"\} 1$/m)
    assert.doesNotMatch(text, /first-admin/)
  })

  test('refuses a second server on its data, and leaves them after kill -9', async () => {
    const second = startCommand(['serve'], settings)
    assert.equal(await second.ended, 5)
    assert.match(
      second.errors(),
      new RegExp(`in use by another mintmark server \\(pid ${server.child.pid}\\)`),
    )
    assert.equal((await signIn()).status, 200, 'the first goes on')
    await server.end('SIGKILL')
    server = await startServe({
      ...settings,
      MINTMARK_BOOTSTRAP_CLIENT_SECRET: 'another-secret-of-32-characters!',
    })
    const { status, json } = await signIn()
    assert.equal(status, 200, 'the credentials of the first start hold')
    token = String(json['access_token'])
    await server.said(/"clientId":"first-admin".*MINTMARK_BOOTSTRAP_CLIENT_ID is ignored/)
  })

  test('SIGTERM: what is under way finishes, nothing new is taken, exit 0', async () => {
    const { port } = new URL(server.plain)
    const body = new URLSearchParams(myScopes).toString()
    const slow = connect(Number(port), '127.0.0.1')
    let answer = ''
    slow.on('data', (bytes) => {
      answer += bytes.toString()
    })
    const closed = once(slow, 'close')
    slow.write(
      `POST /oauth2/v1/token HTTP/1.1\r\nhost: localhost\r\n` +
        `authorization: ${basic('first-admin', secret)}\r\n` +
        'content-type: application/x-www-form-urlencoded\r\n' +
        `content-length: ${body.length}\r\n\r\n` +
        body.slice(0, 10),
    )
    const [kept] = newConnections(1)
    await ask(`${server.plain}/healthz`, { connection: kept as Agent })
    const silent = connect(Number(port), '127.0.0.1')
    const halfHead = connect(Number(port), '127.0.0.1')
    for (const each of [silent, halfHead]) each.on('error', () => {})
    await Promise.all([once(silent, 'connect'), once(halfHead, 'connect')])
    halfHead.write('POST /oauth2/v1/token HTTP/1.1\r\nhost: ')
    const begun = Date.now()
    server.child.kill('SIGTERM')
    await server.said(/"msg":"stopping"/)
    await new Promise((fulfil) => setTimeout(fulfil, 300))
    const late = connect(Number(port), '127.0.0.1')
    const [fault] = await once(late, 'error')
    assert.equal(fault.code, 'ECONNREFUSED')
    slow.write(body.slice(10))
    assert.equal(await server.ended, 0)
    await closed
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/)
    assert.match(answer, /"access_token":"/)
    assert.ok(Date.now() - begun < 3000, 'no longer for connections that ask for nothing')
  })

  test('its log is one JSON object a line, without a secret or a token', async () => {
    const lines = logLines(server.output())
    assert.ok(lines.length >= 3)
    for (const line of lines) {
      assert.match(String(line['time']), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
      assert.ok(['debug', 'info', 'warn', 'error'].includes(String(line['level'])))
      assert.equal(typeof line['msg'], 'string')
    }
    assert.equal(server.errors(), '')
    // as every token of this server begins, and by chance no id of a request
    const beginning = token.slice(0, 10)
    assert.match(beginning, /^eyJ[\w-]{7}$/)
    const parts = token.split('.').join('|')
    assert.doesNotMatch(
      server.output(),
      new RegExp(`${secret}|another-secret|${beginning}|${parts}`),
    )
  })
})
