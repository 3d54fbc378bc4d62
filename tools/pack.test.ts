/** What people install: the tarballs in an empty folder, without anything of this repository. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { packAll, published } from './pack.ts'
import {
  composeEnvironment,
  execStart,
  imageEnvironment,
  instructionOf,
  kubernetesEnvironment,
  packagingFiles,
  textOf,
} from './packaging.ts'

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
  writeFileSync(join(folder, 'package.json'), '{"name": "empty", "version": "1.0.0"}')
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
// its name, wherever the playground has found a free port
const audience = 'http://localhost:8480/demo/orders'
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
    const page = await fetch(`${dev.url}/console/`)
    assert.match(await page.text(), /<script type="module"/)
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

test('on a Node that is too old the command says so', {
  skip: skip || (!versionOf(oldest).startsWith('v20.') && 'there is no Node 20 here'),
}, () => {
  const main = join(folder, 'node_modules/mintmark/bin/mintmark.js')
  const run = spawnSync(oldest, [main, '--version'], { encoding: 'utf8' })
  assert.equal(run.status, 1)
  assert.match(run.stderr, /^✖ mintmark needs Node 24\.7 or newer; this is 20\.[^\n]+\n$/)
})

test('client and guard bring nothing of others but jose', { skip }, () => {
  for (const name of ['@mintmark/client', '@mintmark/guard']) {
    const file = join(folder, 'node_modules', name, 'package.json')
    const { dependencies } = JSON.parse(readFileSync(file, 'utf8'))
    const foreign = Object.keys(dependencies).filter((each) => !each.startsWith('@mintmark/'))
    assert.deepEqual(foreign, ['jose'])
  }
})

/** A start line of `packaging/` with its folders where this machine has them. */
const asHere = (words: readonly string[], data: string, secrets: string): readonly string[] =>
  words.map((word) =>
    word
      .replace(/^(?:node|\/usr\/bin\/node)$/, server)
      .replace(/(?<=^|=)(?:\/app|\/opt\/mintmark)(?=\/|$)/, folder)
      .replace(/(?<=^|=)(?:\/data|\/var\/lib\/mintmark)$/, data)
      .replace(/(?<=^|=)(?:\/run\/secrets|\/etc\/mintmark)(?=\/|$)/, secrets),
  )

interface Started {
  readonly url: string
  readonly stop: () => Promise<number | null>
}

const startServer = (
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Started> =>
  new Promise((fulfil, reject) => {
    const [program = '', ...rest] = words
    const child = spawn(program, rest, { cwd: folder, env: { PATH: path, ...env } })
    let output = ''
    const ended = new Promise<number | null>((told) => child.once('exit', told))
    const timer = setTimeout(() => child.kill('SIGKILL'), startMsMax)
    const hear = (bytes: Buffer): void => {
      output += bytes.toString()
      const port = /"url":"http:\/\/[^":]+:(\d+)"[^\n]*"listening"/.exec(output)?.[1]
      if (port === undefined) return
      clearTimeout(timer)
      const stop = () => {
        child.kill('SIGTERM')
        return ended
      }
      fulfil({ url: `http://127.0.0.1:${port}`, stop })
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('exit', (code) => reject(new Error(`exit ${code}:\n${output}`)))
  })

/** The first administrator gets a token, twice: the second time from what was stored. */
const proveServing = async (
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  secret: string,
): Promise<void> => {
  for (const scope of ['urn:opc:idm:__myscopes__', 'urn:opc:idm:__myscopes__']) {
    const running = await startServer(words, env)
    try {
      const authorization = `Basic ${Buffer.from(`admin:${secret}`).toString('base64')}`
      const body = new URLSearchParams({ grant_type: 'client_credentials', scope })
      const url = `${running.url}/oauth2/v1/token`
      const answer = await fetch(url, { method: 'POST', headers: { authorization }, body })
      assert.equal(answer.status, 200, await answer.text())
    } finally {
      assert.equal(await running.stop(), 0)
    }
  }
}

const makePlaces = (name: string) => {
  const place = join(folder, name)
  const [data, secrets] = [join(place, 'data'), join(place, 'secrets')]
  mkdirSync(data, { recursive: true, mode: 0o700 })
  mkdirSync(join(secrets, 'admin'), { recursive: true })
  const secret = randomBytes(24).toString('base64url')
  return { data, secrets, secret }
}

test('the start line of the image serves, under the permission model', {
  skip,
  timeout: installMsMax,
}, async () => {
  const environments = [
    [composeEnvironment(packagingFiles.compose), 'admin-secret'],
    [kubernetesEnvironment(), 'admin/secret'],
  ] as const
  for (const [at, [given, file]] of environments.entries()) {
    const { data, secrets, secret } = makePlaces(`image-${at}`)
    writeFileSync(join(secrets, file), secret, { mode: 0o440 })
    const words = asHere([...instructionOf('ENTRYPOINT'), ...instructionOf('CMD')], data, secrets)
    const env = {
      ...imageEnvironment(),
      ...given,
      MINTMARK_DATA: data,
      MINTMARK_LISTEN: '0.0.0.0:0',
      MINTMARK_BOOTSTRAP_CLIENT_SECRET_FILE: join(secrets, file),
    }
    await proveServing(words, env, secret)
  }
})

test('the health check of the image tells a server from none', { skip }, () => {
  const [, flag = '', code = ''] = instructionOf('HEALTHCHECK')
  assert.equal(flag, '-e')
  const asked = spawnSync(server, ['-e', code.replace(':8480', ':1')], { encoding: 'utf8' })
  assert.equal(asked.status, 1, asked.stderr)
  const inside = code.replace('http://127.0.0.1:8480/readyz', 'data:,ready')
  assert.equal(spawnSync(server, ['-e', inside]).status, 0)
})

test('the start line of the unit serves, under the permission model', {
  skip,
  timeout: installMsMax,
}, async () => {
  const { data, secrets, secret } = makePlaces('unit')
  const settings = textOf(packagingFiles.settings)
    .replace('/var/lib/mintmark', data)
    .replace('127.0.0.1:8480', '127.0.0.1:0')
  writeFileSync(join(secrets, 'mintmark.yaml'), settings)
  const given = { MINTMARK_BOOTSTRAP_CLIENT_ID: 'admin', MINTMARK_BOOTSTRAP_CLIENT_SECRET: secret }
  const words = asHere(execStart(), data, secrets)
  await proveServing(words, given, secret)
  const workers = [...words.slice(0, 1), '--allow-child-process', ...words.slice(1)]
  await proveServing([...workers, '--workers', '2'], {}, secret)
  const elsewhere = words.map((word) => word.replace(`--allow-fs-write=${data}`, '--no-warnings'))
  await assert.rejects(startServer(elsewhere, given), /Access to this API has been restricted/)
})

test('npm writes a bill of materials of what was installed', { skip }, () => {
  const words = ['sbom', '--sbom-format', 'cyclonedx']
  const run = spawnSync('npm', words, { cwd: folder, encoding: 'utf8', maxBuffer: 64_000_000 })
  assert.equal(run.status, 0, run.stderr)
  const { bomFormat, components } = JSON.parse(run.stdout) as {
    readonly bomFormat: string
    readonly components: readonly { readonly name: string }[]
  }
  assert.equal(bomFormat, 'CycloneDX')
  const names = components.map(({ name }) => name)
  for (const name of ['fastify', 'jose', 'pino']) assert.ok(names.includes(name), name)
  assert.ok(!names.includes('typescript'))
})
