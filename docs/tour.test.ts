/*
 * The tour of five minutes goes as its page says, beside a fresh `mintmark dev`; what it prints for
 * the protected call is on the page.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { freePort } from '../conformance/kit/free-port.ts'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs/start/tour.md'), 'utf8')
const startMsMax = 20_000
const shellMsMax = 60_000

const folder = mkdtempSync(join(tmpdir(), 'mintmark-tour-'))
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
const bin = join(root, 'node_modules/.bin')
const node = dirname(process.execPath)
const env = { PATH: [node, bin, process.env['PATH']].join(delimiter), HOME: folder }

const ports = await Promise.all([freePort(), freePort(), freePort()])
const [plain, secure, api] = ports.map(String) as [string, string, string]

const startDev = (): Promise<ChildProcess> =>
  new Promise((fulfil, reject) => {
    const main = join(root, 'edge/cli/bin/mintmark.js')
    const words = [main, 'dev', '--port', plain, '--tls-port', secure]
    const child = spawn(process.execPath, words, { cwd: folder, env })
    let output = ''
    const timer = setTimeout(() => reject(new Error(`not started:\n${output}`)), startMsMax)
    child.stderr.on('data', (bytes) => {
      output += bytes
    })
    child.stdout.on('data', (bytes) => {
      output += bytes
      if (!output.includes('Stop: Ctrl-C')) return
      clearTimeout(timer)
      fulfil(child)
    })
    child.once('exit', (code) => reject(new Error(`exit ${code}:\n${output}`)))
  })

const dev = await startDev()
after(async () => {
  const ended = new Promise((fulfil) => dev.once('exit', fulfil))
  dev.kill('SIGTERM')
  await ended
  rmSync(folder, { recursive: true, force: true })
})

/** The page names the usual ports. */
const asHere = (code: string): string =>
  code
    // The audience is a name, and stays.
    .replaceAll(/localhost:8480(?!\/demo)/g, `localhost:${plain}`)
    .replaceAll('localhost:3000', `localhost:${api}`)
    .replaceAll('listen(3000)', `listen(${api})`)
    .replaceAll('npx mintmark', 'mintmark')
    // until it listens, for as long as a busy machine takes
    .replace(
      /^sleep 1$/m,
      `for _ in $(seq 300); do curl -so /dev/null localhost:${api} && break; sleep 0.1; done`,
    )

const runShell = (code: string): Promise<string> =>
  new Promise((fulfil, reject) => {
    const shell = spawn('sh', ['-eu', '-c', code], { cwd: folder, env, timeout: shellMsMax })
    let output = ''
    for (const stream of [shell.stdout, shell.stderr]) {
      stream.on('data', (bytes) => {
        output += bytes
      })
    }
    shell.once('close', (exit) =>
      exit === 0 ? fulfil(output) : reject(new Error(`exit ${exit} of\n${code}\n${output}`)),
    )
  })

test('the tour goes as its page says', async () => {
  for (const [, file = '', code = ''] of page.matchAll(
    /^<!-- save (\S+) -->\n```js\n([\s\S]*?)^```$/gm,
  )) {
    writeFileSync(join(folder, file), asHere(code))
  }
  const blocks = [...page.matchAll(/^<!-- run -->\n```sh\n([\s\S]*?)^```$/gm)].map(
    ([, code = '']) => code,
  )
  assert.equal(blocks.length, 4)
  const outputs: string[] = []
  for (const code of blocks) outputs.push(await runShell(asHere(code)))
  const [token = '', called = '', refused = '', granted = ''] = outputs
  assert.match(token, /sub +nightly-billing/)
  assert.match(token, /scope +orders\.read\n/)
  const told = /^```text\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? ''
  assert.equal(called, told)
  assert.match(refused, /exit 8\n[\s\S]*SCOPE_NOT_GRANTED[\s\S]*mintmark app grant[\s\S]*exit 8\n$/)
  assert.match(granted, /ALLOWED/)
})

test('the index of the pages leads to every one of them', () => {
  const index = readFileSync(join(root, 'docs/README.md'), 'utf8')
  const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.md') && file !== 'README.md',
  )
  /** The families of reasons are led to by their own index. */
  const left = /^errors\/(?!README)|^internals\/peer-differences|^administering\/oracle-sdk/
  for (const file of pages) {
    const isLedTo = left.test(file) || index.includes(`(${file})`)
    assert.ok(isLedTo, `docs/README.md does not lead to ${file}`)
  }
})
