/** Our client at our server: what callers get from both together. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import { ClientError } from '@mintmark/client/client-error'
import type { ClientOptions } from '@mintmark/client/client-options'
import { type Client as Caller, createClient } from '@mintmark/client/create-client'
import { makeConnections } from '@mintmark/client/http-exchange'
import { makeTlsFetch } from '@mintmark/client/tls-fetch'
import { makeAuthority, makeCertificate, nameOf } from './kit/certificate.ts'
import { decode, makePair } from './kit/jwt.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const folder = mkdtempSync(join(tmpdir(), 'mintmark-client-'))
after(() => rmSync(folder, { recursive: true, force: true }))

it('a thousand callers of 20 scopes, audiences and keys: 20 tokens, each its own', async () => {
  const apis = await Promise.all(
    ['https://a.client.example/', 'https://b.client.example/'].map((audience) =>
      domain.createApi({ audience, scopes: ['r', 'w', 'x'], profile: 'rfc9068' }),
    ),
  )
  const scopes = apis.flatMap((api) => api.scopes.map((each) => api.audience + each))
  const makeCaller = async (): Promise<readonly [string, Caller]> => {
    const pair = makePair('ES256')
    const methods = ['private_key_jwt'] as const
    const { clientId } = await domain.createClient({ methods, keys: [pair.publicJwk], scopes })
    const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
    const options = { issuer: domain.issuer, clientId, privateKey, kid: pair.kid }
    return [clientId, createClient(options)]
  }
  const callers = await Promise.all([makeCaller(), makeCaller()])
  const sets = callers.flatMap(([clientId, caller]) =>
    apis.flatMap(({ audience }) =>
      ['r', 'w', 'x', 'r w', 'w x'].map((scope) => ({ clientId, caller, audience, scope })),
    ),
  )
  assert.equal(sets.length, 20)
  const ids = await Promise.all(
    Array.from({ length: 1000 }, async (_, at) => {
      const { clientId, caller, audience, scope } = sets[at % 20]!
      const { claims } = decode((await caller.token({ audience, scope })).value)
      assert.deepEqual([claims['client_id'], claims['aud']], [clientId, audience])
      assert.equal(claims['scope'], scope)
      return claims['jti']
    }),
  )
  assert.equal(new Set(ids).size, 20)
})

/** Tokens of one second, so that they are renewed all the time. */
const scope = 'r urn:opc:resource:expiry=1'

/** Asks for tokens all the time, as several busy processes do, and counts. */
const load = (options: ClientOptions, processes: number) => {
  const ending = new AbortController()
  const failures: unknown[] = []
  const events: string[] = []
  let calls = 0
  const onEvent = ({ type }: { readonly type: string }) => events.push(type)
  const one = async (): Promise<void> => {
    const client = createClient({ ...options, onEvent })
    while (!ending.signal.aborted) {
      await client.token().catch((error) => failures.push(error))
      calls += 1
      await sleep(5)
    }
    client.close()
  }
  const all = Array.from({ length: processes }, one)
  return {
    failures,
    events,
    calls: () => calls,
    stop: async () => {
      ending.abort()
      await Promise.all(all)
    },
  }
}

it('a secret is rotated under load, its file written late: no call fails', async () => {
  const overlapSeconds = 3
  const audience = 'https://rotation.client.example/'
  await domain.createApi({ audience, scopes: ['r'], profile: 'rfc9068' })
  const client = await domain.createClient({ scopes: [`${audience}r`] })
  const clientSecretFile = join(folder, 'secret')
  writeFileSync(clientSecretFile, client.secret)
  const { clientId } = client
  const { issuer } = domain
  const busy = load({ issuer, clientId, clientSecretFile, audience, scope }, 4)
  await sleep(1_200)
  const rotated = await domain.rotateSecret(client, overlapSeconds)
  await sleep(1_500)
  writeFileSync(clientSecretFile, rotated.secret)
  await sleep(overlapSeconds * 1000 + 1_500)
  await busy.stop()
  assert.deepEqual(busy.failures, [])
  assert.ok(busy.calls() > 200, `${busy.calls()} calls`)
  assert.equal(busy.events.filter((each) => each === 'credentials_reread').length, 4)
  const tokens = busy.events.filter((each) => each === 'token_received').length
  assert.ok(tokens >= 16, `${tokens} tokens`)
})

const authority = makeAuthority('Client test authority')
const certify = (commonName: string, purpose: string) =>
  makeCertificate({
    subject: nameOf(['CN', commonName]),
    alternatives: [{ kind: 'dns', value: 'localhost' }],
    purposes: [purpose],
    issuer: authority,
  })

it('requests with a certificate send and give what the usual fetch does', async (t) => {
  const door = certify('localhost', 'serverAuth')
  const server = createServer(
    { cert: door.pem, key: door.keyPem, ca: authority.pem, requestCert: true },
    async (request, response) => {
      const { method, url, headers } = request
      const shown = (request.socket as TLSSocket).getPeerCertificate().subject?.CN
      const body = await text(request)
      if (url === '/hang') return
      if (url === '/nothing') return void response.writeHead(204).end()
      const said = {
        method,
        url,
        shown,
        body,
        type: headers['content-type'],
        own: headers['x-own'],
      }
      response.writeHead(
        207,
        'Many',
        [
          ['set-cookie', 'a=1'],
          ['set-cookie', 'b=2'],
        ].flat(),
      )
      response.end(JSON.stringify(said))
    },
  )
  await new Promise<void>((fulfil) => server.listen(0, '127.0.0.1', fulfil))
  const caller = certify('caller', 'clientAuth')
  const certificate = { chain: caller.pem, key: caller.keyPem }
  const credentials = { secret: null, key: null, certificate, authority: authority.pem }
  const connections = makeConnections(credentials)
  const strange = makeConnections({ ...credentials, authority: null })
  t.after(() => {
    connections.close()
    strange.close()
    server.closeAllConnections()
    server.close()
  })
  const send = makeTlsFetch(async () => connections)
  const url = `https://localhost:${(server.address() as AddressInfo).port}`
  // A length that is not true must not reach the wire.
  const headers = { 'x-own': '1', 'content-length': '3' }
  const plain = { shown: 'caller', url: '/x', own: '1' }
  const form = 'application/x-www-form-urlencoded;charset=UTF-8'
  for (const [init, said] of [
    [{ method: 'GET' }, { method: 'GET', body: '' }],
    [
      { method: 'POST', body: 'ä' },
      { method: 'POST', body: 'ä', type: 'text/plain;charset=UTF-8' },
    ],
    [
      { method: 'PUT', body: new URLSearchParams({ a: 'b c' }) },
      { method: 'PUT', body: 'a=b+c', type: form },
    ],
    [
      { method: 'POST', body: new Blob(['streamed']).stream(), duplex: 'half' as const },
      { method: 'POST', body: 'streamed' },
    ],
    [
      { method: 'DELETE', body: Buffer.from('bytes') },
      { method: 'DELETE', body: 'bytes' },
    ],
    [
      { method: 'DELETE', body: new Blob(['some']).stream(), duplex: 'half' as const },
      { method: 'DELETE', body: 'some' },
    ],
    [{ method: 'POST' }, { method: 'POST', body: '' }],
  ] as const) {
    const response = await send(`${url}/x`, { ...init, headers })
    assert.deepEqual([response.status, response.statusText], [207, 'Many'])
    assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2'])
    assert.deepEqual(await response.json(), { ...plain, ...said })
  }
  const head = await send(`${url}/x`, { method: 'HEAD' })
  assert.deepEqual([head.status, await head.text()], [207, ''])
  const nothing = await send(`${url}/nothing`, {})
  assert.deepEqual([nothing.status, nothing.body], [204, null])
  const signal = AbortSignal.timeout(100)
  await assert.rejects(send(`${url}/hang`, { signal }), { name: 'TimeoutError' })
  const isRefused = (error: unknown) =>
    error instanceof ClientError && error.reason === 'tls_refused'
  await assert.rejects(makeTlsFetch(async () => strange)(`${url}/x`, {}), isRefused)
})

it('files that TLS failed with are read again: a renewed authority needs no restart', async (t) => {
  const door = certify('localhost', 'serverAuth')
  const issuer = createServer({ key: door.keyPem, cert: door.pem }, (_, response) => {
    const answer = { access_token: 'a', token_type: 'Bearer', expires_in: 60 }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
  })
  await new Promise<void>((fulfil) => issuer.listen(0, '127.0.0.1', fulfil))
  t.after(() => issuer.close())
  const { port } = issuer.address() as AddressInfo
  const authorityFile = join(folder, 'authority.crt')
  writeFileSync(authorityFile, makeAuthority('Former').pem)
  const client = createClient({
    tokenEndpoint: `https://localhost:${port}/token`,
    clientId: 'caller',
    clientSecret: 's',
    authorityFile,
  })
  t.after(() => client.close())
  const message = /^TLS with localhost:\d+ failed: .*authorityFile, or MINTMARK_AUTHORITY_FILE/
  await assert.rejects(client.token(), { reason: 'tls_refused', message })
  writeFileSync(authorityFile, authority.pem)
  await sleep(1100)
  assert.equal((await client.token()).value, 'a')
})
