/** What people install: the tarballs in an empty folder, without anything of this repository. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { packAll, published } from './pack.ts'

const root = join(import.meta.dirname, '..')
const installMsMax = 180_000
const startMsMax = 20_000
/** npm says so when it has a package neither at hand nor within reach. */
const unreachable = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENOTCACHED|ENETUNREACH|E40[134]/

const isBuilt = existsSync(join(root, 'edge/cli/dist/main.js'))
const folder = mkdtempSync(join(tmpdir(), 'mintmark-packed-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const install = (): string | false => {
  if (!isBuilt) return "nothing is built: 'npm run build' first"
  const packed = packAll(join(folder, 'tarballs'))
  writeFileSync(join(folder, 'package.json'), '{}')
  const plain = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline']
  const words = ['install', ...plain, ...packed.values()]
  const run = spawnSync('npm', words, { cwd: folder, encoding: 'utf8', timeout: installMsMax })
  if (run.status === 0) return false
  if (unreachable.test(run.stderr)) return 'npm cannot get the packages of others here'
  throw new Error(run.stderr)
}

const skip = install()

const server = process.execPath
const path = [dirname(process.execPath), process.env['PATH']].join(delimiter)
const environment = { PATH: path, HOME: folder }

const places = ['/usr/bin', '/usr/local/bin', ...(process.env['PATH'] ?? '').split(delimiter)]
const versionOf = (program: string): string =>
  spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout ?? ''
/** The oldest Node for callers and APIs where there is one, else the one at hand. */
const oldest =
  places.map((each) => join(each, 'node')).find((each) => versionOf(each).startsWith('v20.')) ??
  process.execPath

interface Dev {
  readonly child: ChildProcess
  readonly url: string
  readonly secret: string
}

const startDev = (): Promise<Dev> =>
  new Promise((fulfil, reject) => {
    const words = [join(folder, 'node_modules/.bin/mintmark'), 'dev']
    const child = spawn(server, words, { cwd: folder, env: environment })
    let output = ''
    const timer = setTimeout(() => reject(new Error(`not started:\n${output}`)), startMsMax)
    const hear = (bytes: Buffer): void => {
      output += bytes.toString()
      const [, secret] = /demo-app:(mms_\w+)/.exec(output) ?? []
      const [, url] = /Token +(http:\S+)\/oauth2\/v1\/token/.exec(output) ?? []
      if (!output.includes('Stop: Ctrl-C') || secret === undefined || url === undefined) return
      clearTimeout(timer)
      fulfil({ child, url, secret })
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('exit', (code) => reject(new Error(`exit ${code}:\n${output}`)))
  })

const protectedCall = `
import { createServer } from 'node:http'
import { createClient } from '@mintmark/client'
import { guard } from '@mintmark/guard/node'

const issuer = process.argv[2]
const audience = issuer + '/demo/orders'
const auth = guard({ issuer, audience, allowHttp: true })
const api = createServer(auth.requires('orders.read', (request, response, { clientId }) => {
  response.end('hello ' + clientId)
}))
await new Promise((fulfil) => api.listen(0, '127.0.0.1', fulfil))
const url = 'http://127.0.0.1:' + api.address().port + '/'
const orders = createClient({
  issuer, audience, scope: ['orders.read'], clientId: 'demo-app',
  clientSecret: process.env.SECRET, allowedOrigins: [new URL(url).origin],
})
const answers = [await (await fetch(url)).status, await (await orders.fetch(url)).text()]
console.log(JSON.stringify(answers))
auth.close?.()
process.exit(0)
`

test('three tarballs in an empty folder: a server, a caller and a guarded API', {
  skip,
  timeout: installMsMax,
}, async () => {
  const dev = await startDev()
  try {
    writeFileSync(join(folder, 'call.mjs'), protectedCall)
    const env = { ...environment, SECRET: dev.secret }
    const run = spawnSync(oldest, ['call.mjs', dev.url], { cwd: folder, env, encoding: 'utf8' })
    assert.equal(run.stderr, '')
    assert.deepEqual(JSON.parse(run.stdout), [401, 'hello demo-app'])
  } finally {
    const ended = new Promise((fulfil) => dev.child.once('exit', fulfil))
    dev.child.kill('SIGTERM')
    await ended
  }
})

test('a tarball names nothing of this repository that is not inside it', { skip }, () => {
  for (const { name } of published) {
    const place = join(folder, 'node_modules', name)
    const manifest = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'))
    const ours = Object.keys(manifest.dependencies).filter((each) => each.startsWith('@mintmark/'))
    assert.deepEqual(ours.sort(), [...manifest.bundleDependencies].sort(), name)
    for (const each of ours) assert.ok(existsSync(join(place, 'node_modules', each, 'dist')), each)
    assert.doesNotMatch(JSON.stringify(manifest), /mintmark-source|\/src\//)
    assert.ok(manifest.engines.node && existsSync(join(place, 'LICENSE')), name)
  }
})

test('client and guard bring nothing of others but jose', { skip }, () => {
  for (const name of ['@mintmark/client', '@mintmark/guard']) {
    const file = join(folder, 'node_modules', name, 'package.json')
    const { dependencies } = JSON.parse(readFileSync(file, 'utf8'))
    const foreign = Object.keys(dependencies).filter((each) => !each.startsWith('@mintmark/'))
    assert.deepEqual(foreign, ['jose'])
  }
})
