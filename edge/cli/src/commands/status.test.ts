import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { newDirectory, type Running, startCommand } from '../test-process.ts'

const home = newDirectory()
let server: Running
let url = ''
let secureUrl = ''

before(async () => {
  server = startCommand(['dev', '--port', '19080', '--tls-port', '19180'], {}, home.path)
  await server.said(/Stop: Ctrl-C/)
  secureUrl = /Secure domain URL (\S+)/.exec(server.output())?.[1] ?? ''
  url = /Token +(http\S+)\/oauth2/.exec(server.output())?.[1] ?? ''
})

after(async () => {
  await server.end('SIGINT')
  home.remove()
})

const mintmark = async (line: string, environment: Record<string, string> = {}) => {
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  )
  const config = { XDG_CONFIG_HOME: join(home.path, 'config') }
  const started = startCommand(words, { ...config, ...environment }, home.path)
  return { code: await started.ended, out: started.output(), err: started.errors() }
}

test('status: ready, with version and keys; quiet says it by the code', async () => {
  const { code, out, err } = await mintmark('status')
  assert.equal(code, 0, err)
  assert.match(out, /Version +\d+\.\d+\.\d+\n {2}Ready +yes\n {2}Issuer +http:\S+\n/)
  assert.match(out, /Signing keys +.*ES256 \d{4}-/)
  const quiet = await mintmark(`status ${url} --quiet`)
  assert.deepEqual(quiet, { code: 0, out: '', err: '' })
  const nobody = await mintmark('status http://localhost:1 --quiet')
  assert.deepEqual([nobody.code, nobody.out], [7, ''])
  assert.match(nobody.err, /^✖ http:\/\/localhost:1 was not reached: ECONNREFUSED\.\n$/)
  assert.equal((await mintmark('status ftp://x')).code, 2)
})

test('status --config: every setting, and where it came from; no secret', async () => {
  const environment = {
    MINTMARK_WORKERS: '3',
    MINTMARK_BOOTSTRAP_CLIENT_ID: 'first',
    MINTMARK_BOOTSTRAP_CLIENT_SECRET: 'hunter2-hunter2-hunter2-hunter2-hunter2',
  }
  const { code, out, err } = await mintmark('status --config', environment)
  assert.equal(code, 0, err)
  assert.match(out, /^workers +3 +.*MINTMARK_WORKERS/m)
  assert.match(out, /^listen +\S+ +default/m)
  assert.ok(!out.includes('hunter2'))
})

test('db status beside a server that runs; db migrate is for one that does not', async () => {
  const { code, out } = await mintmark('db status --data .mintmark')
  assert.equal(code, 0)
  assert.match(out, /Schema +(\d+) of \1\n {2}State +up to date\n/)
  const refused = await mintmark('db migrate --data .mintmark')
  assert.equal(refused.code, 5, refused.err)
  assert.match(refused.err, /^✖ Cannot migrate: .*\n(?:.*\n)?$/)
  mkdirSync(join(home.path, 'empty'))
  assert.match((await mintmark('db status --data empty')).out, /the first start makes it/)
  assert.equal((await mintmark('db migrate --data empty')).code, 6)
})

test('an old schema is brought up to date, once', async () => {
  const folder = join(home.path, 'other')
  mkdirSync(folder)
  writeFileSync(join(folder, 'mintmark.db'), '')
  const migrated = await mintmark('db migrate --data other')
  assert.equal(migrated.code, 0, migrated.err)
  assert.match(migrated.err, /^✔ Up to date: \d+ steps taken\.\n$/)
  assert.match((await mintmark('db migrate --data other')).err, /Up to date already/)
})

test('administrators: listed, added, removed, and never the last one', async () => {
  assert.match((await mintmark('admin list')).out, /^NAME .*\ndev-admin +application +Identity/)
  const made = await mintmark('app create ops')
  assert.equal(made.code, 0, made.err)
  assert.equal((await mintmark('admin add ops --role "Audit Administrator"')).code, 0)
  assert.equal((await mintmark('admin add ops')).code, 0)
  const { out } = await mintmark('admin list')
  assert.match(out, /^ops +application +Audit Administrator\nops +application +Identity Domain/m)
  const mistyped = await mintmark('admin add ops --role "Audit Administrater"')
  assert.equal(mistyped.code, 3)
  assert.match(mistyped.err, /Did you mean "?Audit Administrator/)
  assert.equal((await mintmark('admin remove ops')).code, 2)
  const one = await mintmark('admin remove ops --role "Audit Administrator" --yes')
  assert.equal(one.err, '✔ ops no longer holds Audit Administrator.\n')
  assert.equal((await mintmark('admin remove ops --yes')).code, 0)
  assert.equal((await mintmark('admin remove ops --yes')).code, 3)
  const last = await mintmark('admin remove dev-admin --yes')
  assert.equal(last.code, 5, last.err)
})

test('a configuration with a mistake is told under one mark', async () => {
  const { code, err } = await mintmark('db status --config nosuch.yaml')
  assert.equal(code, 6)
  assert.match(err, /^✖ Cannot start: the configuration has a mistake\.\n/)
})

test('who does not know the authority of a server is told where to name it', async () => {
  const signIn = { MINTMARK_CLIENT_ID: 'ops', MINTMARK_CLIENT_SECRET: 'irrelevant-here' }
  const { code, err } = await mintmark(`app list --url ${secureUrl}`, signIn)
  assert.equal(code, 7)
  assert.match(
    err,
    /not reached: its certificate is from no authority .* NODE_EXTRA_CA_CERTS=ca\.crt/,
  )
})

test('a secret that is wrong or has ended is named as what may be wrong', async () => {
  const signIn = { MINTMARK_CLIENT_ID: 'dev-admin', MINTMARK_CLIENT_SECRET: 'ended-long-ago' }
  const { code, err } = await mintmark(`app list --url ${url}`, signIn)
  assert.equal(code, 4)
  assert.match(err, /secret may be wrong, the secret may have ended.* which mintmark login renews/)
})

test('a profile that keeps no secret still says which server is meant', async (t) => {
  const elsewhere = newDirectory()
  t.after(elsewhere.remove)
  const folder = join(elsewhere.path, 'mintmark')
  mkdirSync(folder)
  const profile = { url, clientId: 'dev-admin', clientSecret: null }
  writeFileSync(join(folder, 'profiles.json'), JSON.stringify({ default: profile }))
  const config = { XDG_CONFIG_HOME: elsewhere.path }
  for (const command of ['status', 'doctor']) {
    const asked = startCommand([command], config, elsewhere.path)
    assert.equal(await asked.ended, 0, asked.errors())
    assert.ok(asked.output().includes(url), asked.output())
  }
})
