/** The built package in the oldest Node that it promises, where this machine has one. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { startIssuer, startTestServer, tokenPath } from './test-server.ts'

const built = join(import.meta.dirname, '../dist/index.js')
const places = [process.env['MINTMARK_NODE_20'] ?? '', '/usr/bin/node', '/usr/local/bin/node']

const versionOf = (path: string): string => {
  if (path === '' || !existsSync(path)) return ''
  return execFileSync(path, ['--version'], { encoding: 'utf8' }).trim()
}

const node = places.find((path) => /^v20\./.test(versionOf(path)))
const skip =
  node === undefined
    ? 'no Node 20 on this machine; MINTMARK_NODE_20 names one'
    : !existsSync(built) && 'not built: npm run build'

const program = `
import { generateKeyPairSync } from 'node:crypto'
const { createClient, ClientError } = await import(${JSON.stringify(built)})
const [issuer, api] = process.argv.slice(1)
const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  .export({ type: 'pkcs8', format: 'pem' })
const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })
for (const proof of [{ clientSecret: 's' }, { privateKey: pem }, { privateKey: jwk }]) {
  const client = createClient({ issuer, clientId: 'caller', audience: api, ...proof })
  await Promise.all(Array.from({ length: 100 }, () => client.token()))
  const answer = await client.fetch(api + '/a', { method: 'POST', body: 'x' })
  console.log(process.version, answer.status, answer.redirected, await answer.text())
  client.close()
}
const nowhere = { issuer: 'http://localhost:1', clientId: 'c', clientSecret: 's' }
const error = await createClient({ ...nowhere, maxWaitSeconds: 0 }).token().catch((fault) => fault)
console.log(error instanceof ClientError, error.reason)
`

test('the client works in Node 20', { skip }, async (t) => {
  const issuer = await startIssuer()
  t.after(issuer.close)
  const api = await startTestServer(({ path, headers, body }) =>
    path === '/a'
      ? { status: 307, headers: { location: '/b' } }
      : { body: `${String(headers.authorization).slice(0, 7)}${body}` },
  )
  t.after(api.close)
  const { execFile } = await import('node:child_process')
  const words = ['--input-type=module', '-e', program, issuer.url, api.url]
  const { stdout } = await promisify(execFile)(node as string, words, { timeout: 30_000 })
  const lines = stdout.trim().split('\n')
  assert.equal(lines.length, 4, stdout)
  for (const line of lines.slice(0, 3)) assert.match(line, /^v20\.\S+ 200 true Bearer x$/)
  assert.equal(lines[3], 'true unreachable')
  assert.equal(issuer.at(tokenPath).length, 3)
})
