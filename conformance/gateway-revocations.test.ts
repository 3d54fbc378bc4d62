/** `mintmark gateway` before an API: what is revoked at the server ends there at once. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { revoke } from './kit/afterlife.ts'
import { makeFollowedApi, tokenFor } from './kit/followed-api.ts'
import { useMintmark } from './kit/start-domain.ts'

const main = fileURLToPath(new URL('../edge/cli/dist/main.js', import.meta.url))
const domain = await useMintmark()
const followed = await makeFollowedApi(domain)
const directory = mkdtempSync(join(tmpdir(), 'mintmark-gateway-'))
const api = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write('data: 1\n\n')
  const timer = setInterval(() => response.write('data: 1\n\n'), 50)
  response.once('close', () => clearInterval(timer))
})
await new Promise<void>((fulfil) => api.listen(0, '127.0.0.1', fulfil))
const ends: (() => Promise<unknown>)[] = []
after(async () => {
  for (const end of ends) await end()
  api.closeAllConnections()
  api.close()
  rmSync(directory, { recursive: true, force: true })
})

/** Starts the command as an operator does. @returns where it listens */
const startGatewayCommand = async (name: string, how: string): Promise<string> => {
  writeFileSync(join(directory, 'secret'), followed.client.secret)
  const file = join(directory, `${name}.yaml`)
  writeFileSync(
    file,
    `listen: 127.0.0.1:0
upstream: http://127.0.0.1:${(api.address() as AddressInfo).port}
issuer: ${domain.issuer}
audience: ${followed.audience}
forwardAuth: true
trustedProxies: [127.0.0.1]
allowHttp: true
${how}
routes:
  - { path: /orders/**, authenticated: true }
`,
  )
  const child = spawn(process.execPath, [main, 'gateway', '-c', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  ends.push(async () => {
    if (child.exitCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  let said = ''
  return new Promise((fulfil, reject) => {
    child.stderr.on('data', (bytes) => {
      said += bytes
      const url = /"listening","url":"([^"]+)"/.exec(said)?.[1]
      if (url !== undefined) fulfil(url)
    })
    child.once('exit', () => reject(new Error(said)))
  })
}

// a text: one id in 700,000 looks like a number to YAML
const clientId = JSON.stringify(followed.client.clientId)
/** An answer of the issuer is believed for a second: a question just before costs that much. */
const modes: readonly [name: string, withinMs: number, how: string][] = [
  ['revocations', 1000, `revocations: { clientId: ${clientId}, clientSecretFile: secret }`],
  [
    'introspection',
    1500,
    `introspection: { clientId: ${clientId}, clientSecretFile: secret, maxAge: 1s }`,
  ],
]
for (const [name, withinMs, how] of modes) {
  describe(`mintmark gateway with ${name}`, () => {
    it(`refuses within ${withinMs} ms what was revoked, and ends its stream`, async () => {
      const url = await startGatewayCommand(name, how)
      const token = await tokenFor(domain, followed)
      const authorization = `Bearer ${token}`
      const told = { 'x-original-method': 'GET', 'x-original-uri': '/orders/1' }
      const asked = async () => {
        const headers = { authorization, ...told }
        return (await fetch(`${url}/.mintmark/authorize/nginx`, { headers })).status
      }
      const proxied = async () => {
        const leaving = new AbortController()
        const { signal } = leaving
        const answer = await fetch(`${url}/orders/1`, { headers: { authorization }, signal })
        leaving.abort()
        return answer.status
      }
      assert.equal(await asked(), 200)
      assert.equal(await proxied(), 200)
      const stream = await fetch(`${url}/orders/1`, { headers: { authorization } })
      const ended = (async () => {
        try {
          for await (const _ of stream.body ?? []);
        } catch {
          return performance.now()
        }
        throw new Error('the stream ended as if it were whole')
      })()

      const other = await tokenFor(domain, followed)
      const done = await revoke(domain, followed.caller, token)
      const atMs = performance.now()
      assert.equal(done.status, 200)
      for (const ask of [asked, proxied]) {
        while ((await ask()) !== 401) {
          assert.ok(performance.now() - atMs < withinMs, 'still let in')
          await sleep(10)
        }
      }
      assert.ok(performance.now() - atMs < withinMs)
      const tookMs = (await ended) - atMs
      assert.ok(tookMs < withinMs + 1000, `the stream went on for ${tookMs} ms`)
      const headers = { authorization: `Bearer ${other}`, ...told }
      const still = await fetch(`${url}/.mintmark/authorize/nginx`, { headers })
      assert.equal(still.status, 200, 'another token is refused too')
    })
  })
}
