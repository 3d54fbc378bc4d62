import assert from 'node:assert/strict'
import { renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { testIssuer } from '@mintmark/guard/testing'
import { ask, newDirectory, startCommand } from '../test-process.ts'

const directory = newDirectory()
const issuer = await testIssuer({ http: true })
const api = createServer((request, response) => {
  response.end(JSON.stringify(request.headers))
})
await new Promise<void>((fulfil) => api.listen(0, '127.0.0.1', fulfil))
after(async () => {
  directory.remove()
  api.closeAllConnections()
  api.close()
  await issuer.close()
})

/** Whole or not at all: the gateway may look at any moment. */
const write = (name: string, text: string): void => {
  const path = join(directory.path, name)
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}

const gatewayFile = `
listen: 127.0.0.1:0
upstream: http://127.0.0.1:${(api.address() as AddressInfo).port}
issuer: ${issuer.issuer}
audience: ${issuer.audience}
accounts: { file: accounts.json }
forwardAuth: true
trustedProxies: [127.0.0.1]
routes:
  - { path: /orders/**, scope: orders.read }
  - { path: /health, public: true }
`

it('mintmark gateway checks tokens, names the account, and stops when told', async () => {
  write('gateway.yaml', gatewayFile)
  write('accounts.json', '{"accounts":[{"name":"nightly","subject":"test-client"}]}')
  const running = startCommand(['gateway'], {}, directory.path)
  const [line] = await running.said(/.*"listening".*/)
  const { url } = JSON.parse(line) as { url: string }
  const authorization = `Bearer ${issuer.token({ scope: 'orders.read' })}`
  const good = await ask(`${url}/orders/1`, { headers: { authorization, x_account: 'root' } })
  assert.equal(good.status, 200, good.text)
  assert.equal(good.json['x-account'], 'nightly')
  assert.equal(good.json['x_account'], undefined)
  assert.equal(good.json['authorization'], undefined)
  assert.equal((await ask(`${url}/orders/1`)).status, 401)
  assert.equal((await ask(`${url}/health`)).status, 200)
  assert.equal((await ask(`${url}/other`)).json['reason'], 'ROUTE_UNKNOWN')
  const metadata = await ask(`${url}/.well-known/oauth-protected-resource`)
  assert.equal(metadata.json['resource'], issuer.audience)
  assert.equal(await running.end('SIGTERM'), 0)
  assert.match(running.errors(), /"reason":"TOKEN_MISSING"/)
  assert.ok(!running.errors().includes(authorization.slice(7, 40)), 'a token is in the log')
})

it('a file with mistakes ends it, with their places', async () => {
  write('wrong.yaml', 'issuer: a\nroutes:\n  - path: /x\n')
  const running = startCommand(['gateway', '-c', 'wrong.yaml'], {}, directory.path)
  assert.equal(await running.ended, 6)
  assert.match(running.errors(), /wrong\.yaml:3:5 {2}routes\[0\]: A route demands something/)
  assert.match(running.errors(), /audience is missing/)
  const none = startCommand(['gateway', '-c', 'none.yaml'], {}, directory.path)
  assert.equal(await none.ended, 6)
  assert.match(none.errors(), /none\.yaml cannot be read: ENOENT/)
})

it('mintmark gateway config prints the files of five proxies', async () => {
  write('gateway.yaml', gatewayFile)
  for (const proxy of ['nginx', 'caddy', 'haproxy', 'traefik', 'envoy']) {
    const words = ['gateway', 'config', proxy, '-c', 'gateway.yaml', '--api', '127.0.0.1:3999']
    const printing = startCommand(words, {}, directory.path)
    assert.equal(await printing.ended, 0, printing.errors())
    assert.match(printing.output(), new RegExp(`/\\.mintmark/authorize/${proxy}`))
    assert.match(printing.output(), /3999/)
  }
  const unknown = startCommand(['gateway', 'config', 'apache'], {}, directory.path)
  assert.equal(await unknown.ended, 6)
  assert.match(unknown.errors(), /nginx, caddy, haproxy, traefik, envoy/)
})

it('reads its file again at SIGHUP and when it changes; a bad one changes nothing', async () => {
  write('live.yaml', `${gatewayFile}metrics: 127.0.0.1:0\n`)
  const running = startCommand(['gateway', '-c', 'live.yaml'], {}, directory.path)
  const [line] = await running.said(/.*"listening".*/)
  const { url, metrics } = JSON.parse(line) as { url: string; metrics: string }
  assert.equal((await ask(`${url}/new`)).status, 403)

  write('live.yaml', `${gatewayFile}metrics: 127.0.0.1:0\n  - { path: /broken`)
  await running.said(/"reload refused, the old file stays".*live\.yaml:\d+:\d+/)
  assert.equal((await ask(`${url}/health`)).status, 200)

  write('live.yaml', `${gatewayFile}  - { path: /new, public: true }\n`)
  await running.said(/"reload refused[^\n]*listen and metrics need a restart/)

  write('live.yaml', `${gatewayFile}  - { path: /new, public: true }\nmetrics: 127.0.0.1:0\n`)
  await running.said(/"reloaded"[^\n]*"why":"changed"/)
  assert.equal((await ask(`${url}/new`)).status, 200)

  running.child.kill('SIGHUP')
  await running.said(/"reloaded"[^\n]*"why":"SIGHUP"/)
  const counted = await ask(`${metrics}/metrics`)
  assert.match(counted.text, /reloads_total\{result="ok"\} 2/)
  assert.equal(await running.end('SIGTERM'), 0)
})
