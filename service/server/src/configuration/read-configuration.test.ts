import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { inspect } from 'node:util'
import type { Configuration } from './configuration.ts'
import {
  type ConfigurationFault,
  describeSource,
  renderFaults,
  renderWarning,
} from './configuration-fault.ts'
import { flagsOfArguments } from './flags-of-arguments.ts'
import { type ConfigurationInput, readConfiguration } from './read-configuration.ts'
import { serverOptionsOf } from './server-options-of.ts'
import { tellSettings } from './told-settings.ts'

const directory = mkdtempSync(join(tmpdir(), 'mintmark-configuration-'))
after(() => rmSync(directory, { recursive: true }))

const canary = 'CANARYxw7Q-0123456789-0123456789'

function write(name: string, text: string, mode = 0o600): string {
  const file = join(directory, name)
  writeFileSync(file, text, { mode })
  chmodSync(file, mode)
  return file
}

type Input = Partial<ConfigurationInput> & { readonly yaml?: string }

function read({ yaml, ...input }: Input): ReturnType<typeof readConfiguration> {
  const file = yaml === undefined ? undefined : write('mintmark.yaml', yaml) && 'mintmark.yaml'
  return readConfiguration({ environment: {}, flags: {}, directory, file, ...input })
}

function configured(input: Input): Configuration {
  const result = read(input)
  assert.ok(result.ok, result.ok ? '' : renderFaults(result.failure))
  return result.value
}

function faultsOf(input: Input): readonly ConfigurationFault[] {
  const result = read(input)
  assert.ok(!result.ok, 'there should be a mistake')
  return result.failure
}

/** Place and name of each mistake. */
const places = (input: Input): readonly string[] =>
  faultsOf(input).map(({ source, key }) => `${describeSource(source)} ${key ?? '–'}`)

test('nothing set: the defaults', () => {
  const one = configured({})
  assert.deepEqual(one.listen, { host: '127.0.0.1', port: 8480 })
  assert.equal(one.data, join(directory, 'data'))
  assert.equal(one.masterKeyFile, join(directory, 'data', 'master.key'))
  assert.equal(one.url, 'http://localhost:8480')
  assert.equal(one.secureUrl, null)
  assert.equal(one.issuer, null)
  assert.equal(one.bootstrap, null)
  assert.deepEqual(one.rateLimit, {
    requestsPerMinute: 60_000,
    failuresPerFiveMinutes: 10,
    exempt: [],
  })
  assert.equal(one.headersTimeoutMs, 10_000)
  assert.equal(one.keyRotationMs, 90 * 86_400_000)
  assert.equal(one.bodyBytesMax, 65_536)
  assert.deepEqual(one.warnings, [])
  assert.ok(Object.values(one.sources).every(({ from }) => from === 'default'))
})

test('flag before environment before file before default, each with its source', () => {
  const yaml = 'workers: 2\nconnectionsMax: 3\nlog:\n  level: debug\n'
  const environment = { MINTMARK_WORKERS: '4', MINTMARK_CONNECTIONS_MAX: '5' }
  const one = configured({ yaml, environment, flags: { workers: '6' } })
  assert.equal(one.workers, 6)
  assert.equal(one.connectionsMax, 5)
  assert.equal(one.log.level, 'debug')
  assert.equal(one.log.format, 'json')
  assert.equal(describeSource(one.sources.workers), '--workers')
  assert.equal(describeSource(one.sources.connectionsMax), 'MINTMARK_CONNECTIONS_MAX')
  assert.equal(describeSource(one.sources['log.level']), 'mintmark.yaml:4:10')
  assert.equal(describeSource(one.sources['log.format']), 'default')
})

test('an empty variable, and a key without a value, are not set', () => {
  const one = configured({ yaml: 'workers:\ntls:\n', environment: { MINTMARK_WORKERS: '' } })
  assert.equal(one.workers, 1)
})

test('the file can be named by flag or variable', () => {
  const file = write('other.yaml', 'workers: 7')
  assert.equal(configured({ environment: { MINTMARK_CONFIG: file } }).workers, 7)
  assert.equal(configured({ flags: { config: 'other.yaml' } }).workers, 7)
  const missing = { MINTMARK_CONFIG: '/nowhere.yaml' }
  assert.deepEqual(places({ environment: missing }), ['MINTMARK_CONFIG –'])
  assert.match(faultsOf({ environment: missing })[0]?.what ?? '', /nowhere\.yaml.*ENOENT/)
})

test('lists: a sequence in the file, commas elsewhere', () => {
  const expected = ['10.0.0.0/8', '::1/128']
  for (const input of [
    { yaml: 'trustedProxies: [10.0.0.0/8, "::1"]' },
    { yaml: 'trustedProxies:\n  - 10.0.0.0/8\n  - ::1' },
    { yaml: 'trustedProxies: 10.0.0.0/8, ::1' },
    { environment: { MINTMARK_TRUSTED_PROXIES: '10.0.0.0/8, ::1,' } },
    { flags: { 'trusted-proxies': '10.0.0.0/8,::1' } },
  ]) {
    assert.deepEqual(configured(input).trustedProxies, expected)
  }
  assert.deepEqual(configured({ yaml: 'trustedProxies: []' }).trustedProxies, [])
})

test('the configuration is frozen through and through', () => {
  const one = configured({ environment: { MINTMARK_TRUSTED_PROXIES: '10.0.0.0/8' } })
  for (const part of [one, one.listen, one.log, one.trustedProxies, one.sources, one.warnings]) {
    assert.ok(Object.isFrozen(part))
  }
})

test('all mistakes at once, in order, each with its place', () => {
  const yaml = [
    'workrs: 4',
    'workers: many',
    'tls: { listen: [1], cert: nowhere.crt }',
    'audit: *x',
    'trustedProxies:',
    '  - 10.0.0.0/8',
    '  - 10.0.0.1/8',
    'rateLimit: 5',
    'idleTimeout: {}',
  ].join('\n')
  const environment = { MINTMARK_LISTNE: '1', MINTMARK_BODY_MAX: '64KB' }
  const flags = { 'log-levle': 'x', url: 'ftp://x' }
  assert.deepEqual(places({ yaml, environment, flags }), [
    'mintmark.yaml:1:1 –',
    'mintmark.yaml:2:10 workers',
    'mintmark.yaml:3:16 tls.listen',
    'mintmark.yaml:3:27 tls.cert',
    'mintmark.yaml:4:8 audit',
    'mintmark.yaml:7:5 trustedProxies',
    'mintmark.yaml:8:1 rateLimit',
    'mintmark.yaml:9:14 idleTimeout',
    'MINTMARK_LISTNE –',
    'MINTMARK_BODY_MAX bodyMax',
    '--log-levle –',
    '--url url',
  ])
})

test('unknown names are answered with what was probably meant', () => {
  const meant = (input: Input): unknown => faultsOf(input)[0]?.didYouMean
  assert.equal(meant({ yaml: 'workrs: 4' }), 'workers')
  assert.equal(meant({ yaml: 'tls: { listne: 4 }' }), 'tls.listen')
  assert.equal(meant({ yaml: 'tls-listen: 4' }), 'tls.listen')
  assert.equal(meant({ yaml: 'level: info' }), 'log.level')
  assert.equal(meant({ yaml: 'MINTMARK_ISSUER: x' }), 'issuer')
  assert.equal(meant({ environment: { MINTMARK_LISTNE: 'x' } }), 'MINTMARK_LISTEN')
  assert.equal(meant({ environment: { MINTMARK_CONFG: 'x' } }), 'MINTMARK_CONFIG')
  assert.equal(meant({ environment: { MINTMARK_DATABASE_URL: 'x' } }), undefined)
  assert.equal(meant({ flags: { worker: '1' } }), '--workers')
})

test('variables of callers and of Kubernetes are not ours', () => {
  configured({
    environment: {
      MINTMARK_CLIENT_ID: 'x',
      MINTMARK_CLIENT_SECRET: 'x',
      MINTMARK_AUDIENCE: 'x',
      MINTMARK_SERVICE_HOST: '10.0.0.1',
      MINTMARK_SERVICE_PORT: '8480',
      MINTMARK_SERVICE_PORT_HTTP: '8480',
      MINTMARK_PORT: 'tcp://10.0.0.1:8480',
      MINTMARK_PORT_8480_TCP: 'tcp://10.0.0.1:8480',
      MINTMARK_PORT_8480_TCP_ADDR: '10.0.0.1',
      OTHER: 'x',
    },
  })
})

const broken: readonly (readonly [string, string, RegExp])[] = [
  ['a name twice', 'workers: 1\nlisten: 8480\nworkers: 2\n', /^mintmark\.yaml:3:1 .*twice/],
  ['a tab', 'log:\n\tlevel: info\n', /^mintmark\.yaml:2:1 .*tab/],
  ['two documents', 'workers: 1\n---\nworkers: 2\n', /second document/],
  ['an open quotation mark', 'url: "https://x\n', /missing/],
  ['a second colon', 'url: a: b\n', /^mintmark\.yaml:1:6 .*second ": "/],
  ['a list', '- a\n', /not a map/],
  ['a text', 'workers\n', /not a map/],
  ['an anchor', 'listen: &a 8480\n', /^mintmark\.yaml:1:\d+ aliases/],
  ['an alias', 'workers:\nurl: *a\n', /^mintmark\.yaml:2:6 aliases/],
  ['an alias in a list', 'trustedProxies: [*a]\n', /one text/],
  ['a tag', 'workers: !!int 3\n', /tags/],
  ['a merge', '<<: { workers: 2 }\n', /no setting "<<"/],
  ['a strange key', '? [a]\n: b\n', /not the name/],
  ['a map for a value', 'workers: { a: 1 }\n', /not a map/],
  ['an open bracket', 'trustedProxies: [10.0.0.0/8\n', /./],
  ['endless brackets', '['.repeat(100_000), /./],
]

for (const [name, yaml, expected] of broken) {
  test(`the file: ${name}`, () => {
    const faults = faultsOf({ yaml })
    const text = faults.map((fault) => `${describeSource(fault.source)} ${fault.what}`).join('\n')
    assert.match(text, expected)
    renderFaults(faults)
  })
}

test('a file that cannot be read at all does not make other settings wrong', () => {
  const flags = { 'tls-listen': '8482', listen: '0.0.0.0:8480' }
  assert.deepEqual(places({ yaml: 'a: b: c', flags }), ['mintmark.yaml:1:4 –'])
})

test('a file that is too large or not UTF-8 is refused', () => {
  const large = write('large.yaml', '#'.repeat(300_000))
  assert.match(faultsOf({ file: large })[0]?.what ?? '', /256 KiB/)
  const latin = join(directory, 'latin.yaml')
  writeFileSync(latin, Buffer.from([0x61, 0x3a, 0x20, 0xe9]))
  assert.match(faultsOf({ file: latin })[0]?.what ?? '', /UTF-8/)
})

test('a domain file in the place of the configuration is told as one', () => {
  const [fault] = faultsOf({ yaml: 'apis:\n  - name: Orders\n' })
  assert.match(fault?.what ?? '', /"apis" belongs in a domain file/)
  assert.match(fault?.fix ?? '', /mintmark apply -f/)
})

test('the text of a mistake: place, line, caret, why, proposal, fix', () => {
  const yaml = 'log:\n  levle: info\nlisten: 0.0.0.0:8480\n'
  assert.equal(
    renderFaults(faultsOf({ yaml, environment: { MINTMARK_WORKERS: '99' } })),
    `✖ Cannot start: the configuration has 3 mistakes.

  mintmark.yaml:2:3  there is no setting "log.levle"
      2 │   levle …
        │   ^^^^^
    Did you mean log.level?
    Fix: correct the name, or remove it

  mintmark.yaml:3:9  listen: 0.0.0.0 is reached from other machines, and no proxy is trusted
      3 │ listen: 0.0.0.0:8480
        │         ^^^^^^^^^^^^
    Why: this door speaks plain HTTP: secrets and tokens would cross the network in the clear
    Fix: listen on 127.0.0.1:8480; or open the HTTPS door with tls.listen (MINTMARK_TLS_LISTEN); or
         name the proxy that does TLS in trustedProxies (MINTMARK_TRUSTED_PROXIES)

  MINTMARK_WORKERS: 99 is out of range
    Fix: write a whole number from 1 to 64

  Every setting: mintmark serve --help, or docs/operating/configuration.md
`,
  )
})

test('a secret: in the environment, in a file, never twice, never as a flag', () => {
  const id = { MINTMARK_BOOTSTRAP_CLIENT_ID: 'admin' }
  const name = 'MINTMARK_BOOTSTRAP_CLIENT_SECRET'
  const file = write('secret', `${canary}\n`)
  for (const input of [
    { environment: { ...id, [name]: canary } },
    { environment: { ...id, [`${name}_FILE`]: 'secret' } },
    { environment: id, flags: { 'bootstrap-client-secret-file': file } },
    { environment: id, yaml: `bootstrap:\n  clientSecret: ${canary}\n` },
    { environment: id, yaml: 'bootstrap:\n  clientSecretFile: secret\n' },
    // A flag counts before the environment: that is no contradiction.
    { environment: { ...id, [name]: 'other' }, flags: { 'bootstrap-client-secret-file': file } },
  ]) {
    const one = configured(input)
    assert.equal(one.bootstrap?.clientSecret.reveal(), canary)
    const told = JSON.stringify(tellSettings(one))
    for (const text of [inspect(one, { depth: 9 }), JSON.stringify(one), told]) {
      assert.ok(!text.includes(canary), text)
    }
  }
  const both = { ...id, [name]: canary, [`${name}_FILE`]: file }
  assert.deepEqual(places({ environment: both }), [`${name}_FILE bootstrap.clientSecret`])
  const argued = { environment: id, flags: { 'bootstrap-client-secret': canary } }
  assert.deepEqual(places(argued), ['--bootstrap-client-secret bootstrap.clientSecret'])
  const missing = { environment: { ...id, [`${name}_FILE`]: 'nowhere' } }
  assert.match(faultsOf(missing)[0]?.what ?? '', /no such file/)
  write('empty', '\n')
  assert.match(
    faultsOf({ environment: { ...id, [`${name}_FILE`]: 'empty' } })[0]?.what ?? '',
    /empty/,
  )
})

test('no mistake shows a secret, whatever is wrong around it', () => {
  for (const input of [
    { yaml: `bootstrap:\n  clientSecret: "${canary}\n` },
    { yaml: `bootstrap:\n  clientSecret: ${canary}: x\n` },
    { yaml: `bootstrap: { clientId: a b, clientSecret: ${canary} }\n` },
    { yaml: `bootstrap: { clientSecert: ${canary}, clientId: a b }\n` },
    { yaml: `bootstrap: { clientSecert: ${canary}, clientId: a b\n` },
    { yaml: `bootstrap:\n  clientSecret: [${canary}]\n` },
    { yaml: `bootstrap:\n  clientSecret: ${canary}ä\n` },
    { yaml: `bootstrap:\n  clientSecret: &x ${canary}\n` },
    { yaml: `bootstrap:\n  clientSecret: |\n    ${canary}\n   x\n` },
    { yaml: `bootstrap:\n  clientSecret:\n    ${canary}\n    x: y\n` },
    { yaml: `url: x clientSecret: ${canary}\n` },
    { yaml: `client_secret: ${canary}\nworkers: x\n` },
    { yaml: `${canary}\n` },
    { environment: { MINTMARK_BOOTSTRAP_CLIENT_SECRET: `${canary}ä` } },
    { environment: { MINTMARK_BOOTSTRAP_CLIENT_SECERT: canary } },
    { environment: { MINTMARK_DATABASE_URL: `mysql://a:${canary}@b` } },
    { environment: { MINTMARK_DATABASE_URL: `postgres://a:${canary} x@b` } },
    { environment: { MINTMARK_DATABASE_URL: `postgres://a:${canary}@b`, MINTMARK_WORKERS: '2' } },
    { environment: { MINTMARK_DATABSE_URL: `postgres://a:${canary}@b` } },
    { environment: { MINTMARK_URL: `https://a:${canary}@b` } },
    { flags: { 'bootstrap-client-secret': canary } },
  ]) {
    const text = renderFaults(faultsOf(input))
    assert.ok(!text.includes(canary), text)
  }
})

test('the master key must be readable by its owner only', () => {
  const open = write('open.key', 'x', 0o640)
  const fault = faultsOf({ environment: { MINTMARK_MASTER_KEY_FILE: open } })[0]
  assert.equal(fault?.key, 'masterKeyFile')
  assert.equal(fault?.fix, `chmod 600 ${open}`)
  configured({ environment: { MINTMARK_MASTER_KEY_FILE: write('closed.key', 'x', 0o600) } })
  configured({ environment: { MINTMARK_MASTER_KEY_FILE: join(directory, 'new.key') } })
})

test('the data folder may be new, but not a file', () => {
  assert.deepEqual(places({ flags: { data: write('a-file', '') } }), ['--data data'])
})

const rules: readonly (readonly [string, Record<string, string>, readonly string[]])[] = [
  ['listen beyond loopback', { MINTMARK_LISTEN: '0.0.0.0:1' }, ['MINTMARK_LISTEN']],
  ['listen on every IPv6 address', { MINTMARK_LISTEN: '[::]:1' }, ['MINTMARK_LISTEN']],
  [
    'every proxy trusted',
    { MINTMARK_LISTEN: '0.0.0.0:1', MINTMARK_TRUSTED_PROXIES: '::/0' },
    ['MINTMARK_TRUSTED_PROXIES'],
  ],
  ['HTTPS without certificate', { MINTMARK_TLS_LISTEN: '1' }, ['MINTMARK_TLS_LISTEN']],
  [
    'two doors at one address',
    { MINTMARK_LISTEN: '1', MINTMARK_METRICS_LISTEN: ':1' },
    ['MINTMARK_METRICS_LISTEN'],
  ],
  ['id without secret', { MINTMARK_BOOTSTRAP_CLIENT_ID: 'a' }, ['MINTMARK_BOOTSTRAP_CLIENT_ID']],
  [
    'secret without id',
    { MINTMARK_BOOTSTRAP_CLIENT_SECRET: canary },
    ['MINTMARK_BOOTSTRAP_CLIENT_SECRET'],
  ],
  ['headers after the request', { MINTMARK_HEADERS_TIMEOUT: '20s' }, ['MINTMARK_HEADERS_TIMEOUT']],
  ['request before its headers', { MINTMARK_REQUEST_TIMEOUT: '5s' }, ['MINTMARK_REQUEST_TIMEOUT']],
]

for (const [name, environment, expected] of rules) {
  test(`settings that do not fit: ${name}`, () => {
    const found = faultsOf({ environment }).map(({ source }) => describeSource(source))
    assert.deepEqual(found, expected)
  })
}

test('settings that do fit', () => {
  for (const environment of [
    { MINTMARK_LISTEN: '0.0.0.0:1', MINTMARK_TRUSTED_PROXIES: '10.0.0.0/8' },
    { MINTMARK_LISTEN: '0', MINTMARK_METRICS_LISTEN: '0' },
    { MINTMARK_HEADERS_TIMEOUT: '20s', MINTMARK_REQUEST_TIMEOUT: '20s' },
    { MINTMARK_RATE_LIMIT_EXEMPT: '127.0.0.1,::1' },
  ]) {
    configured({ environment })
  }
})

test('allowed, but warned of', () => {
  const warned = (environment: Record<string, string>): readonly string[] =>
    configured({ environment }).warnings.map(renderWarning)
  const http = warned({ MINTMARK_ISSUER: 'http://auth.example.com' })
  assert.match(http.join(), /MINTMARK_ISSUER: the URL is plain HTTP/)
  assert.deepEqual(warned({ MINTMARK_ISSUER: 'http://localhost:8480' }), [])
  assert.deepEqual(warned({ MINTMARK_ISSUER: 'https://auth.example.com/' }), [])
  const open = { MINTMARK_LISTEN: '0.0.0.0:1', MINTMARK_TRUSTED_PROXIES: '10.0.0.0/8' }
  assert.match(warned(open).join(), /at localhost/)
  assert.deepEqual(warned({ ...open, MINTMARK_URL: 'https://auth.example.com' }), [])
  const short = { MINTMARK_BOOTSTRAP_CLIENT_ID: 'a', MINTMARK_BOOTSTRAP_CLIENT_SECRET: 'CANARY' }
  assert.match(warned(short).join(), /6 characters/)
  assert.ok(!warned(short).join().includes('CANARY'))
  assert.match(warned({ MINTMARK_RATE_LIMIT_EXEMPT: '0.0.0.0/0' }).join(), /nobody is limited/)
})

test('what is told of settings: each with value and source', () => {
  const told = tellSettings(
    configured({ environment: { MINTMARK_LISTEN: '[::1]:9' }, yaml: 'workers: 2\n' }),
  )
  const of = (key: string) => told.find((each) => each.key === key)
  assert.deepEqual(of('listen')?.source, { from: 'environment', place: 'MINTMARK_LISTEN' })
  assert.equal(of('listen')?.value, '[::1]:9')
  assert.match(of('workers')?.source.place ?? '', /yaml:1:10$/)
  assert.deepEqual(of('audit')?.source, { from: 'default', place: null })
  assert.equal(of('databaseUrl')?.value, null)
})

test('what the server is composed from', () => {
  const options = serverOptionsOf(configured({}))
  assert.equal(options.url, null)
  assert.equal(options.tls, null)
  const id = 'MINTMARK_BOOTSTRAP_CLIENT_ID'
  const secret = 'MINTMARK_BOOTSTRAP_CLIENT_SECRET'
  const environment = { MINTMARK_URL: 'https://a.example/', [id]: 'a', [secret]: canary }
  const more = serverOptionsOf(configured({ environment }))
  assert.equal(more.url, 'https://a.example')
  assert.deepEqual(more.bootstrap, { clientId: 'a', secret: canary })
})

test('arguments: values, truth without a value, lists, mistakes', () => {
  const words = '--workers 2 --url=https://a.example --key-sets-private --trusted-proxies ::1'
  assert.deepEqual(flagsOfArguments([...words.split(' '), '--trusted-proxies', '127.0.0.1']), {
    flags: {
      workers: '2',
      url: 'https://a.example',
      'key-sets-private': 'true',
      'trusted-proxies': '::1,127.0.0.1',
    },
    faults: [],
    wantsHelp: false,
  })
  assert.deepEqual(flagsOfArguments(['--key-sets-private', 'false', '-h']), {
    flags: { 'key-sets-private': 'false' },
    faults: [],
    wantsHelp: true,
  })
  const wrong = flagsOfArguments([
    canary,
    '--workers',
    '--data',
    'x',
    '--data',
    'y',
    '--nosuch',
    '1',
  ])
  assert.deepEqual(wrong.flags, { data: 'x', nosuch: '1' })
  assert.equal(wrong.faults.length, 3)
  assert.ok(!renderFaults(wrong.faults).includes(canary))
})
