/*
 * The page of the guard does what it says: its servers are started, its commands run against them
 * in the order of the page, and what they print is what the page prints.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, test } from 'node:test'
import { freePort } from '../conformance/kit/free-port.ts'
import { startMintmark } from '../conformance/kit/mintmark-domain.ts'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(import.meta.dirname, 'guarding/first-guard.md'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'mintmark-guard-page-'))
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))

const domain = await startMintmark()
let server: ChildProcess | null = null

const stopServer = async (): Promise<void> => {
  if (server === null || server.exitCode !== null) return
  const ended = new Promise((fulfil) => server?.once('exit', fulfil))
  server.kill('SIGTERM')
  await ended
}

after(async () => {
  await stopServer()
  await domain.stop()
  rmSync(folder, { recursive: true, force: true })
})

const audience = `${domain.url}/demo/orders`
const scopes = ['orders.read', 'orders.write']
await domain.createApi({ audience, scopes, profile: 'rfc9068' })
const app = await domain.createClient({
  clientId: 'demo-app',
  scopes: scopes.map((each) => audience + each),
})
mkdirSync(join(folder, '.mintmark'))
writeFileSync(join(folder, '.mintmark/dev.json'), JSON.stringify({ demoSecret: app.secret }))

const port = await freePort()

/** The page's addresses as they are here, and back. */
const asHere = (code: string): string =>
  code
    .replaceAll('http://localhost:8480', domain.url)
    .replaceAll('http://localhost:3000', `http://127.0.0.1:${port}`)
    .replaceAll('listen(3000)', `listen(${port}, '127.0.0.1')`)
const asThere = (text: string): string => text.replaceAll(domain.url, 'http://localhost:8480')

const environment = {
  PATH: [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
  HOME: folder,
}

const isListening = (): Promise<boolean> =>
  new Promise((fulfil) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => fulfil(true))
    socket.once('error', () => fulfil(false))
    socket.once('close', () => socket.destroy())
    socket.unref()
  })

const startServer = async (file: string): Promise<void> => {
  await stopServer()
  const child = spawn(process.execPath, [file], { cwd: folder, env: environment })
  server = child
  let errors = ''
  child.stderr.on('data', (bytes) => {
    errors += bytes
  })
  for (let at = 0; at < 200 && !(await isListening()); at += 1) {
    assert.equal(child.exitCode, null, errors)
    await new Promise((fulfil) => setTimeout(fulfil, 50))
  }
}

const runShell = (code: string): Promise<string> =>
  new Promise((fulfil, reject) => {
    const options = { cwd: folder, env: environment, timeout: 30_000 }
    const shell = spawn('sh', ['-eu', '-c', code], options)
    let output = ''
    let errors = ''
    shell.stdout.on('data', (bytes) => {
      output += bytes
    })
    shell.stderr.on('data', (bytes) => {
      errors += bytes
    })
    shell.once('close', (exit) => {
      if (exit === 0) fulfil(output)
      else reject(new Error(`exit ${exit}: ${errors}\n${output}`))
    })
  })

const linesOf = (text: string): readonly string[] =>
  text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.trim().replace(/^[A-Za-z-]+:/, (name) => name.toLowerCase()))

const block =
  /^<!-- (serve|run|test) -->\n```(?:js|sh)\n([\s\S]*?)^```\n(?:```text\n([\s\S]*?)^```)?/gm

test('the page is run as a whole', async (page_) => {
  const blocks = [...page.matchAll(block)]
  assert.deepEqual(
    blocks.map(([, kind]) => kind),
    ['serve', 'run', 'run', 'run', 'serve', 'run', 'test'],
  )
  for (const [at, [, kind, code = '', printed = '']] of blocks.entries()) {
    const file = join(folder, `block-${at}.mjs`)
    await page_.test(`block ${at + 1}: ${kind}`, async () => {
      if (kind === 'run') {
        const output = await runShell(asHere(code))
        assert.deepEqual(linesOf(asThere(output)), linesOf(printed))
        return
      }
      writeFileSync(file, asHere(code))
      if (kind === 'serve') return startServer(file)
      const { NODE_TEST_CONTEXT: _, ...env } = { ...environment, NODE_TEST_CONTEXT: '' }
      const run = spawnSync(process.execPath, ['--test', file], {
        cwd: folder,
        env,
        encoding: 'utf8',
      })
      assert.equal(run.status, 0, run.stdout + run.stderr)
      assert.match(run.stdout, /pass [1-9]/)
    })
  }
})
