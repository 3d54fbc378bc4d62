/*
 * The pages on the first server and on moving here stay true: their blocks after `<!-- run -->` run
 * in order, in an empty folder, against servers started as the pages say.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, test } from 'node:test'
import { freePort } from '../conformance/kit/free-port.ts'

const root = join(import.meta.dirname, '..')
const main = join(root, 'edge/cli/bin/mintmark.js')
const startMsMax = 20_000
const shellMsMax = 60_000
const environment = {
  PATH: [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
  HOME: tmpdir(),
}

const folders: string[] = []
const servers = new Set<ChildProcess>()

after(async () => {
  for (const server of servers) {
    const ended = new Promise((fulfil) => server.once('exit', fulfil))
    server.kill('SIGTERM')
    await ended
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'mintmark-operating-'))
  folders.push(folder)
  return folder
}

/** Starts a server and waits for what it says when it listens. */
const start = async (folder: string, words: readonly string[], says: RegExp): Promise<void> => {
  const child = spawn(process.execPath, [main, ...words], { cwd: folder, env: environment })
  servers.add(child)
  child.once('exit', () => servers.delete(child))
  let said = ''
  await new Promise<void>((fulfil, reject) => {
    const timer = setTimeout(() => reject(new Error(`not started:\n${said}`)), startMsMax)
    const hear = (bytes: Buffer): void => {
      said += bytes.toString()
      if (!says.test(said)) return
      clearTimeout(timer)
      fulfil()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('exit', (code) => reject(new Error(`exit ${code}:\n${said}`)))
  })
}

const blocksOf = (name: string, ports: Readonly<Record<string, number>>): readonly string[] =>
  [...readFileSync(join(root, name), 'utf8').matchAll(/^<!-- run -->\n```sh\n([\s\S]*?)^```$/gm)]
    .map(([, code = '']) => code.replaceAll('npx mintmark', 'mintmark'))
    .map((code) => code.replaceAll(/8480|8482/g, (port) => String(ports[port])))

const run = (folder: string, code: string): Promise<{ output: string; errors: string }> =>
  new Promise((fulfil, reject) => {
    const options = { cwd: folder, env: environment, timeout: shellMsMax }
    const shell = spawn('sh', ['-eu', '-c', code], options)
    let output = ''
    let errors = ''
    shell.stdout.on('data', (bytes) => {
      output += bytes
    })
    shell.stderr.on('data', (bytes) => {
      errors += bytes
    })
    shell.once('close', (status) =>
      status === 0
        ? fulfil({ output, errors })
        : reject(new Error(`exit ${status}:\n${code}\n${output}\n${errors}`)),
    )
  })

test('from nothing to a server, as the page says', async () => {
  const folder = newFolder()
  const ports = { '8480': await freePort(), '8482': await freePort() }
  const blocks = blocksOf('docs/operating/first-server.md', ports)
  assert.equal(blocks.length, 4)
  const [init = '', sign = '', look = '', certificates = ''] = blocks
  const made = await run(folder, init.replace('--yes', `--yes --listen 127.0.0.1:${ports['8480']}`))
  assert.match(made.output, /✔ wrote mintmark\.yaml \(0640\)/)
  await start(folder, ['serve', '--config', 'mintmark.yaml'], /"name":"tls".*"msg":"listening"/)
  const created = await run(folder, sign)
  assert.match(created.output, /Client secret +mms_/)
  // One terminal: what was exported before still holds.
  const exported = sign.split('\n').filter((line) => line.startsWith('export '))
  const seen = await run(folder, [...exported, look].join('\n'))
  assert.match(seen.output, /✔ TLS certificate for localhost/)
  assert.match(seen.output, /\n0 errors, 0 warnings\n$/)
  const listed = await run(folder, certificates)
  assert.match(listed.output, /nightly-press +client/)
})

test('moving here, as the page says', async () => {
  const folder = newFolder()
  const ports = { '8480': await freePort(), '8482': await freePort() }
  const words = ['dev', '--port', String(ports['8480']), '--tls-port', String(ports['8482'])]
  await start(folder, words, /Stop: Ctrl-C/)
  const [imported = '', used = '', ...more] = blocksOf('docs/operating/migrating.md', ports)
  assert.deepEqual(more, [])
  const setUp = `export MINTMARK_URL=http://localhost:${ports['8480']}\n`
  const done = await run(folder, setUp + imported)
  assert.match(done.errors, /scope parcels\.\*: Scopes are granted by name/)
  assert.match(done.output, /\+ app Courier/)
  const answer = JSON.parse((await run(folder, used)).output)
  assert.deepEqual([answer.token_type, answer.scope], ['Bearer', 'parcels.read'])
})
