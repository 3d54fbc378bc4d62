import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { after, test } from 'node:test'
import { type ClientOptions, createClient } from '@mintmark/client'
import type { GuardOptions } from '@mintmark/guard/guard-options'
import { assertOk } from './kit/answers.ts'
import { askToken } from './kit/ask.ts'
import { askWithProof, makeProof, type ProofWish } from './kit/dpop.ts'
import { serverKinds, startGuardedApi } from './kit/guarded-api.ts'
import { type Call, send } from './kit/http.ts'
import { makePair, nowSeconds, pairOf } from './kit/jwt.ts'
import { startMintmark } from './kit/mintmark-domain.ts'
import { sendRaw } from './kit/raw-socket.ts'
import { useMintmark } from './kit/start-domain.ts'

const domain = await useMintmark()
const audience = 'https://orders.example/'
const scopes = ['orders.read', 'orders.write']
await domain.createApi({ audience, scopes, profile: 'rfc9068' })
const client = await domain.createClient({ scopes: scopes.map((each) => audience + each) })
const pair = makePair('ES256')

/** How callers reach the API; it is behind something that they do not see. */
const publicUrl = 'https://api.example'
const target = { url: `${publicUrl}/orders`, method: 'GET' }
const base: GuardOptions = { issuer: domain.issuer, audience, allowHttp: true }

const useApi = async (more: Partial<GuardOptions>, kind: (typeof serverKinds)[number]) => {
  const api = await startGuardedApi(kind, { ...base, ...more })
  after(() => api.stop())
  return api
}

const api = await useApi({ dpop: { url: publicUrl } }, 'node:http')
const token = assertOk(await askWithProof(domain, client, {}, pair))
const bearer = assertOk(await askToken(domain, client))

const call = (headers: NonNullable<Call['headers']>, path = '/orders', at = api) =>
  send({ url: at.url + path, method: 'GET', headers })

const show = (wish: ProofWish = {}, path?: string) =>
  call({ authorization: `DPoP ${token}`, dpop: makeProof(pair, target, { token, ...wish }) }, path)

const challengeOf = (answer: Awaited<ReturnType<typeof call>>): string =>
  String(answer.headers['www-authenticate'])

const assertProofRefused = (answer: Awaited<ReturnType<typeof call>>) => {
  equal(answer.status, 401)
  match(challengeOf(answer), /^DPoP [^,]*, error="invalid_dpop_proof"/)
}

const assertTokenRefused = (answer: Awaited<ReturnType<typeof call>>) => {
  equal(answer.status, 401)
  match(challengeOf(answer), /error="invalid_token"/)
}

test('DP-24 a bound token with a proof is accepted, by every kind of server', async () => {
  for (const kind of serverKinds) {
    const each = await useApi({ dpop: { url: publicUrl } }, kind)
    const dpop = makeProof(pair, target, { token })
    const fields = { authorization: `DPoP ${token}`, dpop }
    const answer = await call(fields, '/orders', each)
    deepEqual([kind, answer.status, answer.json?.['client']], [kind, 200, client.clientId])
    assertProofRefused(await call(fields, '/orders', each))
    assertProofRefused(await call({ authorization: `DPoP ${token}` }, '/orders', each))
    assertTokenRefused(await call({ authorization: `Bearer ${token}` }, '/orders', each))
  }
})

test('DP-24 a proof is for one method and one address', async () => {
  assertProofRefused(await show({ claims: { htm: 'POST' } }))
  assertProofRefused(await show({ claims: { htu: `${publicUrl}/other` } }))
  assertProofRefused(await show({ claims: { htu: `${api.url}/orders` } }))
  assertProofRefused(await show({}, '/any'))
  equal((await show({}, '/orders?all=1')).status, 200)
  equal((await show({ claims: { htu: `${publicUrl}/orders?x=1#y` } })).status, 200)
  equal((await show({ claims: { htu: 'HTTPS://API.Example:443/orders' } })).status, 200)
})

test('FA-03 the scheme has no case', async () => {
  for (const scheme of ['dpop', 'DPOP', 'dPoP']) {
    const dpop = makeProof(pair, target, { token })
    equal((await call({ authorization: `${scheme} ${token}`, dpop })).status, 200)
  }
})

test('DP-25 a proof is for one token', async () => {
  const second = assertOk(await askWithProof(domain, client, {}, pair))
  assertProofRefused(await show({ claims: { ath: undefined } }))
  assertProofRefused(await show({ token: second }))
  assertProofRefused(await show({ claims: { ath: '' } }))
})

test('DP-26 a stolen token is nothing without its key', async () => {
  const thief = makePair('ES256')
  const dpop = makeProof(thief, target, { token })
  assertTokenRefused(await call({ authorization: `DPoP ${token}`, dpop }))
  const jwk = pair.publicJwk
  const forged = makeProof(thief, target, { token, header: { jwk } })
  assertProofRefused(await call({ authorization: `DPoP ${token}`, dpop: forged }))
})

test('DP-27 a bound token is no bearer token, proof or not', async () => {
  assertTokenRefused(await call({ authorization: `Bearer ${token}` }))
  const dpop = makeProof(pair, target, { token })
  assertTokenRefused(await call({ authorization: `Bearer ${token}`, dpop }))
})

test('DP-28 a bearer token is no bound token', async () => {
  const dpop = makeProof(pair, target, { token: bearer })
  assertTokenRefused(await call({ authorization: `DPoP ${bearer}`, dpop }))
  equal((await call({ authorization: `Bearer ${bearer}` })).status, 200)
})

test('DP-29 DP-31 one challenge for each scheme, an error in the one that was used', async () => {
  const algs = /, algs="ES256 PS256 Ed25519 EdDSA"/
  const none = challengeOf(await call({}))
  match(none, /^Bearer realm="api", .*DPoP realm="api", /)
  match(none, algs)
  ok(!none.includes('error='))
  const wrong = challengeOf(await call({ authorization: `DPoP ${token}` }))
  match(wrong, algs)
  equal(wrong.split('error=').length, 2)
})

test('DP-30 an API can ask for nonces', async () => {
  const asking = await useApi({ dpop: { url: publicUrl, nonces: true } }, 'node:http')
  const ask = (nonce?: string) =>
    call(
      {
        authorization: `DPoP ${token}`,
        dpop: makeProof(pair, target, { token, claims: { nonce } }),
      },
      '/orders',
      asking,
    )
  const refused = await ask()
  equal(refused.status, 401)
  match(challengeOf(refused), /^DPoP .*error="use_dpop_nonce"/)
  const nonce = String(refused.headers['dpop-nonce'])
  equal((await ask(nonce)).status, 200)
  equal((await ask('another')).status, 401)
})

test('PR-04 the metadata of an API says what it takes', async () => {
  const read = async (more: Partial<GuardOptions>) => {
    const each = await useApi({ resource: publicUrl, ...more }, 'node:http')
    const url = `${each.url}/.well-known/oauth-protected-resource`
    return (await send({ url, method: 'GET' })).json ?? {}
  }
  const plain = await read({})
  for (const name of Object.keys(plain)) ok(!/dpop|tls/.test(name), name)
  const some = await read({ dpop: { url: publicUrl } })
  deepEqual(some['dpop_signing_alg_values_supported'], ['ES256', 'PS256', 'Ed25519', 'EdDSA'])
  ok(!('dpop_bound_access_tokens_required' in some))
  const all = await read({
    dpop: { url: publicUrl, required: true },
    certificates: { from: 'handshake', required: true },
  })
  equal(all['dpop_bound_access_tokens_required'], true)
  equal(all['tls_client_certificate_bound_access_tokens'], true)
})

test('FA-04 FA-05 FA-06 proofs with nbf and exp, and clocks ten seconds off', async () => {
  const now = nowSeconds()
  equal((await show({ claims: { nbf: now, exp: now + 300 } })).status, 200)
  for (const seconds of [-10, 10]) {
    equal((await show({ claims: { iat: now + seconds } })).status, 200)
  }
})

test('FA-14 what a proof must not be', async () => {
  const headers = ['typ', 'alg', 'jwk'].map((name) => ({ header: { [name]: undefined } }))
  const claims = ['jti', 'htm', 'htu', 'iat'].map((name) => ({ claims: { [name]: undefined } }))
  const hour = [-3600, 3600].map((seconds) => ({ claims: { iat: nowSeconds() + seconds } }))
  const { privateKey } = pair
  const others = [
    { header: { typ: 'JWT' } },
    { header: { alg: 'none' } },
    { header: { jwk: { ...privateKey.export({ format: 'jwk' }) } } },
  ]
  for (const wish of [...headers, ...claims, ...hour, ...others]) {
    assertProofRefused(await show(wish))
  }
  const rsa = pairOf('RS256', makePair('PS256').privateKey)
  const dpop = makeProof(rsa, target, { token })
  assertProofRefused(await call({ authorization: `DPoP ${token}`, dpop }))
  const proof = makeProof(pair, target, { token })
  const answer = await sendRaw(
    api.url,
    `GET /orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: DPoP ${token}\r\n` +
      `DPoP: ${proof}\r\nDPoP: ${makeProof(pair, target, { token })}\r\n\r\n`,
  )
  match(answer, /^HTTP\/1\.1 401 /)
})

/** The client of the SDK, with what it sends to the API taken to where the API listens. */
const clientOf = (more: ClientOptions, at = api, issuer = domain.issuer) => {
  const sent: string[] = []
  const made = createClient({
    issuer,
    clientId: client.clientId,
    clientSecret: client.secret,
    audience,
    scope: 'orders.read',
    allowedOrigins: [publicUrl],
    fetch: (url, init) => {
      sent.push(String(new Headers(init.headers).get('authorization')).split(' ', 1)[0] ?? '')
      return fetch(url.replace(publicUrl, at.url), init)
    },
    ...more,
  })
  after(() => made.close())
  return { made, sent }
}

test('DP-24 the client gets bound tokens and shows them, each time with a new proof', async () => {
  const pems = ['ES256', 'PS256', 'Ed25519'].map((alg) =>
    String(makePair(alg).privateKey.export({ format: 'pem', type: 'pkcs8' })),
  )
  const jwk = makePair('ES256').privateKey.export({ format: 'jwk' }) as { kty: string }
  for (const dpop of [true, jwk, ...pems]) {
    const { made, sent } = clientOf({ dpop })
    equal((await made.token()).type, 'DPoP')
    for (let times = 0; times < 3; times += 1) {
      equal((await made.fetch(`${publicUrl}/orders?page=${times}`)).status, 200)
    }
    deepEqual(sent, ['DPoP', 'DPoP', 'DPoP'])
  }
})

test('DP-17 DP-30 the client finds its way through the nonces of both', async () => {
  const own = await startMintmark({ environment: { MINTMARK_DPOP_NONCES: 'required' } })
  try {
    await own.createApi({ audience, scopes, profile: 'rfc9068' })
    const bound = await own.createClient({
      scopes: scopes.map((each) => audience + each),
      dpopBoundTokens: true,
    })
    const asking = await useApi(
      { issuer: own.issuer, dpop: { url: publicUrl, nonces: true, required: true } },
      'Express 5',
    )
    const credentials = { clientId: bound.clientId, clientSecret: bound.secret }
    const { made, sent } = clientOf({ ...credentials, dpop: true }, asking, own.issuer)
    for (let times = 0; times < 3; times += 1) {
      equal((await made.fetch(`${publicUrl}/orders`)).status, 200)
    }
    equal(sent.length, 4, 'one more request, for the nonce')
    const plain = clientOf(credentials, asking, own.issuer)
    await rejects(plain.made.token(), /invalid_dpop_proof/)
  } finally {
    await own.stop()
  }
})
