/** What is built runs on the oldest Node that we promise. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '../../..')

const places = ['/usr/bin', '/usr/local/bin', ...(process.env['PATH'] ?? '').split(delimiter)]

const versionOf = (program: string): string =>
  spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout ?? ''

const node20 = places
  .map((folder) => join(folder, 'node'))
  .find((program) => versionOf(program).startsWith('v20.'))

const script = `
import { createServer } from 'node:http'
import express from 'express'
import { callerOf, guard as expressGuard } from '@mintmark/guard/express'
import { guard as nodeGuard } from '@mintmark/guard/node'
import { guard as honoGuard } from '@mintmark/guard/hono'
import { guard as fastifyGuard } from '@mintmark/guard/fastify'
import { guard as webGuard } from '@mintmark/guard/web'
import { accountsFromFile } from '@mintmark/guard/account-sources'
import { testIssuer } from '@mintmark/guard/testing'

const said = []
const listen = async (server) => {
  await new Promise((fulfil) => server.listen(0, '127.0.0.1', fulfil))
  return 'http://127.0.0.1:' + server.address().port
}
for (const profile of ['rfc9068', 'identity-domain']) {
  const issuer = await testIssuer({ http: true, profile })
  const { fetch: own, ...options } = issuer.guardOptions
  const introspection = issuer.introspection
  const app = express()
  const auth = expressGuard(options)
  app.get('/', auth.requires('a'), (request, response) => response.json(callerOf(request).clientId))
  const asking = nodeGuard({ ...options, introspection })
  const listener = asking.requires('a', (_request, response, caller) => {
    response.end(JSON.stringify(caller.clientId))
  })
  for (const handle of [app, listener]) {
    const server = createServer(handle)
    const url = await listen(server)
    for (const token of [issuer.token({ scope: 'a' }), issuer.token(), issuer.token({ exp: 1 })]) {
      const answer = await fetch(url, { headers: { authorization: 'Bearer ' + token } })
      await answer.text()
      said.push(answer.status)
    }
    server.closeAllConnections()
    server.close()
  }
  const web = webGuard(options).requires('a', () => new Response('in'))
  const headers = { authorization: 'Bearer ' + issuer.token({ scope: 'a' }) }
  said.push((await web(new Request('https://api.test/', { headers }))).status)
  const following = webGuard({ ...issuer.guardOptions, revocations: issuer.revocations })
  const followed = following.requires('a', () => new Response('in'))
  const ask = async () => (await followed(new Request('https://api.test/', { headers }))).status
  await following.core.ready()
  said.push(await ask())
  issuer.revoke(headers.authorization.slice(7))
  for (let tries = 0; tries < 500 && (await ask()) === 200; tries += 1) {
    await new Promise((fulfil) => setTimeout(fulfil, 10))
  }
  said.push(await ask())
  following.core.close()
  for (const make of [honoGuard, fastifyGuard]) make(options)
  accountsFromFile('none')
  await issuer.close()
}
console.log(JSON.stringify(said))
`

const skip = node20 === undefined ? 'no Node 20 on this machine' : false

test('the built guard runs on Node 20', { skip }, () => {
  const words = ['--input-type=module', '--eval', script]
  const { NODE_OPTIONS: _, ...environment } = process.env
  const run = spawnSync(node20 ?? '', words, {
    cwd: root,
    env: environment,
    encoding: 'utf8',
    timeout: 30_000,
  })
  assert.equal(run.stderr.replace(/^.*(?:Warning|--trace).*$/gm, '').trim(), '')
  const each = [200, 403, 401, 200, 403, 401, 200, 200, 401]
  assert.equal(run.stdout.trim(), JSON.stringify([...each, ...each]))
})
