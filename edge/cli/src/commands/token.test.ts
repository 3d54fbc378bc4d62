import assert from 'node:assert/strict'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { newDirectory, type Running, startCommand } from '../test-process.ts'
import type { TokenTerminal } from '../token/token-terminal.ts'
import { tokenIntrospect, tokenRevoke } from './token-ask.ts'
import { type TokenGetFlags, tokenGet } from './token-get.ts'
import { tokenInspect, tokenVerify } from './token-inspect.ts'

const home = newDirectory()
let dev: Running | null = null
let url = ''
let secret = ''
let secureUrl = ''

before(async () => {
  const run = startCommand(['dev', '--port', '18490', '--tls-port', '18492'], {}, home.path)
  dev = run
  await run.said(/Stop: Ctrl-C/)
  url = /Token +(http\S+)\/oauth2/.exec(run.output())?.[1] ?? ''
  secureUrl = /Secure domain URL (\S+)/.exec(run.output())?.[1] ?? ''
  secret = /demo-app:(mms_\w+)/.exec(run.output())?.[1] ?? ''
})

after(async () => {
  await dev?.end('SIGINT')
  home.remove()
})

interface Told {
  readonly environment?: Readonly<Record<string, string>>
  readonly input?: string
  readonly directory?: string
}

const listen = async (run: (console: TokenTerminal) => Promise<number>, told: Told = {}) => {
  let output = ''
  let errors = ''
  const code = await run({
    environment: told.environment ?? {},
    directory: told.directory ?? home.path,
    readInput: () => told.input ?? '',
    writeOutput: (text) => {
      output += text
    },
    writeError: (text) => {
      errors += text
    },
    nowMs: Date.now(),
  })
  return { code, output, errors }
}

const get = (flags: Partial<TokenGetFlags> = {}, told?: Told) =>
  listen((console) => tokenGet({ output: 'text', url, ...flags }, console), told)

const elsewhere = { directory: '/' }

test('get: the demo application needs nothing said; stdout is the token alone', async () => {
  const { code, output, errors } = await get()
  assert.equal(code, 0, errors)
  assert.match(output, /^eyJ[\w-]+\.[\w-]+\.[\w-]+\n$/)
  assert.match(errors, /Secret of demo-app from \.mintmark\/dev\.json/)
})

test('get --decode: what the token says, and that it is good', async () => {
  const { code, output } = await get({ app: 'demo-app', scope: 'orders.read', decode: true })
  assert.equal(code, 0)
  for (const line of [
    /^ {2}Header {5}alg ES256 {3}typ at\+jwt {3}kid \S+$/m,
    /^ {2}client_id {2}demo-app$/m,
    /^ {2}aud {8}http:\S+\/demo\/orders$/m,
    /^ {2}scope {6}orders\.read$/m,
    /^ {2}exp {8}in (?:59 min \d+ s|1 h) /m,
    /^ {2}Signature {2}✔ valid, by a key of http:\/\/localhost:\d+$/m,
  ]) {
    assert.match(output, line)
  }
})

test('get: secrets come from a file, the environment or standard input', async () => {
  const file = join(home.path, 'secret')
  writeFileSync(file, `${secret}\n`)
  const app = 'demo-app'
  const asked = await Promise.all([
    get({ app, clientSecretFile: file }, elsewhere),
    get({ app, clientSecretStdin: true }, { ...elsewhere, input: `${secret}\n` }),
    get({ app }, { ...elsewhere, environment: { MINTMARK_CLIENT_SECRET: secret } }),
    get({ app }, { ...elsewhere, environment: { MINTMARK_CLIENT_SECRET_FILE: file } }),
  ])
  for (const { code, errors } of asked) assert.equal(code, 0, errors)
})

test('get --decode: who certified the server is believed for its keys too', async () => {
  const beside = (name: string): string => join(home.path, '.mintmark', name)
  const { code, output, errors } = await get({
    app: 'demo-certificate',
    url: secureUrl,
    certificateFile: beside('client.crt'),
    certificateKeyFile: beside('client.key'),
    authorityFile: beside('ca.crt'),
    decode: true,
  })
  assert.equal(code, 0, errors)
  assert.match(output, /Signature +✔ valid/)
})

test('get -o json: the answer as it is', async () => {
  const { output } = await get({ output: 'json' })
  const answer = JSON.parse(output) as Readonly<Record<string, unknown>>
  assert.deepEqual(Object.keys(answer), ['access_token', 'token_type', 'expires_in', 'scope'])
  assert.equal(answer['scope'], 'orders.read orders.write')
})

const failing: readonly (readonly [string, Partial<TokenGetFlags>, Told, number, RegExp])[] = [
  ['who asks is not said', {}, elsewhere, 2, /Which application\?/],
  ['nothing proves it', { app: 'billing' }, {}, 4, /Nothing proves that this is "billing"/],
  ['a form that is not offered', { output: 'yaml' }, {}, 2, /text or json, not "yaml"/],
  [
    'a wrong secret',
    { app: 'demo-app', clientSecretStdin: true },
    { input: 'hunter2-wrong' },
    8,
    /invalid_client/,
  ],
  ['a scope that is not there', { scope: 'nope' }, {}, 8, /invalid_scope/],
  ['nobody there', { url: 'http://localhost:1' }, {}, 7, /localhost:1 was not reached/],
  ['a file that is not there', { app: 'a', clientSecretFile: '/nowhere' }, {}, 6, /no such file/],
  ['no URL', { url: 'localhost' }, {}, 2, /no http or https URL/],
]

for (const [name, flags, told, expected, pattern] of failing) {
  test(`get: ${name}`, async () => {
    const { code, output, errors } = await get(flags, told)
    assert.equal(code, expected, errors)
    assert.equal(output, '')
    assert.match(errors, pattern)
    assert.ok(!errors.includes('hunter2'))
  })
}

const verify = (token: string, flags: object = {}, told: Told = {}) =>
  listen((console) => tokenVerify({ output: 'text', url, ...flags }, console), {
    ...told,
    input: token,
  })

test('verify: as an API would', async () => {
  const { output: token } = await get({ scope: 'orders.read' })
  const [header = '', claims = '', signature = ''] = token.trim().split('.')
  const read = JSON.parse(Buffer.from(claims, 'base64url').toString())
  const audience: string = read.aud
  const other = Buffer.from(JSON.stringify({ ...read, scope: 'orders.write' })).toString(
    'base64url',
  )
  const rows: readonly (readonly [string, object, number, RegExp])[] = [
    [token, { audience }, 0, /✔ valid/],
    [`Bearer ${token}`, { audience, scope: 'orders.read' }, 0, /✔ valid/],
    [token, { audience, scope: 'orders.write' }, 8, /✖ SCOPE_MISSING/],
    [token, { audience: 'https://other.example' }, 8, /✖ AUDIENCE_MISMATCH/],
    [`${header}.${other}.${signature}`, { audience }, 8, /✖ SIGNATURE_WRONG/],
  ]
  for (const [text, flags, code, pattern] of rows) {
    const verified = await verify(text, flags)
    assert.equal(verified.code, code, verified.output + verified.errors)
    assert.match(verified.output, pattern)
    assert.equal(verified.errors, '')
  }
  const unnamed = await verify(token, { output: 'json' })
  assert.equal(JSON.parse(unnamed.output).verdict.valid, true)
  assert.match(unnamed.errors, /audience was not judged/)
})

test('verify: what is no JWT, and a server that is not there', async () => {
  assert.equal((await verify('opaque')).code, 6)
  const { output: token } = await get()
  const { code, errors } = await verify(token, { url: 'http://localhost:1' })
  assert.equal(code, 7)
  assert.match(errors, /localhost:1 was not reached/)
})

test('inspect: from a file, the environment or standard input, and nobody is asked', async () => {
  const { output: token } = await get()
  const file = join(home.path, 'token.jwt')
  writeFileSync(file, token)
  const flags = { output: 'text' }
  for (const [more, told] of [
    [{ file }, {}],
    [{}, { environment: { MINTMARK_TOKEN: token } }],
    [{}, { input: token }],
  ] as const) {
    const { code, output } = await listen((c) => tokenInspect({ ...flags, ...more }, c), told)
    assert.equal(code, 0)
    assert.match(output, /client_id {2}demo-app[\s\S]*Signature {2}not looked at/)
  }
  const missing = await listen((c) => tokenInspect({ ...flags, file: '/nowhere' }, c))
  assert.equal(missing.code, 3)
})

test('the command: examples come first, mistakes are usage, no secret is an argument', async () => {
  for (const words of [
    ['token', '--help'],
    ['token', 'get', '--help'],
    ['token', 'verify', '-h'],
  ]) {
    const help = startCommand(words, {})
    assert.equal(await help.ended, 0)
    assert.match(help.output(), /^Examples:\n {2}mintmark token .*\n {2}mintmark token /)
  }
  const argument = startCommand(['token', 'get', '--client-secret', 'hunter2'], {})
  assert.equal(await argument.ended, 2)
  const positional = startCommand(['token', 'inspect', 'eyJ.eyJ.x'], {})
  assert.equal(await positional.ended, 2)
  assert.match(positional.errors(), /takes no arguments.*standard input/)
  assert.doesNotMatch(argument.errors() + positional.errors(), /hunter2|eyJ/)
})

test('introspect and revoke: active, ended, and all of them at once', async () => {
  const { output: token } = await get()
  const demo = { app: 'demo-app', url }
  const terminal = {
    configDirectory: home.path,
    isInteractive: false,
    hasColor: false,
    ask: () => assert.fail('nobody is there'),
  }
  const introspect = (text: string, output = 'text') =>
    listen((console) => tokenIntrospect({ ...demo, output }, { ...terminal, ...console }), {
      input: text,
    })
  const revoke = (text: string, flags: object = {}) =>
    listen((console) => tokenRevoke({ ...demo, ...flags }, { ...terminal, ...console }), {
      input: text,
    })
  const active = await introspect(token)
  assert.equal(active.code, 0, active.errors)
  assert.match(active.output, /^ {2}✔ Active\n(?:.*\n)*? {2}client_id {2}demo-app\n/)
  assert.equal((await revoke(token)).code, 0)
  const ended = await introspect(token, 'json')
  assert.deepEqual([ended.code, JSON.parse(ended.output)], [8, { active: false }])
  const { output: another } = await get()
  const unsure = await revoke('', { all: true })
  assert.equal(unsure.code, 2, unsure.errors)
  assert.equal((await introspect(another)).code, 0)
  assert.equal((await revoke('', { all: true, yes: true })).code, 0)
  assert.equal((await introspect(another)).code, 8)
  const stranger = { clientSecretStdin: true }
  const refused = await listen(
    (console) =>
      tokenIntrospect({ ...demo, ...stranger, output: 'text' }, { ...terminal, ...console }),
    { input: 'hunter2-wrong', environment: { MINTMARK_TOKEN: 'a.b.c' } },
  )
  assert.equal(refused.code, 8, refused.errors)
  assert.ok(!refused.errors.includes('hunter2'))
})

test('get --dpop: a token bound to a key that is kept for its owner alone', async () => {
  const file = join(home.path, 'binding.pem')
  const bound = await get({ dpop: file, decode: true, output: 'json' })
  assert.equal(bound.code, 0, bound.errors)
  const { claims, verdict } = JSON.parse(bound.output)
  assert.equal(typeof claims.cnf.jkt, 'string')
  assert.equal(verdict.bound, true)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  const again = JSON.parse((await get({ dpop: file, decode: true, output: 'json' })).output)
  assert.equal(again.claims.cnf.jkt, claims.cnf.jkt)
})
