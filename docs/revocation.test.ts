/* The page of the revocation feed does what it says: its commands and its program are run. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, isListening } from '../conformance/kit/free-port.ts'
import { startMintmark } from '../conformance/kit/mintmark-domain.ts'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(import.meta.dirname, 'guarding/revocation.md'), 'utf8')
const block = /^<!-- (serve|run) -->\n```(?:js|sh)\n([\s\S]*?)^```\n(?:```text\n([\s\S]*?)^```)?/gm

test('the page of the revocation feed is run as a whole', async (context) => {
  const domain = await startMintmark()
  context.after(() => domain.stop())
  const folder = mkdtempSync(join(tmpdir(), 'mintmark-revocation-page-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const audience = `${domain.url}/demo/orders`
  const wish = { audience, scopes: ['orders.read'], profile: 'rfc9068', introspects: true } as const
  const api = await domain.createApi(wish)
  const app = await domain.createClient({
    clientId: 'demo-app',
    scopes: [`${audience}orders.read`],
  })
  const administrator = await domain.createClient({ clientId: 'page-administrator' })
  const filter = encodeURIComponent('displayName eq "Identity Domain Administrator"')
  const found = await domain.admin.call('GET', `/AppRoles?filter=${filter}`)
  const [role] = found['Resources'] as { readonly id: string }[]
  await domain.admin.grantRole('IDCSAppId', role?.id ?? '', administrator)
  const port = await freePort()
  const env = {
    PATH: [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
    MINTMARK_CLIENT_ID: administrator.clientId,
    MINTMARK_CLIENT_SECRET: administrator.secret,
    API_CLIENT_ID: api.client?.clientId ?? '',
    API_CLIENT_SECRET: api.client?.secret ?? '',
    DEMO_SECRET: app.secret,
  }
  const asHere = (code: string): string =>
    code
      .replaceAll('http://localhost:8480', domain.url)
      .replaceAll('orders-api holds', 'API 1 holds')
      .replaceAll('http://localhost:3000', `http://127.0.0.1:${port}`)
      .replaceAll('listen(3000)', `listen(${port}, '127.0.0.1')`)
      // for as long as a busy machine takes
      .replace(
        /^sleep 1$/m,
        'for _ in $(seq 100); do orders | grep -q 42 || break; sleep 0.1; done',
      )
  const blocks = [...page.matchAll(block)]
  assert.deepEqual(
    blocks.map(([, kind]) => kind),
    ['run', 'serve', 'run'],
  )
  for (const [, kind, code = '', printed = ''] of blocks) {
    const isServer = kind === 'serve'
    const file = join(folder, isServer ? 'orders.mjs' : 'run.sh')
    writeFileSync(file, asHere(code))
    const [program, ...words] = isServer ? [process.execPath, file] : ['sh', '-eu', file]
    const child = spawn(program ?? '', words, { cwd: folder, env })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (bytes) => {
        output += bytes
      })
    }
    if (isServer) {
      context.after(() => child.kill('SIGKILL'))
      for (let at = 0; at < 200 && !(await isListening(port)); at += 1) {
        assert.equal(child.exitCode, null, output)
        await sleep(50)
      }
    } else {
      const [exit] = await once(child, 'close')
      assert.equal(exit, 0, output)
      assert.equal(output.trim(), asHere(printed).trim())
    }
  }
})
