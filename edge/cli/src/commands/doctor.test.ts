import assert from 'node:assert/strict'
import { chmodSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createPlain } from 'node:http'
import { createServer as createSecure } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { newDirectory, type RunningServe, startCommand, startServe } from '../test-process.ts'

const home = newDirectory()
const data = join(home.path, 'data')
const config = join(home.path, 'mintmark.yaml')
const administrator = {
  MINTMARK_CLIENT_ID: 'looker',
  MINTMARK_CLIENT_SECRET: 'the-secret-of-the-looker',
}
let server: RunningServe

before(async () => {
  server = await startServe({
    MINTMARK_DATA: data,
    MINTMARK_BOOTSTRAP_CLIENT_ID: administrator.MINTMARK_CLIENT_ID,
    MINTMARK_BOOTSTRAP_CLIENT_SECRET: administrator.MINTMARK_CLIENT_SECRET,
  })
})

after(async () => {
  await server.end('SIGTERM')
  home.remove()
})

const listen = (door: Server): Promise<number> =>
  new Promise((fulfil) => {
    door.listen(0, '127.0.0.1', () => fulfil((door.address() as AddressInfo).port))
  })

interface Found {
  readonly level: string
  readonly check: string
  readonly what: string
  readonly why: string
  readonly fix: string
}

const look = async (words: readonly string[], environment: Record<string, string> = {}) => {
  const run = startCommand(['doctor', ...words, '-o', 'json'], environment, home.path)
  const code = await run.ended
  const said = run.output() === '' ? {} : JSON.parse(run.output())
  const findings: readonly Found[] = said.findings ?? []
  for (const { why, fix } of findings) assert.ok(why !== '' && fix !== '', 'says why and the fix')
  const kinds = findings.map(({ level, check }) => `${level} ${check}`)
  return { code, findings, kinds, well: said.well ?? [], errors: run.errors() }
}

describe('a server that is well', () => {
  test('nothing is found, and what was looked at is told', async () => {
    const seen = await look([server.plain], administrator)
    assert.deepEqual([seen.code, seen.kinds], [0, []], seen.errors)
    const text = seen.well.join('\n')
    for (const part of [
      /clocks agree/,
      /ready/,
      /issuer http/,
      /signing keys, .* 0 days/,
      /30 days/,
    ])
      assert.match(text, part)
    const run = startCommand(['doctor', server.plain], {}, home.path)
    assert.equal(await run.ended, 0)
    assert.match(run.output(), /– expiring secrets: not looked at.*\n.*\n0 errors, 0 warnings\n$/)
  })

  test('under another address: callers would be sent elsewhere', async () => {
    const other = server.plain.replace('127.0.0.1', 'localhost')
    const seen = await look([
      server.plain.includes('localhost') ? server.plain.replace('localhost', '127.0.0.1') : other,
    ])
    assert.deepEqual([seen.code, seen.kinds], [0, ['warning address', 'warning issuer']])
  })

  test('a secret that ends soon is told to whoever may see it', async () => {
    const file = join(home.path, 'app.yaml')
    writeFileSync(file, 'applications:\n  - {name: soon, active: true}\n')
    const words = ['--url', server.plain]
    const made = startCommand(['apply', '-f', file, ...words], administrator, home.path)
    assert.equal(await made.ended, 0, made.errors())
    const inFiveDays = new Date(Date.now() + 5 * 86_400_000).toISOString()
    const rotated = startCommand(
      ['app', 'secret', 'rotate', 'soon', '--expires', inFiveDays, ...words],
      administrator,
      home.path,
    )
    assert.equal(await rotated.ended, 0, rotated.errors())
    const seen = await look([server.plain], administrator)
    assert.deepEqual([seen.code, seen.kinds], [0, ['warning secrets']])
    assert.match(seen.findings[0]?.what ?? '', /last secret of soon ends in [45] days/)
  })
})

describe('what is wrong with the way to a server', () => {
  test('nothing answers: exit 7', async () => {
    // a port that was somebody's a moment ago may be somebody else's by now
    const seen = await look(['http://127.0.0.1:2'])
    assert.deepEqual([seen.code, seen.kinds], [7, ['error reachability']])
    assert.match(seen.findings[0]?.what ?? '', /nothing listens there/)
  })

  test('a server that is not ready, with a wrong clock, no discovery', async () => {
    const door = createPlain((request, answer) => {
      answer.setHeader('date', new Date(Date.now() - 600_000).toUTCString())
      answer.statusCode = request.url === '/healthz' ? 200 : request.url === '/readyz' ? 503 : 404
      answer.end(request.url === '/readyz' ? '{"ready":false,"reasons":["database: gone"]}' : 'no')
    })
    const seen = await look([`http://127.0.0.1:${await listen(door)}`])
    door.close()
    assert.equal(seen.code, 6)
    assert.deepEqual(seen.kinds, ['error clock', 'error readiness', 'error discovery'])
    assert.match(seen.findings[0]?.what ?? '', /60\d s behind|599 s behind|600 s behind/)
    assert.match(seen.findings[1]?.why ?? '', /database: gone/)
  })

  test('a certificate of another name, of an unknown authority, about to end', async () => {
    for (const words of [['init'], ['issue', 'elsewhere', '--server', '--days', '3']]) {
      const made = startCommand(['ca', ...words], {}, home.path)
      assert.equal(await made.ended, 0, made.errors())
    }
    const file = (name: string) => readFileSync(join(home.path, 'ca', name))
    const tls = { cert: file('elsewhere.crt'), key: file('elsewhere.key') }
    const door = createSecure(tls, (_request, answer) => answer.writeHead(404).end())
    const port = await listen(door)
    const seen = await look([`https://localhost:${port}`])
    const crossed = await look([`http://localhost:${port}`])
    door.close()
    assert.equal(seen.code, 6)
    assert.deepEqual(seen.kinds.slice(0, 3), [
      'warning tls-expiry',
      'error tls-name',
      'error tls-trust',
    ])
    assert.equal(crossed.code, 7)
  })
})

describe('what is wrong on the machine', () => {
  const write = (more = ''): void => {
    rmSync(config, { force: true })
    writeFileSync(config, `data: ${data}\nurl: ${server.plain}\n${more}`, { mode: 0o640 })
  }

  test('a good configuration is well, and its URL is where to look', async () => {
    write()
    const seen = await look(['--config', config])
    assert.deepEqual([seen.code, seen.kinds], [0, []], JSON.stringify(seen.findings))
    assert.match(seen.well.join('\n'), /schema \d+/)
  })

  test('mistakes, rights and proxies', async () => {
    const rows: readonly [string, () => void, readonly string[]][] = [
      ['a setting', () => write('workres: 2\n'), ['error configuration']],
      [
        'a file that others change',
        () => {
          write()
          chmodSync(config, 0o666)
        },
        ['error rights'],
      ],
      [
        'a secret that others read',
        () => {
          const secret = join(home.path, 'secret')
          writeFileSync(secret, 'a-secret-of-an-administrator-1', { mode: 0o644 })
          write(`bootstrap: {clientId: a, clientSecretFile: ${secret}}\n`)
        },
        ['warning rights'],
      ],
      [
        'proxies that are a whole network',
        () => write('trustedProxies: [10.0.0.0/8]\n'),
        ['warning proxies'],
      ],
      [
        'a master key that others read',
        () => {
          write()
          chmodSync(join(data, 'master.key'), 0o644)
        },
        ['error configuration'],
      ],
    ]
    for (const [name, prepare, kinds] of rows) {
      prepare()
      const seen = await look([server.plain, '--config', config])
      assert.deepEqual(seen.kinds, kinds, name)
      assert.equal(seen.code, kinds[0]?.startsWith('error') ? 6 : 0, name)
    }
    chmodSync(join(data, 'master.key'), 0o600)
  })

  test('data whose master key is gone', async () => {
    const folder = join(home.path, 'copy')
    const filter = (path: string) => !path.endsWith('master.key')
    cpSync(data, folder, { recursive: true, filter })
    chmodSync(folder, 0o700)
    writeFileSync(config, `data: ${folder}\n`)
    const seen = await look([server.plain, '--config', config])
    assert.deepEqual([seen.code, seen.kinds], [6, ['error master-key']])
  })
})

test('usage', async () => {
  assert.equal((await look(['auth.example'])).code, 2)
})
