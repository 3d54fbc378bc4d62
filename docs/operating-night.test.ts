/*
 * What an operator types when something has happened: the blocks after `<!-- run -->` on the pages
 * of running a server, keys, backup and upgrade, in the order in which one would need them.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, test } from 'node:test'
import { freePort } from '../conformance/kit/free-port.ts'

const root = join(import.meta.dirname, '..')
const startMsMax = 20_000
const shellMsMax = 60_000
const folder = mkdtempSync(join(tmpdir(), 'mintmark-night-'))
const servers = new Set<ChildProcess>()

after(async () => {
  for (const server of servers) {
    server.kill('SIGTERM')
    await once(server, 'exit')
  }
  rmSync(folder, { recursive: true, force: true })
})

const port = String(await freePort())

/** Blocks of a page, with the port and the folders of this test. */
const blocksOf = (name: string): readonly string[] =>
  [
    ...readFileSync(join(root, 'docs/operating', name), 'utf8').matchAll(
      /^<!-- run -->\n```sh\n([\s\S]*?)^```$/gm,
    ),
  ].map(([, code = '']) => code.replaceAll('npx mintmark', 'mintmark').replaceAll('8480', port))

const environment = {
  PATH: [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
  HOME: tmpdir(),
  MINTMARK_LISTEN: `127.0.0.1:${port}`,
  MINTMARK_URL: `http://127.0.0.1:${port}`,
}
const administrator = { MINTMARK_CLIENT_ID: 'admin', MINTMARK_CLIENT_SECRET_FILE: 'admin.secret' }

const shell = (code: string, more: Readonly<Record<string, string>> = {}): ChildProcess =>
  spawn('sh', ['-eu', '-c', code], { cwd: folder, env: { ...environment, ...more } })

/** Runs a block as the administrator. @returns what it wrote */
const run = async (code: string): Promise<string> => {
  const child = shell(code, administrator)
  const timer = setTimeout(() => child.kill('SIGKILL'), shellMsMax)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (bytes) => {
      output += bytes
    })
  }
  const [status] = await once(child, 'close')
  clearTimeout(timer)
  assert.equal(status, 0, `${code}\n${output}`)
  return output
}

/** Starts what a block starts in the foreground, and waits until it listens. */
const start = async (code: string): Promise<void> => {
  const child = shell(code.replace('mintmark serve', 'exec mintmark serve'))
  servers.add(child)
  child.once('exit', () => servers.delete(child))
  let said = ''
  await new Promise<void>((fulfil, reject) => {
    const timer = setTimeout(() => reject(new Error(`not started:\n${said}`)), startMsMax)
    const hear = (bytes: Buffer): void => {
      said += bytes
      if (!said.includes('"msg":"listening"')) return
      clearTimeout(timer)
      fulfil()
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('exit', (status) => reject(new Error(`exit ${status}:\n${said}`)))
  })
}

const [first = '', look = '', copy = ''] = blocksOf('server.md')

test('a server is started, looked at, and its keys are', async () => {
  await start(first)
  await run('mintmark export > domain.yaml')
  assert.match(await run(look), /\{"ready":true,"reasons":\[\]\}/)
  const [list = '', revoke = '', doctor = ''] = blocksOf('keys.md')
  const kid = /(\S+) +ES256 +active/.exec(await run(list))?.[1] ?? 'none'
  assert.match(await run(doctor), /\S/)
  const named = revoke.replace(/\d{4}-\d\d-\d\d-[0-9a-f]{8}/, kid)
  await run(named.replace('\n', ' --yes\n'))
  assert.doesNotMatch(await run(list), new RegExp(`${kid} .*active`))
})

test('it is backed up, stopped, brought to a schema, and restored on a fresh node', async () => {
  const [backup = '', restore = ''] = blocksOf('backup.md')
  assert.match(await run(backup), /✔ mintmark-2026-11-21\.backup/)
  await run(copy)
  assert.ok(existsSync(join(folder, 'data-copy', 'mintmark.db')))
  const [upgrade = ''] = blocksOf('upgrade.md')
  assert.match(await run(upgrade.replaceAll('/var/lib/mintmark', './data')), /up to date/)
  copyFileSync(join(folder, 'data', 'master.key'), join(folder, 'master.key'))
  await run(restore.replaceAll('/var/lib/mintmark', './fresh'))
  await start('mintmark serve --data ./fresh')
  assert.match(await run('mintmark key list'), /active/)
})
