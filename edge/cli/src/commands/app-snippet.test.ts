import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { newDirectory, type Running, startCommand } from '../test-process.ts'
import { decodeToken } from '../token/decode-token.ts'

const execute = promisify(execFile)
const home = newDirectory()
let server: Running
let url = ''
let secret = ''

/** An API that tells whom it was called by. */
const api = createServer((request, response) => {
  const [scheme, token = ''] = (request.headers.authorization ?? '').split(' ')
  const client = decodeToken(token)?.claims['client_id']
  response.end(JSON.stringify({ for: scheme === 'Bearer' ? client : null }))
})

before(async () => {
  server = startCommand(['dev', '--port', '18880', '--tls-port', '18980'], {}, home.path)
  await server.said(/Stop: Ctrl-C/)
  url = /Token +(http\S+)\/oauth2/.exec(server.output())?.[1] ?? ''
  secret = /demo-app:(mms_\w+)/.exec(server.output())?.[1] ?? ''
  await new Promise<void>((fulfil) => api.listen(0, '127.0.0.1', fulfil))
  const client = fileURLToPath(new URL('../../../client', import.meta.url))
  mkdirSync(join(home.path, 'node_modules/@mintmark'), { recursive: true })
  symlinkSync(client, join(home.path, 'node_modules/@mintmark/client'))
})

after(async () => {
  api.closeAllConnections()
  api.close()
  await server.end('SIGINT')
  home.remove()
})

const mintmark = async (line: string) => {
  const config = { XDG_CONFIG_HOME: join(home.path, 'config') }
  const started = startCommand(line.split(' '), config, home.path)
  return { code: await started.ended, out: started.output(), err: started.errors() }
}

const programs: readonly (readonly [string, string, string, RegExp])[] = [
  // the client gives tokens to the origin of the audience only: here it prints one
  ['node', 'caller.mjs', 'node', /^eyJ/],
  ['python', 'caller.py', 'python3', /"for":\s*"demo-app"/],
  ['java', 'Caller.java', 'java', /"for":"demo-app"/],
  ['curl', 'caller.sh', 'sh', /"access_token":"eyJ/],
]

for (const [language, file, program, expected] of programs) {
  test(`the program in ${language} runs as it is and calls the API`, async (t) => {
    try {
      await execute(program, program === 'sh' ? ['-c', 'curl --version'] : ['--version'])
    } catch {
      return t.skip(`${program} is not here`)
    }
    const { code, out, err } = await mintmark(`app snippet demo-app --lang ${language}`)
    assert.equal(code, 0, err)
    assert.ok(!out.includes('mms_'))
    writeFileSync(join(home.path, file), out)
    const called = `http://127.0.0.1:${(api.address() as AddressInfo).port}`
    const { stdout } = await execute(program, language === 'node' ? [file] : [file, called], {
      cwd: home.path,
      env: { PATH: process.env['PATH'] ?? '', HOME: home.path, MINTMARK_CLIENT_SECRET: secret },
    })
    assert.match(stdout, expected)
  })
}

test('what cannot be run here says the same: a file of requests, a collection', async () => {
  const { out: http } = await mintmark('app snippet demo-app --lang http')
  assert.match(http, new RegExp(`^POST ${url}/oauth2/v1/token$`, 'm'))
  const body = new URLSearchParams(/^grant_type=.*$/m.exec(http)?.[0])
  body.set('client_secret', secret)
  const answer = await fetch(`${url}/oauth2/v1/token`, { method: 'POST', body })
  assert.equal(answer.status, 200, await answer.text())
  const { out } = await mintmark('app snippet demo-app --lang postman')
  const { info, auth, variable } = JSON.parse(out)
  assert.match(info.schema, /collection\/v2\.1\.0/)
  const settings = auth.oauth2.map(({ key, value }: { key: string; value: unknown }) => [
    key,
    value,
  ])
  assert.equal(new Map(settings).get('accessTokenUrl'), `${url}/oauth2/v1/token`)
  assert.deepEqual(variable[0], { key: 'clientSecret', value: '', type: 'string' })
})

const faults: readonly (readonly [string, number, RegExp])[] = [
  ['app snippet demo-app --lang pyton', 2, /Did you mean "?python/],
  ['app snippet demo-ap --lang curl', 3, /Did you mean demo-app\?/],
  [
    'app snippet demo-certificate --lang java',
    2,
    /by a certificate: use --lang node or --lang curl/,
  ],
  ['app snippet demo-app --lang curl --api Order', 3, /Did you mean Orders\?/],
]
for (const [line, code, message] of faults) {
  test(`mintmark ${line}: ${code}`, async () => {
    const result = await mintmark(line)
    assert.deepEqual([result.code, result.out], [code, ''])
    assert.match(result.err, message)
  })
}

test('with a certificate the program shows it', async () => {
  const { out, err } = await mintmark('app snippet demo-certificate --lang curl')
  assert.equal(err, '')
  const folder = join(home.path, '.mintmark')
  const secure = /(https:\S+)/.exec(server.output())?.[1] ?? ''
  const script = out.replaceAll(url, secure).replace('curl ', `curl --cacert ${folder}/ca.crt `)
  const { stdout } = await execute('sh', ['-c', script], {
    env: {
      PATH: process.env['PATH'] ?? '',
      MINTMARK_CERTIFICATE_FILE: join(folder, 'client.crt'),
      MINTMARK_CERTIFICATE_KEY_FILE: join(folder, 'client.key'),
    },
  })
  assert.match(stdout, /"access_token":"eyJ/)
  assert.ok(readFileSync(join(folder, 'client.key'), 'utf8').length > 0)
})
