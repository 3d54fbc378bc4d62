/*
 * Every program on the page of the client runs, in the order of the page, against a server that
 * this test starts; what it prints is what the page says it prints.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { makePair } from '../conformance/kit/jwt.ts'
import { startMintmark } from '../conformance/kit/mintmark-domain.ts'
import { type OrdersApi, startOrdersApi } from '../examples/orders-api.ts'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(import.meta.dirname, 'calling/client.md'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'mintmark-client-page-'))
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))

const domain = await startMintmark()
const api = await startOrdersApi()
const described = await startOrdersApi({ describes: true })
const other = await startOrdersApi()
after(async () => {
  await Promise.all(
    [domain, api, described, other].map((each) => ('stop' in each ? each.stop() : each.close())),
  )
  rmSync(folder, { recursive: true, force: true })
})

const read = (at: OrdersApi): string => `${at.audience}orders.read`
for (const each of [api, described]) {
  const scopes = ['orders.read', 'orders.delete']
  await domain.createApi({ audience: each.audience, scopes, profile: 'rfc9068' })
  each.trust(domain)
}
const billing = await domain.createClient({
  clientId: 'nightly-billing',
  scopes: [read(api), read(described)],
})
const pair = makePair('ES256', { kid: 'reports-1' })
await domain.createClient({
  clientId: 'reports',
  scopes: [read(api)],
  methods: ['private_key_jwt'],
  keys: [pair.publicJwk],
})
const secretFile = join(folder, 'client-secret')
writeFileSync(secretFile, billing.secret, { mode: 0o600 })
const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
writeFileSync(join(folder, 'reports.key'), pem, { mode: 0o600 })

const originOf = (at: OrdersApi): string => new URL(at.audience).origin

/** The page's addresses as they are here. */
const asHere = (code: string): string =>
  code
    .replaceAll('https://auth.acme.example', domain.issuer)
    .replaceAll('https://api.acme.example', originOf(api))
    .replaceAll('https://described.acme.example', originOf(described))
    .replaceAll('https://other.acme.example', originOf(other))
    .replaceAll('/run/secrets/client-secret', secretFile)

const environment = {
  MINTMARK_ISSUER: domain.issuer,
  MINTMARK_CLIENT_ID: billing.clientId,
  MINTMARK_CLIENT_SECRET_FILE: secretFile,
  MINTMARK_AUDIENCE: api.audience,
  MINTMARK_SCOPE: 'orders.read',
}

const runBlock = (name: string, code: string, more: Readonly<Record<string, string>>) =>
  new Promise<string>((fulfil, reject) => {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, name), code)
    const env = { PATH: process.env['PATH'] ?? '', ...more }
    const options = { cwd: folder, env, timeout: 30_000 }
    const child = spawn(process.execPath, [name], options)
    let output = ''
    let errors = ''
    child.stdout.on('data', (bytes) => {
      output += bytes
    })
    child.stderr.on('data', (bytes) => {
      errors += bytes
    })
    child.once('close', (code) => {
      if (code === 0) fulfil(output)
      else reject(new Error(`exit ${code}:\n${errors}`))
    })
  })

const block = /^(?:<!-- (run[^>]*) -->\n)?```js\n([\s\S]*?)^```\n(?:```text\n([\s\S]*?)^```)?/gm
const blocks = [...page.matchAll(block)]

test('no program on the page is left out', () => {
  assert.ok(blocks.length >= 8)
  assert.deepEqual(
    blocks.filter(([, mark]) => mark === undefined).map(([text]) => text),
    [],
  )
})

for (const [at, [, mark = '', code = '', printed = '']] of blocks.entries()) {
  test(`program ${at + 1}: ${printed.split('\n')[0]}`, async () => {
    const more = mark === 'run with the environment' ? environment : {}
    const output = await runBlock(`block-${at + 1}.mjs`, asHere(code), more)
    assert.equal(output, printed)
  })
}
