import assert from 'node:assert/strict'
import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { test } from 'node:test'
import type { ClientOptions } from './client-options.ts'
import { createClient } from './create-client.ts'
import {
  makeWorld,
  type Reply,
  type Seen,
  startIssuer,
  startTestServer,
  type TestServer,
  tokenPath,
  tokenReply,
} from './test-server.ts'

const bound = (): Reply => tokenReply({ token_type: 'DPoP' })
const nonceWanted = (nonce: string): Reply => ({
  status: 400,
  headers: { 'dpop-nonce': nonce },
  body: { error: 'use_dpop_nonce' },
})

interface Proof {
  readonly header: { readonly jwk: Record<string, string>; readonly [name: string]: unknown }
  readonly claims: Readonly<Record<string, unknown>>
}

/** The proof of a request, its signature checked. */
const proofOf = (seen: Seen | undefined): Proof => {
  const text = String(seen?.headers['dpop'])
  const [header = '', claims = '', signature = ''] = text.split('.')
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
  const proof: Proof = { header: read(header), claims: read(claims) }
  const key = createPublicKey({ key: proof.header.jwk, format: 'jwk' })
  const data = Buffer.from(`${header}.${claims}`)
  const bytes = Buffer.from(signature, 'base64url')
  assert.ok(verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, bytes))
  assert.ok(!('d' in proof.header.jwk))
  return proof
}

const optionsFor = (server: TestServer, more: ClientOptions = {}): ClientOptions => ({
  issuer: server.url,
  clientId: 'caller',
  clientSecret: 'secret',
  dpop: true,
  ...more,
})

const using = async (
  onToken: (seen: Seen) => Reply,
  use: (server: TestServer) => Promise<void>,
): Promise<void> => {
  const server = await startIssuer(onToken)
  try {
    await use(server)
  } finally {
    await server.close()
  }
}

test('a token is asked for with a proof, each time a new one by the same key', () =>
  using(bound, async (server) => {
    const client = createClient(optionsFor(server), makeWorld())
    assert.equal((await client.token()).type, 'DPoP')
    await client.token({ scope: 'other' })
    const [first, second] = server.at(tokenPath).map(proofOf)
    assert.equal(first?.claims['htm'], 'POST')
    assert.equal(first?.claims['htu'], `${server.url}${tokenPath}`)
    assert.ok(!('ath' in (first?.claims ?? {})))
    assert.notEqual(first?.claims['jti'], second?.claims['jti'])
    assert.deepEqual(first?.header.jwk, second?.header.jwk)
    client.close()
  }))

test('two clients have two keys; a key of the caller is used as it is', () =>
  using(bound, async (server) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const pem = String(privateKey.export({ format: 'pem', type: 'pkcs8' }))
    for (const dpop of [true, true, pem]) {
      const client = createClient(optionsFor(server, { dpop }), makeWorld())
      await client.token()
      client.close()
    }
    const [one, two, own] = server.at(tokenPath).map((seen) => proofOf(seen).header.jwk)
    assert.notDeepEqual(one, two)
    assert.equal(own?.['x'], publicKey.export({ format: 'jwk' }).x)
  }))

test('a bearer token in answer to a proof is not taken; without dpop no bound one', async () => {
  await using(
    () => tokenReply(),
    async (server) => {
      const client = createClient(optionsFor(server), makeWorld())
      await assert.rejects(client.token(), { reason: 'answer_unreadable' })
      client.close()
    },
  )
  await using(bound, async (server) => {
    const client = createClient(optionsFor(server, { dpop: false }), makeWorld())
    await assert.rejects(client.token(), { reason: 'answer_unreadable' })
    assert.equal(server.at(tokenPath)[0]?.headers['dpop'], undefined)
    client.close()
  })
})

test('a nonce is taken over at once, and a server that never takes it is left alone', async () => {
  const answers = [nonceWanted('one'), nonceWanted('two')]
  await using(
    () => answers.shift() ?? bound(),
    async (server) => {
      const client = createClient(optionsFor(server), makeWorld())
      await client.token()
      const nonces = server.at(tokenPath).map((seen) => proofOf(seen).claims['nonce'])
      assert.deepEqual(nonces, [undefined, 'one', 'two'])
      client.close()
    },
  )
  await using(
    () => nonceWanted('never'),
    async (server) => {
      const client = createClient(optionsFor(server), makeWorld())
      await assert.rejects(client.token(), { error: 'use_dpop_nonce' })
      assert.equal(server.at(tokenPath).length, 3)
      client.close()
    },
  )
})

test('a clock that is off is corrected when a proof is refused', () => {
  const serverMs = Date.now() + 3_600_000
  const answer = (seen: Seen): Reply => {
    const isLate = Math.abs(Number(proofOf(seen).claims['iat']) * 1000 - serverMs) > 60_000
    const headers = { date: new Date(serverMs).toUTCString() }
    return isLate
      ? { status: 400, headers, body: { error: 'invalid_dpop_proof' } }
      : { ...bound(), headers }
  }
  return using(answer, async (server) => {
    const client = createClient(optionsFor(server))
    assert.equal((await client.token()).type, 'DPoP')
    assert.equal(server.at(tokenPath).length, 2)
    client.close()
  })
})

test('at an API each hop has a proof of its own, with the digest of the token', () =>
  using(bound, async (server) => {
    const api = await startTestServer((seen, own) => {
      if (seen.path === '/from?a=1') return { status: 307, headers: { location: '/to' } }
      const { nonce } = proofOf(seen).claims
      if (nonce === 'fresh') return { body: 'done' }
      const challenge = 'Bearer realm="x", DPoP error="use_dpop_nonce", algs="ES256"'
      const headers = { 'www-authenticate': challenge, 'dpop-nonce': 'fresh' }
      assert.ok(own.url)
      return { status: 401, headers }
    })
    const client = createClient(optionsFor(server, { allowedOrigins: [api.url] }))
    try {
      const response = await client.fetch(`${api.url}/from?a=1`, { method: 'POST', body: 'x' })
      assert.equal(await response.text(), 'done')
      const [from, to, again] = api.seen
      const digest = createHash('sha256')
        .update((await client.token()).value)
        .digest('base64url')
      for (const [seen, path] of [[from, '/from'] as const, [to, '/to'] as const]) {
        const { claims } = proofOf(seen)
        assert.deepEqual(
          [claims['htm'], claims['htu'], claims['ath']],
          ['POST', `${api.url}${path}`, digest],
        )
        assert.match(String(seen?.headers.authorization), /^DPoP /)
      }
      assert.equal(proofOf(again).claims['nonce'], 'fresh')
      assert.equal(again?.body, 'x')
      const stream = new Response('y').body
      const next = await client.fetch(`${api.url}/to`, { method: 'POST', body: stream })
      assert.equal(next.status, 200, 'the nonce is known by now')
    } finally {
      client.close()
      await api.close()
    }
  }))

test('what cannot sign proofs is refused when the client is made', () => {
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
  const keys = [
    'no key',
    String(p384.export({ format: 'pem', type: 'pkcs8' })),
    { kty: 'oct', k: 'AAAA' },
  ]
  for (const dpop of keys) {
    const options = { issuer: 'https://id.example', clientId: 'a', clientSecret: 'b', dpop }
    assert.throws(() => createClient(options, makeWorld()), /dpop takes true/)
  }
})
