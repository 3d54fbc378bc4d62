/* The page of the gateway does what it says: its files are written, its commands run. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, test } from 'node:test'
import { gatewayReasons } from '@mintmark/gateway/gateway-problem'
import { startMintmark } from '../conformance/kit/mintmark-domain.ts'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(import.meta.dirname, 'guarding/gateway.md'), 'utf8')
const fileBlock = /^<!-- file (\S+) -->\n```\w+\n([\s\S]*?)^```/gm
const runBlock = /^<!-- run -->\n```sh\n([\s\S]*?)^```\n```text\n([\s\S]*?)^```/gm
const folder = mkdtempSync(join(tmpdir(), 'mintmark-gateway-page-'))
const domain = await startMintmark()
const api = createServer((request, response) => {
  const { 'x-client-id': client, 'x-account': account } = request.headers
  response.end(`${request.url} for ${client}, account ${account}\n`)
})
api.listen(0, '127.0.0.1')
await once(api, 'listening')
const apiPort = (api.address() as AddressInfo).port

const audience = `${domain.url}/demo/orders`
await domain.createApi({ audience, scopes: ['orders.read'], profile: 'rfc9068' })
const scopes = [`${audience}orders.read`]
const app = await domain.createClient({ clientId: 'demo-app', scopes })
mkdirSync(join(folder, '.mintmark'))
writeFileSync(join(folder, '.mintmark/dev.json'), JSON.stringify({ demoSecret: app.secret }))

const env = {
  PATH: [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
  HOME: folder,
}
for (const [, name = '', text = ''] of page.matchAll(fileBlock)) {
  const here = text
    .replaceAll('http://localhost:8480', domain.url)
    .replace('127.0.0.1:8490', '127.0.0.1:0')
    .replace('127.0.0.1:3000', `127.0.0.1:${apiPort}`)
  writeFileSync(join(folder, name), here)
}
const main = join(root, 'edge/cli/bin/mintmark.js')
const gateway = spawn(process.execPath, [main, 'gateway'], { cwd: folder, env })
after(async () => {
  gateway.kill('SIGTERM')
  api.closeAllConnections()
  api.close()
  await domain.stop()
  rmSync(folder, { recursive: true, force: true })
})
const [said] = (await once(gateway.stderr, 'data')) as [Buffer]
const { url } = JSON.parse(said.toString().split('\n', 1)[0] ?? '') as { url: string }

const runShell = async (code: string): Promise<string> => {
  const shell = spawn('sh', ['-eu', '-c', code], { cwd: folder, env, timeout: 30_000 })
  let output = ''
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.on('data', (bytes) => {
      output += bytes
    })
  }
  const [exit] = await once(shell, 'close')
  assert.equal(exit, 0, output)
  return output
}

const linesOf = (text: string): readonly string[] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim())

test('the page of the gateway is run as a whole', async (context) => {
  const blocks = [...page.matchAll(runBlock)]
  assert.equal(blocks.length, 3)
  for (const [at, [, code = '', printed = '']] of blocks.entries()) {
    await context.test(`block ${at + 1}`, async () => {
      const here = code
        .replaceAll('http://localhost:8480', domain.url)
        .replaceAll('http://localhost:8490', url)
        .replaceAll('mintmark gateway', `${process.execPath} ${main} gateway`)
      assert.deepEqual(linesOf(await runShell(here)), linesOf(printed))
    })
  }
})

test('the page has every reason of the gateway, with its status', () => {
  const rows = [...page.matchAll(/^\| (\d{3}) \| (`[A-Z_`, ]+`) \|/gm)]
  const told = rows.flatMap(([, status, reasons = '']) =>
    [...reasons.matchAll(/[A-Z_]+/g)].map(([reason]) => [reason, Number(status)]),
  )
  assert.deepEqual(told.toSorted(), gatewayReasons.map((each) => [...each]).toSorted())
})
