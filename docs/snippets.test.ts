/*
 * The commands that people paste stay true: every shell block after a line `<!-- run -->` in these
 * pages runs, in order, in one shell beside a freshly started `mintmark dev`.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, test } from 'node:test'
import { freePort } from '../conformance/kit/free-port.ts'

const root = join(import.meta.dirname, '..')
const main = join(root, 'edge/cli/bin/mintmark.js')
const startMsMax = 20_000
const shellMsMax = 30_000

/** Nothing of the caller's settings reaches the server or the commands. */
const environment = {
  PATH: [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
  HOME: tmpdir(),
}

const directory = mkdtempSync(join(tmpdir(), 'mintmark-snippets-'))
let server: ChildProcess | null = null
let banner = ''
let demoSecret = ''
let ports: readonly [number, number] = [0, 0]

before(async () => {
  ports = [await freePort(), await freePort()]
  const [plain, secure] = ports.map(String) as [string, string]
  const words = [main, 'dev', '--port', plain, '--tls-port', secure]
  const child = spawn(process.execPath, words, { cwd: directory, env: environment })
  server = child
  const started = new Promise<void>((fulfil, reject) => {
    const timer = setTimeout(() => reject(new Error(`not started:\n${banner}`)), startMsMax)
    child.stderr.on('data', (bytes) => {
      banner += bytes
    })
    child.stdout.on('data', (bytes) => {
      banner += bytes
      if (!banner.includes('Stop: Ctrl-C')) return
      clearTimeout(timer)
      fulfil()
    })
    child.once('exit', (code) => reject(new Error(`exit ${code}:\n${banner}`)))
  })
  await started
  demoSecret = /demo-app:(mms_\w+)/.exec(banner)?.[1] ?? ''
})

after(async () => {
  if (server !== null && server.exitCode === null) {
    const ended = new Promise((fulfil) => server?.once('exit', fulfil))
    server.kill('SIGTERM')
    await ended
  }
  rmSync(directory, { recursive: true, force: true })
})

const page = (name: string): string => readFileSync(join(root, name), 'utf8')

const markedBlocks = (text: string): readonly string[] =>
  [...text.matchAll(/^<!-- run -->\n```sh\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code)

/** The page names the usual ports, and stands in for the secret that nobody knows before. */
const asHere = (code: string): string =>
  code
    .replaceAll('localhost:8480', `localhost:${ports[0]}`)
    .replaceAll('localhost:8482', `localhost:${ports[1]}`)
    .replaceAll(/mms_\w*…/g, demoSecret)
    .replaceAll('npx mintmark', 'mintmark')

interface ShellRun {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** Runs pieces one after the other in one shell, the output of each after a line of its own. */
const runShell = (pieces: readonly string[]): Promise<ShellRun> =>
  new Promise((fulfil) => {
    const script = pieces.map((piece) => `echo '--- piece'\n${piece}`).join('\n')
    const options = { cwd: directory, env: environment, timeout: shellMsMax }
    const shell = spawn('sh', ['-eu', '-c', script], options)
    let output = ''
    let errors = ''
    shell.stdout.on('data', (bytes) => {
      output += bytes
    })
    shell.stderr.on('data', (bytes) => {
      errors += bytes
    })
    shell.once('close', (code) => fulfil({ code, output, errors }))
  })

const outputsOf = async (name: string, setUp = ''): Promise<readonly string[]> => {
  const [first = '', ...rest] = markedBlocks(page(name)).map(asHere)
  const run = await runShell([setUp + first, ...rest])
  assert.equal(run.code, 0, `${name}:\n${run.output}\n${run.errors}`)
  return run.output.split('--- piece\n').slice(1)
}

const scopeOf = (text: string | undefined): unknown => {
  const answer = JSON.parse(text ?? '') as Record<string, unknown>
  assert.equal(answer['token_type'], 'Bearer', text)
  return answer['scope']
}

test('the two curl forms of the README give tokens', async () => {
  const [secret, certificate, ...more] = await outputsOf('README.md')
  assert.deepEqual(more, [])
  assert.equal(scopeOf(secret), 'orders.read orders.write')
  assert.equal(scopeOf(certificate), 'orders.read')
})

test('the README shows what npm start prints', () => {
  const transcript =
    /^```console\n\$ npm start\n([\s\S]*?)^```$/m.exec(page('README.md'))?.[1] ?? ''
  const plain = (text: string): string =>
    text
      .replaceAll(/mms_\w+…?/g, 'SECRET')
      // Keys are listed in no order of their own.
      .replaceAll(/(?:RS|ES)256 \d{4}-\d\d-\d\d-[0-9a-f]{8}/g, 'KEY')
      .replaceAll(/#pair=[\dA-Z]{4}-[\dA-Z]{4}/g, '#pair=CODE')
      .replaceAll(/guarded at \S+/g, 'guarded at ORDERS')
      .replaceAll(`localhost:${ports[1]}`, 'localhost:8482')
      .replaceAll(`localhost:${ports[0]}`, 'localhost:8480')
      .trim()
  assert.equal(plain(transcript), plain(banner.slice(0, banner.indexOf('Ctrl-C') + 6)))
})

test('the first ten minutes go as their page says', async () => {
  const outputs = await outputsOf('docs/start/first-token.md')
  assert.equal(outputs.length, 6)
  const [secret, certificate, inside = '', , applied = '', used = ''] = outputs
  assert.equal(scopeOf(secret), 'orders.read orders.write')
  assert.equal(scopeOf(certificate), 'orders.read')
  assert.match(inside, /"keys":.*"aud":"http:\/\/localhost:8480\/demo\/orders"/s)
  assert.match(applied, /\+ app Billing .*3 to add, 0 to change, 0 to remove/s)
  assert.match(used, /^\{"active":true,.*"scope":"invoices\.read".*\{"active":false\}$/s)
})

/** What the page takes for given: the credentials of an administrator in the environment. */
const asAdministrator = `
MINTMARK_CLIENT_ID=dev-admin
MINTMARK_CLIENT_SECRET=$(
  node -p 'JSON.parse(fs.readFileSync(".mintmark/dev.json")).administrator.secret')
`

test('the page of the administration API goes as it says, after that', async () => {
  const outputs = await outputsOf('docs/administering/scim.md', asAdministrator)
  const [list = '', found = '', made, renewed = '', alone, patched = '', ended, signing] = outputs
  assert.equal(outputs.length, 8)
  assert.ok(JSON.parse(list).Resources.length > 3, list)
  const [apps, roles] = found.trim().split(/(?<=\})(?=\{"schemas")/)
  const billing = JSON.parse(apps ?? '').Resources[0]
  assert.equal(billing.displayName, 'Billing', apps)
  assert.deepEqual(billing.allowedScopes, [{ fqs: 'https://invoices.example/invoices.read' }])
  assert.ok(JSON.parse(roles ?? '').totalResults >= 5, roles)
  assert.match(JSON.parse(renewed).clientSecret, /^mms_/)
  const app = JSON.parse(patched)
  assert.deepEqual([app.description, app.allowedScopes ?? []], ['Tells others', []])
  assert.equal(JSON.parse(ended ?? '').active, false)
  assert.deepEqual([made, alone, signing], ['', '', ''])
})

test('the page of users, groups and claims goes as it says, after that', async () => {
  const [signIn = ''] = markedBlocks(page('docs/administering/scim.md')).map(asHere)
  const setUp = `${asAdministrator}${signIn.replace(/^scim "[^"]*"$/m, '')}`
  const outputs = await outputsOf('docs/administering/people.md', setUp)
  assert.equal(outputs.length, 4)
  const [members = '', granted, asserted = '', claimed] = outputs
  assert.deepEqual(
    JSON.parse(members).members.map(({ display }: { display: string }) => display),
    ['anna'],
  )
  const { groups, appRoles } = JSON.parse(asserted)
  assert.deepEqual(
    [groups[0].display, appRoles[0].display],
    ['Order desk', 'Help Desk Administrator'],
  )
  assert.deepEqual([granted, claimed], ['', ''])
})

test('the page of the domain file goes as it says: an export changes nothing', async () => {
  const outputs = await outputsOf('docs/administering/domain-file.md', '')
  assert.equal(outputs.length, 1)
  assert.equal(outputs[0]?.match(/0 to add, 0 to change, 0 to remove/g)?.length, 2, outputs[0])
})

test('the page of the command line goes as it says, and explain says what to type', async () => {
  const [output = '', ...more] = await outputsOf('docs/administering/command-line.md')
  assert.deepEqual(more, [])
  assert.match(output, /Client secret +mms_/)
  assert.match(
    output,
    /✖ DENIED {3}invoice-run → Orders: orders\.write {3}reason SCOPE_NOT_GRANTED/,
  )
  assert.match(output, /Fix: {2}mintmark app grant invoice-run Orders orders\.write\n/)
  assert.match(output, / or: {2}mintmark api role assign Orders OrderWriter invoice-run\n/)
  assert.match(output, /✔ ALLOWED/)
})

test('the page of what has happened goes as it says', async () => {
  const outputs = await outputsOf('docs/administering/audit-and-explain.md', asAdministrator)
  assert.equal(outputs.length, 7)
  const [signedIn, previewed = '', told = '', reached = '', ...after] = outputs
  const [denied = '', listed = '', chain] = after
  assert.equal(signedIn, '')
  const preview = JSON.parse(previewed)
  assert.equal(preview.reason, 'SCOPE_NOT_GRANTED', previewed)
  assert.deepEqual(
    preview.fixes.map(({ kind }: { kind: string }) => kind),
    ['grant-scope', 'assign-role'],
  )
  const decision = JSON.parse(told)
  assert.equal(decision.recorded.reason, 'SCOPE_UNKNOWN', told)
  assert.equal(decision.changedSince, false, told)
  const holders = JSON.parse(reached).holders as { clientId: string }[]
  assert.ok(
    holders.some(({ clientId }) => clientId === 'demo-app'),
    reached,
  )
  assert.equal(JSON.parse(denied).requests[0].ecid, decision.id, denied)
  assert.ok(JSON.parse(listed).events.length >= 3, listed)
  assert.match(chain ?? '', /^\d+ packs are whole\n$/)
})

test('the token command gets, shows and verifies tokens as its page says', async () => {
  const outputs = await outputsOf('docs/calling/token-command.md')
  const [shown = '', judged = '', asked = '', ...more] = outputs
  assert.deepEqual(more, [])
  assert.match(asked, /^ {2}✔ Active\n[\s\S]*\n {2}✖ Not active: .*\n$/)
  const told = /^```text\n([\s\S]*?)^```$/m.exec(page('docs/calling/token-command.md'))?.[1] ?? ''
  const labels = (text: string): readonly string[] =>
    text.split('\n').map((line) => line.slice(0, 13))
  assert.deepEqual(labels(shown.trimEnd()), labels(told.trimEnd()))
  assert.match(shown, /aud +http:\S+\/demo\/orders\n +scope +orders\.read orders\.write\n/)
  assert.match(shown, /Signature {2}✔ valid, by a key of/)
  assert.match(judged, /^\{[\s\S]*"scope": "orders\.read"[\s\S]*\}\n {2}Header[\s\S]*✔ valid/)
})
