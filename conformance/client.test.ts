/** Our client at our server: what callers get from both together. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientOptions } from '@mintmark/client/client-options'
import { type Client as Caller, createClient } from '@mintmark/client/create-client'
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
