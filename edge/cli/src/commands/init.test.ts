import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { type AddressInfo, createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import type { Terminal } from '../session/terminal.ts'
import type { InitFlags } from '../setup/answers.ts'
import { ask, freePort, newDirectory, startCommand } from '../test-process.ts'
import { init } from './init.ts'

const home = newDirectory()
after(home.remove)

let folders = 0
const newFolder = (): string => {
  folders++
  const path = join(home.path, String(folders))
  mkdirSync(path)
  return path
}

const run = async (folder: string, words: readonly string[]) => {
  const command = startCommand(['init', ...words], {}, folder)
  const code = await command.ended
  return { code, output: command.output(), errors: command.errors() }
}

/** A person who answers the questions by what is in them. */
const answering = (answers: Readonly<Record<string, string>>) => {
  const asked: string[] = []
  let output = ''
  let errors = ''
  const terminal: Terminal = {
    environment: {},
    directory: home.path,
    configDirectory: home.path,
    isInteractive: true,
    hasColor: false,
    readInput: () => '',
    ask: async (question) => {
      asked.push(question)
      return Object.entries(answers).find(([part]) => question.includes(part))?.[1] ?? ''
    },
    writeOutput: (said) => {
      output += said
    },
    writeError: (said) => {
      errors += said
    },
    nowMs: Date.now(),
  }
  return { terminal, asked, said: () => ({ output, errors }) }
}

test('behind a proxy: the file is written, checked, and serve starts with it', async () => {
  const folder = newFolder()
  const port = await freePort()
  const made = await run(folder, [
    ...['--issuer', 'https://auth.example.invalid/', '--tls', 'proxy', '--yes'],
    ...['--listen', `127.0.0.1:${port}`],
  ])
  assert.equal(made.code, 0, made.errors)
  for (const line of [
    '✔ wrote mintmark.yaml (0640)',
    '✔ wrote master.key (0600)  back this up',
    '✔ wrote admin.secret (0600)',
    `port ${port} is free`,
    'Start:        mintmark serve --config mintmark.yaml',
  ]) {
    assert.ok(made.output.includes(line), `${line}\n${made.output}`)
  }
  const modes = { 'mintmark.yaml': 0o640, 'master.key': 0o600, 'admin.secret': 0o600, data: 0o700 }
  for (const [name, mode] of Object.entries(modes)) {
    assert.equal(statSync(join(folder, name)).mode & 0o777, mode, name)
  }
  const secret = readFileSync(join(folder, 'admin.secret'), 'utf8').trim()
  assert.doesNotMatch(made.output + made.errors, new RegExp(secret))

  const server = startCommand(['serve', '--config', 'mintmark.yaml'], {}, folder)
  await server.said(/"name":"plain".*"msg":"listening"/)
  const metadata = await ask(`http://127.0.0.1:${port}/.well-known/oauth-authorization-server`)
  assert.equal(metadata.json['issuer'], 'https://auth.example.invalid')
  const login = startCommand(
    ['export', '--url', `http://127.0.0.1:${port}`, '--client-id', 'admin'],
    { MINTMARK_CLIENT_SECRET_FILE: join(folder, 'admin.secret') },
    folder,
  )
  assert.equal(await login.ended, 0, login.errors())
  await server.end('SIGTERM')
})

test('again: nothing is overwritten', async () => {
  const folder = newFolder()
  const flags = ['--issuer', 'https://auth.example.invalid', '--tls', 'proxy', '--yes']
  const words = [...flags, '--listen', `127.0.0.1:${await freePort()}`]
  assert.equal((await run(folder, words)).code, 0)
  const files = ['mintmark.yaml', 'master.key', 'admin.secret']
  const before = files.map((name) => readFileSync(join(folder, name), 'utf8'))
  const again = await run(folder, words)
  assert.equal(again.code, 5)
  assert.match(again.errors, /mintmark\.yaml is there already, and nothing is overwritten/)
  const beside = await run(folder, [...words, '--config', 'other.yaml'])
  assert.equal(beside.code, 0, beside.errors)
  assert.match(beside.output, /kept {2}master\.key/)
  const now = files.map((name) => readFileSync(join(folder, name), 'utf8'))
  assert.deepEqual(now, before)
})

test('with a development authority: HTTPS answers under the name of the issuer', async () => {
  const folder = newFolder()
  const [plain, secure] = [await freePort(), await freePort()]
  const { terminal, asked, said } = answering({
    issuer: `https://localhost:${secure}`,
    'Who does TLS': 'development',
    'domain file': '',
  })
  const flags: InitFlags = {
    config: join(folder, 'mintmark.yaml'),
    listen: `127.0.0.1:${plain}`,
    tlsListen: `127.0.0.1:${secure}`,
  }
  assert.equal(await init(flags, terminal), 0, said().errors)
  assert.deepEqual(asked.length, 4, asked.join('\n'))
  const trust = /^ {2}Trust: {8}export NODE_EXTRA_CA_CERTS=(\S+)\n {2}First admin/m
  const [, authority = ''] = trust.exec(said().output) ?? []
  assert.equal(resolve(home.path, authority), join(folder, 'ca/ca.crt'))
  const server = startCommand(['serve', '--config', flags.config], {}, home.path)
  await server.said(/"name":"tls".*"msg":"listening"/)
  const answer = await new Promise<string>((fulfil, reject) => {
    const ca = readFileSync(join(folder, 'ca/ca.crt'))
    const path = '/.well-known/openid-configuration'
    request({ host: '127.0.0.1', port: secure, servername: 'localhost', ca, path }, (response) => {
      text(response).then(fulfil, reject)
    })
      .once('error', reject)
      .end()
  })
  assert.equal(JSON.parse(answer).issuer, `https://localhost:${secure}`)
  await server.end('SIGTERM')
})

test('what cannot work is refused before anything is written', async () => {
  const taker = createServer().listen(0, '127.0.0.1')
  await new Promise((fulfil) => taker.once('listening', fulfil))
  const taken = `127.0.0.1:${(taker.address() as AddressInfo).port}`
  const free = `127.0.0.1:${await freePort()}`
  const folder = newFolder()
  writeFileSync(join(folder, 'file'), '')
  writeFileSync(join(folder, 'wrong.yaml'), 'applications:\n  - nmae: x\n')
  const good = ['--issuer', 'https://auth.example.invalid', '--tls', 'proxy', '--yes']
  const rows: readonly [readonly string[], number, RegExp][] = [
    [['--yes'], 2, /needs to know --issuer and --tls/],
    [['--tls', 'proxy'], 2, /needs to know --issuer\./],
    [['--issuer', 'auth.example', '--tls', 'proxy'], 6, /is no URL/],
    [['--issuer', 'http://auth.example', '--tls', 'proxy'], 6, /is plain http/],
    [['--issuer', 'https://a.example/?x=1', '--tls', 'proxy'], 6, /no query/],
    [['--issuer', 'https://a.example', '--tls', 'none'], 6, /--tls is proxy, files, development/],
    [['--issuer', 'https://a.example', '--tls', 'files', '--cert', 'no.pem'], 2, /--key/],
    [[...good, '--listen', taken], 6, /another program has it/],
    [[...good, '--listen', free, '--data', 'file/data'], 6, /cannot be written/],
    [[...good, '--listen', free, '--start', 'none.yaml'], 3, /no domain file none\.yaml/],
    [[...good, '--listen', free, '--start', 'wrong.yaml'], 6, /wrong\.yaml:2:5 .*Did you mean/s],
    [[...good, '--listen', free, '--trusted-proxy', '0.0.0.0/0'], 6, /every address would be/],
    [
      ['--issuer', 'https://a.example', '--tls', 'files', '--cert', 'a.pem', '--key', 'b.pem'],
      3,
      /There is no file a\.pem/,
    ],
  ]
  for (const [words, code, message] of rows) {
    const refused = await run(folder, words)
    assert.equal(refused.code, code, `${words.join(' ')}: ${refused.errors}`)
    assert.match(refused.errors, message)
    assert.throws(() => statSync(join(folder, 'mintmark.yaml')), /ENOENT/)
  }
  taker.close()
})
