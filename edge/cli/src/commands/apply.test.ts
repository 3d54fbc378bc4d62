import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  type ExampleServer,
  openExampleServer,
} from '@mintmark/server/administration/example-server'
import { apply } from './apply.ts'

const readAll = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

/** The administration API over real HTTP: the right client gets a token, the token opens it. */
const createDoor = (server: ExampleServer) =>
  createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x')
    const text = await readAll(request)
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    }
    if (pathname === '/oauth2/v1/token') {
      const pair = Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64').toString()
      const isRight = pair === 'admin%3Aone:se%25cret' && text.includes('myscopes')
      const refusal = {
        error: 'invalid_client',
        error_description: 'Client authentication failed.',
      }
      return isRight ? answer(200, { access_token: 'token' }) : answer(401, refusal)
    }
    if (pathname === '/.well-known/oauth-authorization-server') {
      return answer(200, { issuer: 'https://issuer.example' })
    }
    if (request.headers.authorization !== 'Bearer token') return answer(401, { detail: 'no' })
    const path = pathname.slice('/admin/v1'.length)
    const query = Object.fromEntries(searchParams)
    const body = text === '' ? null : JSON.parse(text)
    const { status, body: said } = await server.call(request.method ?? '', path, body, { query })
    return answer(status, said)
  })

let server: ExampleServer
let door: ReturnType<typeof createDoor>
let url = ''
const directory = mkdtempSync(join(tmpdir(), 'mintmark-apply-'))

before(async () => {
  server = await openExampleServer()
  door = createDoor(server)
  await new Promise<void>((fulfil) => door.listen(0, '127.0.0.1', fulfil))
  url = `http://127.0.0.1:${(door.address() as AddressInfo).port}`
})

after(async () => {
  await new Promise((fulfil) => door.close(fulfil))
  await server[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

const write = (name: string, text: string): string => {
  const path = join(directory, name)
  writeFileSync(path, text)
  return path
}

const signedIn = { MINTMARK_CLIENT_ID: 'admin:one', MINTMARK_CLIENT_SECRET: 'se%cret' }

const run = async (flags: object, environment: Record<string, string> = signedIn, input = '') => {
  let output = ''
  let error = ''
  const code = await apply(
    { file: '', output: 'text', url, ...flags },
    {
      environment,
      directory,
      configDirectory: directory,
      isInteractive: false,
      hasColor: false,
      ask: () => assert.fail('nobody is there'),
      readInput: () => input,
      writeOutput: (text) => {
        output += text
      },
      writeError: (text) => {
        error += text
      },
      nowMs: server.nowMs,
    },
  )
  return { code, output, error }
}

test('apply: diff, dry run with 10, secrets once, then nothing left to do', async () => {
  const file = write('app.yaml', 'applications:\n  - {name: report-export, active: true}\n')
  const trial = await run({ file, dryRun: true })
  assert.equal(trial.code, 10, trial.error)
  assert.equal(
    trial.output,
    '+ app report-export  (new; a secret will be generated and printed once)\n' +
      '1 to add, 0 to change, 0 to remove\n',
  )
  const real = await run({ file })
  assert.equal(real.code, 0, real.error)
  assert.match(
    real.output,
    /\nreport-export\n {2}Client ID {6}[0-9a-f]{32}\n {2}Client secret {2}mms_\w{49} /,
  )
  const again = await run({ file })
  assert.equal(again.code, 0)
  assert.doesNotMatch(again.output, /mms_/)
  assert.equal((await run({ file, dryRun: true })).code, 0)
})

test('-o env and -o json: standard output is data only', async () => {
  const one = write('one.yaml', 'applications:\n  - {name: one, clientId: one-1}\n')
  const env = await run({ file: one, output: 'env' })
  assert.match(
    env.output,
    /^MINTMARK_ISSUER=https:\/\/issuer\.example\nMINTMARK_CLIENT_ID=one-1\nMINTMARK_CLIENT_SECRET=mms_\w{49}\n$/,
  )
  assert.match(env.error, /^\+ app one/)
  const two = write('two.yaml', 'applications:\n  - {name: two a}\n  - {name: 3 b}\n')
  const several = await run({ file: two, output: 'env' })
  assert.match(several.output, /^TWO_A_CLIENT_ID=\w+$/m)
  assert.match(several.output, /^APP_3_B_CLIENT_SECRET=mms_\w+$/m)
  const json = JSON.parse((await run({ file: two, output: 'json' })).output)
  assert.equal(json.changed, false)
  assert.equal(json.changes.length, 2)
})

test('a folder is one domain; the secret can come from standard input', async () => {
  const folder = mkdtempSync(join(directory, 'folder-'))
  writeFileSync(
    join(folder, 'b.yml'),
    'applications:\n  - name: user\n    access: [{api: Thing, scopes: [go]}]\n',
  )
  writeFileSync(
    join(folder, 'a.yaml'),
    'apis:\n  - {name: Thing, audience: "urn:thing:", scopes: [go]}\n',
  )
  writeFileSync(join(folder, 'notes.txt'), 'not: [yaml')
  const flags = { file: folder, clientId: 'admin:one', clientSecretStdin: true }
  const result = await run(flags, {}, 'se%cret\n')
  assert.equal(result.code, 0, result.error)
  assert.match(result.output, /2 to add/)
})

test('--prune asks, keeps what is in use and who signs in, and takes the rest away', async () => {
  const whole =
    'apis:\n  - {name: Old, audience: "urn:old:", scopes: [go]}\n' +
    'applications:\n  - name: Old user\n    active: true\n' +
    '    access: [{api: Old, scopes: [go]}]\n' +
    'users:\n  - {userName: ann}\n'
  assert.equal((await run({ file: write('whole.yaml', whole) })).code, 0)
  const onlyApis = write('apis.yaml', 'apis: []\n')
  const inUse = await run({ file: onlyApis, prune: true, yes: true })
  assert.equal(inUse.code, 5, inUse.error)
  assert.match(inUse.error, /api Old: Applications still use 'Old'.*Old user/)
  const empty = write('empty.yaml', 'apis: []\napplications: []\nusers: []\n')
  const asked = await run({ file: empty, prune: true })
  assert.equal(asked.code, 2)
  assert.match(asked.error, /nobody is there to be asked\. Add --yes/)
  const trial = await run({ file: empty, prune: true, dryRun: true })
  assert.equal(trial.code, 10)
  assert.match(trial.output, /- app Old user\n/)
  const real = await run({ file: empty, prune: true, yes: true })
  assert.equal(real.code, 0, real.error)
  assert.match(real.output, /- user ann\n(?:.*\n)*0 to add, 0 to change, \d+ to remove/)
  assert.equal((await run({ file: empty, prune: true, dryRun: true })).code, 0)
})

test('a domain file from standard input', async () => {
  const result = await run({ file: '-', dryRun: true }, signedIn, 'users: [{userName: bob}]')
  assert.equal(result.code, 10, result.error)
  assert.match(result.output, /\+ user bob/)
})

test('exit codes', async () => {
  const good = write('good.yaml', 'applications:\n  - name: good\n')
  const bad = write('bad.yaml', 'applications:\n  - nmae: x\n')
  const taken = write('taken.yaml', 'applications:\n  - {name: taken, clientId: IDCSApp}\n')
  const rows: readonly [string, object, Record<string, string>, number, RegExp][] = [
    [
      'no file',
      { file: join(directory, 'none.yaml') },
      signedIn,
      3,
      /none\.yaml: there is no such file/,
    ],
    ['a bad file', { file: bad }, signedIn, 6, /bad\.yaml:2:5 {2}.*Did you mean "name"/],
    ['not signed in', { file: good }, {}, 4, /Not signed in/],
    [
      'a wrong secret',
      { file: good },
      { ...signedIn, MINTMARK_CLIENT_SECRET: 'x' },
      4,
      /Client authentication failed/,
    ],
    ['nobody there', { file: good, url: 'http://127.0.0.1:1' }, signedIn, 7, /was not reached/],
    ['no URL', { file: good, url: 'auth.example' }, signedIn, 7, /is no http or https URL/],
    [
      'a client id that is taken',
      { file: taken },
      signedIn,
      5,
      /taken\.yaml:2:12 {2}app taken: The client id "IDCSApp" is taken/,
    ],
    ['another form', { file: good, output: 'xml' }, signedIn, 2, /text, env or json/],
  ]
  for (const [name, flags, environment, code, message] of rows) {
    const result = await run(flags, environment)
    assert.equal(result.code, code, `${name}: ${result.error}`)
    assert.match(result.error, message, name)
    assert.doesNotMatch(result.error + result.output, /se%cret/)
  }
})
