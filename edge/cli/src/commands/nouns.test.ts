import assert from 'node:assert/strict'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { newDirectory, type Running, startCommand } from '../test-process.ts'

const home = newDirectory()
let server: Running
let port = ''

before(async () => {
  server = startCommand(['dev', '--port', '18480', '--tls-port', '18580'], {}, home.path)
  await server.said(/Stop: Ctrl-C/)
  port = /http:\/\/localhost:(\d+)\/oauth2/.exec(server.output())?.[1] ?? ''
})

after(async () => {
  await server.end('SIGINT')
  home.remove()
})

/** A command as it is typed in the folder of `dev`: nothing said but the words. */
const mintmark = async (line: string, environment: Record<string, string> = {}) => {
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  )
  const started = startCommand(
    words,
    { XDG_CONFIG_HOME: join(home.path, 'config'), ...environment },
    home.path,
  )
  const code = await started.ended
  return { code, out: started.output(), err: started.errors() }
}

const succeed = async (line: string): Promise<string> => {
  const { code, out, err } = await mintmark(line)
  assert.equal(code, 0, `${line}\n${out}${err}`)
  assert.doesNotMatch(out + err, /\u001b/)
  return out
}

test('variables of an application lead to a token, also where the audience is no URI', async () => {
  await succeed('api create Parts --audience parts --scope parts.read')
  const lines = await succeed('app create picker --api Parts --scope parts.read -o env')
  const variables = Object.fromEntries(
    lines
      .trim()
      .split('\n')
      .map((line) => line.split('=')),
  )
  const { code, out, err } = await mintmark('token get --decode', variables)
  assert.equal(code, 0, err)
  assert.match(out, /aud +parts\n/)
  const denied = await mintmark('token get --scope orders.read', variables)
  assert.match(denied.err, /\n {2}Why: mintmark explain \w{20}\n$/)
  await succeed('app deactivate picker')
  await succeed('app delete picker --yes')
  await succeed('api delete Parts --yes')
})

test('an application from its making to its end', async () => {
  const made = await mintmark('app create nightly-billing --api Orders --scope orders.read')
  assert.equal(made.code, 0, made.err)
  assert.match(made.err, /^✔ Application nightly-billing created and activated\.\n$/)
  assert.match(made.out, /Client secret +mms_\w{49}\n/)
  assert.match(made.out, /May use +Orders: orders\.read\n/)
  const listed = JSON.parse(await succeed('app list -o json'))
  assert.deepEqual(
    listed.map(({ name }: { name: string }) => name).filter((name: string) => name.startsWith('n')),
    ['nightly-billing'],
  )
  assert.match(await succeed('app list'), /^NAME +CLIENT ID +STATUS +SCOPES +ROLES\n/)
  assert.match(
    await succeed('app get nightly-billing -o yaml'),
    /^applications:\n {2}- name: nightly/,
  )
  const id = JSON.parse(await succeed('app get nightly-billing -o json')).id
  assert.equal(await succeed(`app get ${id} -o name`), 'nightly-billing\n')

  const denied = await mintmark('explain nightly-billing Orders orders.write')
  assert.equal(denied.code, 8, denied.err)
  assert.match(
    denied.out,
    /^✖ DENIED {3}nightly-billing → Orders: orders\.write {3}reason SCOPE_NOT_GRANTED\n/,
  )
  const fix = /Fix: {2}mintmark (.*)\n/.exec(denied.out)?.[1] ?? ''
  assert.equal(fix, 'app grant nightly-billing Orders orders.write', denied.out)
  await succeed(fix)
  assert.match(await succeed('explain nightly-billing Orders orders.write'), /^✔ ALLOWED/)
  await succeed('app revoke nightly-billing Orders orders.write')
  await succeed('app grant nightly-billing Orders --role orderwriter')
  assert.match(await succeed('app list'), /nightly-billing .* 1 +OrderWriter\n/)
  await succeed('app revoke nightly-billing Orders --role OrderWriter')

  const rotated = await succeed('app secret rotate nightly-billing --label second -o env')
  assert.match(
    rotated,
    /^MINTMARK_ISSUER=\S+\nMINTMARK_CLIENT_ID=\w+\nMINTMARK_CLIENT_SECRET=mms_\w+\n$/,
  )
  assert.equal(JSON.parse(await succeed('app secret list nightly-billing -o json')).length, 2)
  const bare = await mintmark('app secret rotate nightly-billing --overlap 2')
  assert.equal(bare.code, 2)
  assert.match(bare.err, /--overlap is a time like 24h, 90m or 0, not "2"/)
  const added = await mintmark('app secret create nightly-billing --label partner')
  assert.match(added.err, /^✔ New secret .*\. The 2 that work already stay\.\n$/)
  const unsure = await mintmark('app secret revoke nightly-billing partner')
  assert.equal(unsure.code, 2, unsure.err)
  const ended = await mintmark('app secret revoke nightly-billing partner --yes')
  assert.equal(ended.err, '✔ Secret partner of nightly-billing has ended. 2 still work.\n')
  const again = await mintmark('app secret revoke nightly-billing partner --yes')
  assert.equal(again.code, 3, again.err)
  assert.match(again.err, /^✖ No secret that works is "partner"\. There are .+ \(second\)/)

  assert.equal((await mintmark('app delete nightly-billing --yes')).code, 5)
  await succeed('app update nightly-billing --description "each night"')
  await succeed('app deactivate nightly-billing')
  const asked = await mintmark('app delete nightly-billing')
  assert.equal(asked.code, 2)
  assert.match(asked.err, /nobody is there to be asked\. Add --yes/)
  await succeed('app delete nightly-billing --yes')
  const gone = await mintmark('app get nightly-billing')
  assert.equal(gone.code, 3)
})

test('a fix of several steps is typed line by line, and flips the answer', async () => {
  const denied = await mintmark('explain demo-app Orders orders.fly')
  assert.equal(denied.code, 8, denied.err)
  const [, fix = ''] = /Fix: {2}((?:.*\n {8})*.*)\n/.exec(denied.out) ?? []
  const lines = fix.split('\n').map((line) => line.trim())
  assert.deepEqual(lines, [
    'mintmark api scope add Orders orders.fly',
    'mintmark app grant demo-app Orders orders.fly',
  ])
  for (const line of lines) await succeed(line.replace('mintmark ', ''))
  assert.match(await succeed('explain demo-app Orders orders.fly'), /^✔ ALLOWED/)
})

test('an API, its scopes and its roles', async () => {
  await succeed('api create Stock --audience urn:stock: --scope read --token-lifetime 15m')
  assert.match(await succeed('api get Stock'), /Token lifetime +15m\n +Scopes +read\n/)
  await succeed('api scope add Stock write --description "Change it"')
  await succeed('api role add Stock Keeper read write')
  await succeed('api role assign Stock Keeper demo-app')
  await succeed('api role assign Stock Keeper demo-app')
  assert.match(await succeed('app get demo-app'), /Stock: Keeper/)
  const used = await mintmark('api scope remove Stock write --yes')
  assert.equal(used.code, 5)
  assert.match(used.err, /The app role 'Keeper' confers "write"/)
  await succeed('api role unassign Stock Keeper demo-app')
  await succeed('api role remove Stock Keeper --yes')
  await succeed('api scope remove Stock write --yes')
  await succeed('api update Stock --token-lifetime 30m')
  assert.equal(await succeed('api list -o name'), 'Orders\nStock\n')
  await succeed('api delete Stock --yes')
  assert.equal(await succeed('api list -o name'), 'Orders\n')
})

test('requests are found by API, also those that were refused', async () => {
  const wrong = await mintmark('token get --app demo-app --scope orders.nothing')
  assert.equal(wrong.code, 8, wrong.err)
  await succeed('token get --app demo-app --scope orders.read')
  const told = await succeed('logs search --denied --api Orders --since 5m')
  assert.match(told, /400 {2}token +demo-app +Orders +SCOPE_UNKNOWN .*→ mintmark explain \S+\n$/)
  assert.match(await succeed('logs search --api Orders orders.read'), /200 {2}token +demo-app/)
  assert.equal(await succeed('logs search --app demo-app --since 2999-01-01'), '')
  assert.equal((await mintmark('logs search --since yesterday')).code, 2)
})

const faults: readonly [string, Record<string, string>, number, RegExp][] = [
  ['app secret rotate demo-ap', {}, 3, /No application "demo-ap"\. Did you mean demo-app\?/],
  ['app get Orders', {}, 3, /It is no application/],
  ['app create demo-app', {}, 5, /There is an application "demo-app" already/],
  ['app create x --api Ordrs --scope a', {}, 3, /No API named "Ordrs"\. Did you mean "Orders"\?/],
  ['app create x --api Orders --scope a.read', {}, 3, /has no scope "a\.read"/],
  ['app create x --scope orders.read', {}, 2, /say --api as well/],
  ['app create x --may introspct', {}, 6, /Did you mean "introspect"\?/],
  ['app grant demo-app Orders orders.raed', {}, 3, /Did you mean "orders\.read"\?/],
  ['app list -o xml', {}, 2, /table, json, yaml, env, name/],
  ['app lst', {}, 2, /unknown command/],
  ['app list --profile nobody', {}, 3, /No profile "nobody"/],
  ['app list --url http://127.0.0.1:1', {}, 4, /Not signed in/],
  ['app list', { MINTMARK_CLIENT_SECRET: 'wrong-secret' }, 4, /Client authentication failed/],
  ['app list --url http://127.0.0.1:1', { MINTMARK_CLIENT_SECRET: 'x' }, 7, /was not reached/],
  ['explain nothing-like-this', {}, 3, /nothing-like-this/],
]
for (const [line, environment, code, message] of faults) {
  test(`mintmark ${line} ${Object.keys(environment)}: ${code}`, async () => {
    const result = await mintmark(line, environment)
    assert.equal(result.code, code, result.err)
    assert.match(result.err, message)
    assert.equal(result.out, '')
    assert.doesNotMatch(result.err, /wrong-secret|\n\s+at /)
  })
}

test('a name that is the client id of another: both are told, none is taken', async () => {
  await succeed('app create twin --new-client-id twin-1 -o name')
  await succeed('app create twin-1 -o name')
  const result = await mintmark('app get twin-1')
  assert.equal(result.code, 2)
  assert.match(result.err, /can be several\. Use the id of one:\n {2}twin .*\n {2}twin-1 /)
})

test('what has happened: a request that was refused is explained by its id', async () => {
  const secret = /demo-app:(mms_\w+)/.exec(server.output())?.[1] ?? ''
  const basic = Buffer.from(`demo-app:${secret}`).toString('base64')
  const refused = await fetch(`http://localhost:${port}/oauth2/v1/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'orders.delete' }),
  })
  assert.equal(refused.status, 400)
  const { ecid } = (await refused.json()) as { readonly ecid: string }
  const told = await mintmark(`explain ${ecid}`)
  assert.equal(told.code, 8, told.err)
  assert.match(told.out, /^✖ DENIED .*\n {2}The request was refused/)
  const events = JSON.parse(await succeed(`audit list --ecid ${ecid} -o json`))
  assert.equal(events.length, 1)
  assert.match(await succeed('audit list --limit 5'), /^AT +RESULT +ACTION/)
  assert.match(await succeed('audit export'), /^\{"(?:checkpoint":"|pack":\{"sequence":)/)
})

test('the demo application gets a token with nothing said', async () => {
  assert.match(await succeed('token get --app demo-app --decode'), /✔ valid, by a key of/)
})

test('export, and apply of it, change nothing', async () => {
  const exported = await succeed('export')
  assert.doesNotMatch(exported, /mms_/)
  writeFileSync(join(home.path, 'domain.yaml'), exported)
  assert.match(
    await succeed('apply -f domain.yaml --dry-run'),
    /0 to add, 0 to change, 0 to remove/,
  )
})

test('logs tail shows requests as they are answered, and those before', async () => {
  const line = 'logs tail --recent 0 --count 2 --app demo-app'
  const tail = startCommand(
    line.split(' '),
    { XDG_CONFIG_HOME: join(home.path, 'config') },
    home.path,
  )
  // whether it listens already nobody can see: it is asked until it has heard two
  const asking = setInterval(() => void mintmark('token get --app demo-app'), 700)
  assert.equal(await tail.ended, 0, tail.errors())
  clearInterval(asking)
  assert.match(tail.output(), /^ {2}\d\d:\d\d:\d\d {2}200 {2}token +demo-app +Orders +orders\.read/)
  const before = JSON.parse((await succeed('logs tail --count 1 -o json')).trim())
  assert.equal(before.endpoint, 'token')
  assert.equal((await mintmark('logs tail --app demo-ap')).code, 3)
  assert.equal((await mintmark('logs tail --recent 501')).code, 2)
})

test('login keeps a profile for its owner alone, with the secret only where asked', async () => {
  const elsewhere = join(home.path, 'elsewhere')
  mkdirSync(elsewhere)
  const made = JSON.parse(await succeed('app create ops -o json'))
  await succeed('api role assign "IDCS Application" "Application Administrator" ops')
  const environment = {
    XDG_CONFIG_HOME: join(home.path, 'config'),
    MINTMARK_CLIENT_ID: made.clientId,
    MINTMARK_CLIENT_SECRET: made.clientSecret,
  }
  const run = async (words: readonly string[], more: Record<string, string>) => {
    const started = startCommand(words, more, elsewhere)
    return { code: await started.ended, err: started.errors() }
  }
  const url = `http://localhost:${port}`
  const file = join(home.path, 'config/mintmark/profiles.json')
  const config = { XDG_CONFIG_HOME: environment.XDG_CONFIG_HOME }
  assert.equal((await run(['login', url], environment)).code, 0)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.equal((await run(['app', 'list'], config)).code, 4)
  const kept = await run(['login', url, '--keep-secret', '--profile', 'p'], environment)
  assert.equal(kept.code, 0, kept.err)
  assert.equal((await run(['app', 'list', '--profile', 'p'], config)).code, 0)
  const stranger = ['app', 'list', '--profile', 'p', '--url', 'http://127.0.0.1:1']
  assert.equal((await run(stranger, config)).code, 4, 'a secret goes to its own server only')
})

test('settings of the domain, and certificates that it stores', async () => {
  assert.equal(await succeed('settings get signingCertPublicAccess'), 'false\n')
  await succeed('settings set domain.signingCertPublicAccess true')
  assert.match(await succeed('settings list'), /^domain\.signingCertPublicAccess +true +domain$/m)
  const wrong = await mintmark('settings set signingCertPublicAccess yes')
  assert.equal(wrong.code, 2, wrong.err)
  const unknown = await mintmark('settings get isuer')
  assert.deepEqual([unknown.code, /issuer/.test(unknown.err)], [3, true], unknown.err)

  const file = join(home.path, '.mintmark/server.crt')
  await succeed(`certificate add door ${file}`)
  assert.match(await succeed('certificate list -o name'), /^door$/m)
  assert.equal((await mintmark('certificate remove door')).code, 2, 'nobody can be asked')
  const key = await mintmark(`certificate add key ${join(home.path, '.mintmark/server.key')}`)
  assert.deepEqual([key.code, /private key/.test(key.err)], [6, true], key.err)
  await succeed('certificate remove door --yes')
  await succeed(`certificate add partner ${join(home.path, '.mintmark/ca.crt')} --authority`)
  assert.equal(await succeed('certificate list -o name --authority'), 'partner\n')
  assert.doesNotMatch(await succeed('certificate list -o name'), /^door$/m)
})

test('what happens: the last hour, who was given what, the chain', async () => {
  assert.match(await succeed('overview'), /^The last hour, since /)
  assert.match(await succeed('health'), /Ready +yes\n/)
  assert.match(await succeed('access map --app demo-app'), /^demo-app +Orders +orders\.read /m)
  assert.equal((await mintmark('audit verify')).code, 2)
  const verified = await mintmark('audit verify --server')
  assert.deepEqual([verified.code, /are whole/.test(verified.err)], [0, true], verified.err)
})
