/** Our client at a server that is not ours. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ClientError } from '@mintmark/client/client-error'
import type { ClientOptions } from '@mintmark/client/client-options'
import { createClient } from '@mintmark/client/create-client'
import { decode, makePair } from './kit/jwt.ts'
import { startPeer } from './peer/start-peer.ts'

const audience = 'https://peer.example/'
const scopes = ['api:read', 'api:write']

it('gets tokens of node-oidc-provider by each method, and says why not', async (t) => {
  const peer = await startPeer()
  t.after(peer.stop)
  await peer.createApi({ audience, scopes, profile: 'rfc9068' })
  const pair = makePair('ES256')
  const wished = scopes.map((each) => audience + each)
  const basic = await peer.createClient({ methods: ['client_secret_basic'], scopes: wished })
  const post = await peer.createClient({ methods: ['client_secret_post'], scopes: wished })
  const keyed = await peer.createClient({
    methods: ['private_key_jwt'],
    keys: [pair.publicJwk],
    scopes: wished,
  })
  const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  const target: ClientOptions = {
    issuer: peer.issuer,
    audience,
    audienceStyle: 'resource',
    scope: 'api:read',
  }
  const told: readonly (readonly [string, ClientOptions])[] = [
    [basic.clientId, { clientSecret: basic.secret }],
    [post.clientId, { clientSecret: post.secret, secretIn: 'body' }],
    [keyed.clientId, { privateKey, kid: pair.kid }],
  ]
  for (const [clientId, proof] of told) {
    const client = createClient({ ...target, clientId, ...proof })
    const { value } = await client.token()
    const { claims } = decode(value)
    assert.deepEqual([claims['client_id'], claims['aud']], [clientId, audience])
    assert.equal(claims['scope'], 'api:read')
    client.close()
  }
  const wrong = createClient({ ...target, clientId: basic.clientId, clientSecret: 'wrong' })
  await assert.rejects(wrong.token(), (error) => {
    assert.ok(error instanceof ClientError)
    assert.deepEqual([error.reason, error.retryable], ['client_refused', false])
    return true
  })
  const lost = createClient({ ...target, clientId: basic.clientId, clientSecret: basic.secret })
  await assert.rejects(lost.token({ audience: 'https://nobody.example/' }), (error) => {
    assert.ok(error instanceof ClientError)
    assert.deepEqual([error.reason, error.error], ['request_refused', 'invalid_target'])
    return true
  })
})
