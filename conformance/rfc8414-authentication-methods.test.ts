import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { assertE401, assertOk } from './kit/answers.ts'
import {
  askByAssertion,
  askSecurely,
  askToken,
  askTokenInBody,
  askWithAssertion,
  post,
} from './kit/ask.ts'
import {
  cBasic,
  cPkj,
  cPost,
  cSelf,
  cSjwt,
  cTls,
  makeClient,
  makeKeyClient,
} from './kit/fixtures.ts'
import { type Answer, send } from './kit/http.ts'
import { assertionClaims, compact, macBytes, makePair, type SigningPair } from './kit/jwt.ts'
import { useMintmark } from './kit/start-domain.ts'
import { type Client, tokenPath } from './kit/test-domain.ts'

const domain = await useMintmark()

const listed = async (member: string): Promise<readonly string[]> => {
  const url = `${domain.url}/.well-known/oauth-authorization-server`
  const { json } = await send({ url, method: 'GET' })
  return json?.[member] as readonly string[]
}

const macAssertion = (client: Client, alg: string): string =>
  compact({ alg }, assertionClaims(client.clientId, domain.issuer), (input) =>
    macBytes(alg, client.secret, input),
  )

/** How each method proves a client that is registered for it. */
const proofs: Readonly<Record<string, () => Promise<Answer>>> = {
  client_secret_basic: async () => askToken(domain, await cBasic(domain)),
  client_secret_post: async () => askTokenInBody(domain, await cPost(domain)),
  client_secret_jwt: async () =>
    askWithAssertion(domain, macAssertion(await cSjwt(domain), 'HS256')),
  private_key_jwt: async () => askByAssertion(domain, await cPkj(domain)),
  tls_client_auth: async () => {
    const { clientId, shown } = await cTls(domain, 'subject_dn')
    return askSecurely(domain, { client_id: clientId }, { shown })
  },
  self_signed_tls_client_auth: async () => {
    const { clientId, shown } = await cSelf(domain)
    return askSecurely(domain, { client_id: clientId }, { shown })
  },
}

test('MD-07 the methods listed are the methods there are', async () => {
  const methods = await listed('token_endpoint_auth_methods_supported')
  deepEqual(methods.toSorted(), Object.keys(proofs).toSorted())
})

for (const [method, prove] of Object.entries(proofs)) {
  test(`MD-07 ${method} is listed and works`, async () => {
    assertOk(await prove())
  })
}

test('MD-07 none is not listed and does not work', async () => {
  const methods = await listed('token_endpoint_auth_methods_supported')
  ok(!methods.includes('none'))
  const { clientId } = await cBasic(domain)
  assertE401(
    await post(domain, tokenPath, { grant_type: 'client_credentials', client_id: clientId }),
  )
})

const rsa = makePair('RS256', { kid: 'rsa', alg: undefined })
const pairFor = (alg: string): SigningPair =>
  /^[RP]S/.test(alg)
    ? { ...rsa, alg }
    : makePair(alg.startsWith('Ed') ? 'Ed25519' : alg, { kid: alg, alg: undefined })

test('MD-08 every algorithm that is listed works; none is not among them', async () => {
  const algorithms = await listed('token_endpoint_auth_signing_alg_values_supported')
  ok(algorithms.includes('RS256'))
  for (const alg of ['PS256', 'ES256', 'Ed25519']) ok(algorithms.includes(alg), alg)
  ok(!algorithms.some((alg) => alg.toLowerCase() === 'none'))
  equal(new Set(algorithms).size, algorithms.length)
  const signing = algorithms.filter((alg) => !alg.startsWith('HS'))
  const pairs = signing.map(pairFor)
  const kids = new Map(pairs.map((pair) => [pair.kid, pair]))
  const client = await makeKeyClient(domain, [...kids.values()])
  for (const [at, alg] of signing.entries()) {
    const answer = await askByAssertion(domain, client, {}, { ...(pairs[at] as SigningPair), alg })
    equal(answer.status, 200, `${alg}: ${answer.text}`)
  }
})

test('MD-08 every MAC that is listed works with a secret that is long enough', async () => {
  const algorithms = await listed('token_endpoint_auth_signing_alg_values_supported')
  const macs = algorithms.filter((alg) => alg.startsWith('HS'))
  ok(macs.includes('HS256'))
  // The longest hash has 64 bytes, and a key as long (RFC 7518 §3.2).
  const secret = 'a-secret-of-at-least-sixty-four-bytes-for-HS512.'.repeat(2)
  const client = await makeClient(domain, { methods: ['client_secret_jwt'], secret })
  for (const alg of macs) {
    const answer = await askWithAssertion(domain, macAssertion(client, alg))
    equal(answer.status, 200, `${alg}: ${answer.text}`)
  }
})
