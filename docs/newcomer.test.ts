/*
 * From `npm start` to a protected call: the three commands of the README, as they stand there, each
 * typed once. How long they take is told, not asserted.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { test } from 'node:test'
import { freePort } from '../conformance/kit/free-port.ts'

const root = join(import.meta.dirname, '..')
const bin = [dirname(process.execPath), join(root, 'node_modules/.bin'), process.env['PATH']]
const commandsMax = 3
const startMsMax = 20_000

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const block = /^<!-- newcomer -->\n```sh\n([\s\S]*?)^```\n\n```json\n([\s\S]*?)^```$/m.exec(readme)
const [, text = '', answer = ''] = block ?? []
const commands = text.trim().split('\n')

const run = (command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> =>
  new Promise((fulfil, reject) => {
    const shell = spawn('sh', ['-c', command], { cwd, env, timeout: startMsMax })
    let [out, err] = ['', '']
    shell.stdout.on('data', (bytes) => {
      out += bytes
    })
    shell.stderr.on('data', (bytes) => {
      err += bytes
    })
    shell.once('close', (code) =>
      code === 0 ? fulfil(out + err) : reject(new Error(`exit ${code} of ${command}\n${err}`)),
    )
  })

test('three commands lead a newcomer from the start to a protected 200', async (t) => {
  assert.ok(commands.length > 0 && commands.length <= commandsMax, `${commands.length} commands`)
  const folder = mkdtempSync(join(tmpdir(), 'mintmark-newcomer-'))
  const env = { PATH: bin.join(delimiter), HOME: folder }
  const main = join(root, 'edge/cli/bin/mintmark.js')
  const [port, tlsPort] = [await freePort(), await freePort()]
  const words = [main, 'dev', '--port', `${port}`, '--tls-port', `${tlsPort}`]
  const startedAt = performance.now()
  const dev = spawn(process.execPath, words, { cwd: folder, env })
  const ended = new Promise((fulfil) => dev.once('exit', fulfil))
  try {
    const banner = await new Promise<string>((fulfil, reject) => {
      let output = ''
      const timer = setTimeout(() => reject(new Error(`not started:\n${output}`)), startMsMax)
      dev.stdout.on('data', (bytes) => {
        output += bytes
        if (!output.includes('Stop: Ctrl-C')) return
        clearTimeout(timer)
        fulfil(output)
      })
    })
    const orders = /guarded at (\S+)/.exec(banner)?.[1] ?? 'none'
    const outputs: string[] = []
    for (const command of commands) {
      const here = command
        .replaceAll('npx mintmark', 'mintmark')
        .replace('http://localhost:8481/orders', orders)
      outputs.push(await run(here, folder, env))
    }
    assert.match(outputs[1] ?? '', /sub +nightly/)
    assert.equal(outputs[2], answer)
    const refused = await fetch(orders)
    assert.equal(refused.status, 401, 'it is protected')
    t.diagnostic(
      `from the start to the protected 200: ${Math.round(performance.now() - startedAt)} ms`,
    )
  } finally {
    dev.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
})
