/**
 * The reason that only the operator reads: for refusals which look alike from outside, the log
 * says which it was. One request for each reason that no other test names.
 */
import { equal, match, ok } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { askByAssertion, askToken, basicOf, post } from './kit/ask.ts'
import { askWithProof, makeProof, tokenTarget } from './kit/dpop.ts'
import { cPkj, makeClient, makeKeyClient } from './kit/fixtures.ts'
import { type Answer, form, formHeaders, send } from './kit/http.ts'
import { type AssertionWish, makePair, nowSeconds } from './kit/jwt.ts'
import { useKeyServer } from './kit/key-server.ts'
import { logLineOf } from './kit/log-line.ts'
import { refusedClients, strangerSecret } from './kit/refused-clients.ts'
import { startOurs, useMintmark } from './kit/start-domain.ts'
import { introspectionPath, type TestDomain, tokenPath } from './kit/test-domain.ts'

const domain = await useMintmark({ environment: { MINTMARK_KEY_SETS_PRIVATE: 'true' } })
const keyServer = await useKeyServer()
const client = await makeClient(domain)
const signer = await cPkj(domain)
const grant = { grant_type: 'client_credentials' }

const reasonOf = async (answer: Answer, of: TestDomain = domain): Promise<unknown> =>
  (await logLineOf(of, answer))['reason']

const askSigned = (wish: AssertionWish) => askByAssertion(domain, signer, wish)
const askClaims = (claims: AssertionWish['claims'] & object) => askSigned({ claims })
const now = nowSeconds

const assertions: readonly [reason: string, ask: () => Promise<Answer>][] = [
  ['ASSERTION_TYP_REFUSED', () => askSigned({ header: { typ: 'at+jwt' } })],
  ['ASSERTION_ISSUER_WRONG', () => askClaims({ iss: 'other' })],
  ['ASSERTION_SUBJECT_WRONG', () => askClaims({ sub: [signer.clientId] })],
  ['ASSERTION_AUDIENCE_WRONG', () => askClaims({ aud: 'https://other' })],
  ['ASSERTION_TIME_MALFORMED', () => askClaims({ exp: undefined })],
  ['ASSERTION_EXPIRED', () => askClaims({ iat: now() - 200, exp: now() - 100 })],
  ['ASSERTION_NOT_YET_VALID', () => askClaims({ nbf: now() + 200, exp: now() + 250 })],
  ['ASSERTION_LIFETIME_TOO_LONG', () => askClaims({ exp: now() + 86_400 })],
  [
    'ASSERTION_SIGNATURE_INVALID',
    () => askByAssertion(domain, signer, {}, { ...makePair('ES256'), kid: signer.pair.kid }),
  ],
  ['ASSERTION_KEY_UNKNOWN', () => askSigned({ header: { kid: 'no key of this client' } })],
  [
    'ASSERTION_ALGORITHM_REFUSED',
    async () => {
      const pairs = [makePair('ES256'), makePair('RS256')]
      const pinned = await makeKeyClient(domain, pairs, { assertionAlgorithm: 'ES256' })
      return askByAssertion(domain, pinned, {}, pairs[1])
    },
  ],
  [
    'ASSERTION_KEYS_UNREACHABLE',
    async () => {
      keyServer.serve('/broken', (response) => response.writeHead(500).end())
      const jwksUri = `${keyServer.url}/broken`
      const remote = await makeClient(domain, { methods: ['private_key_jwt'], jwksUri })
      return askByAssertion(domain, { ...remote, pair: makePair('ES256') })
    },
  ],
  [
    'ASSERTION_REPLAYED',
    async () => {
      const claims = { jti: 'used twice' }
      equal((await askClaims(claims)).status, 200)
      return askClaims(claims)
    },
  ],
]

describe('an assertion that is refused', () => {
  for (const [reason, ask] of assertions) {
    it(reason, async () => {
      const answer = await ask()
      equal(answer.json?.['error'], 'invalid_client')
      equal(await reasonOf(answer), reason)
    })
  }
})

describe('a secret that is refused', async () => {
  const refused = await refusedClients(domain)
  const cases: readonly [reason: string, what: string][] = [
    ['NOT_A_SECRET', 'secret of another form'],
    ['SECRET_OF_OTHER_APP', 'secret of another client'],
    ['MISTYPED_SECRET', 'wrong secret'],
    ['OLD_SECRET', 'secret that was rotated out'],
    ['CLIENT_UNKNOWN', 'unknown client'],
    ['CLIENT_INACTIVE', 'deactivated client, right secret'],
  ]
  for (const [reason, what] of cases) {
    it(`${reason}: ${what}`, async () => {
      const credentials = refused[what]
      ok(credentials !== undefined)
      const line = await logLineOf(domain, await askToken(domain, credentials()))
      equal(line['reason'], reason)
    })
  }

  it('the operator is told more than the reason, and no secret', async () => {
    const wrong = strangerSecret()
    const line = await logLineOf(domain, await askToken(domain, { ...client, secret: wrong }))
    match(JSON.stringify(line), /checksum does not match/)
    equal(JSON.stringify(line).includes(wrong), false)
  })
})

describe('a request that is none', () => {
  const body = form(grant)
  const url = domain.url + tokenPath
  it('METHOD_NOT_ALLOWED', async () => {
    const answer = await send({ url, method: 'GET', headers: basicOf(client) })
    equal(answer.status, 405)
    equal(await reasonOf(answer), 'METHOD_NOT_ALLOWED')
  })
  it('PATH_UNKNOWN', async () => {
    const answer = await post(domain, '/oauth/token', grant, basicOf(client))
    equal(answer.status, 404)
    match(String(answer.json?.['error_description']), /no endpoint at this path/)
  })
  it('BODY_NOT_FORM', async () => {
    const headers = { ...basicOf(client), 'content-type': 'application/json' }
    equal(await reasonOf(await send({ url, headers, body: '{}' })), 'BODY_NOT_FORM')
  })
  it('PATH_ONLY_READ', async () => {
    const answer = await send({ url: `${domain.url}/healthz`, headers: formHeaders(), body })
    equal(answer.status, 405)
    match(String(answer.json?.['error_description']), /only read/)
  })
  it('BODY_CHARSET_UNSUPPORTED', async () => {
    const type = 'application/x-www-form-urlencoded; charset=utf-16'
    const headers = formHeaders({ ...basicOf(client), 'content-type': type })
    equal(await reasonOf(await send({ url, headers, body })), 'BODY_CHARSET_UNSUPPORTED')
  })
  it('BODY_CODING_UNSUPPORTED', async () => {
    const headers = formHeaders({ ...basicOf(client), 'content-encoding': 'gzip' })
    equal(await reasonOf(await send({ url, headers, body })), 'BODY_CODING_UNSUPPORTED')
  })
  it('BODY_TOO_LARGE', async () => {
    const large = `${body}&x=${'x'.repeat(200_000)}`
    const answer = await send({ url, headers: formHeaders(basicOf(client)), body: large })
    equal(answer.status, 413)
    equal(await reasonOf(answer), 'BODY_TOO_LARGE')
  })
  it('HEADER_REPEATED', async () => {
    const headers = formHeaders({ ...basicOf(client), 'client-cert': [':AA==:', ':AA==:'] })
    equal(await reasonOf(await send({ url, headers, body })), 'HEADER_REPEATED')
  })
})

describe('a proof of possession that is refused', () => {
  it('DPOP_SIGNATURE_INVALID', async () => {
    const [one, other] = [makePair('ES256'), makePair('ES256')]
    const proof = makeProof({ ...one, privateKey: other.privateKey }, tokenTarget(domain))
    const answer = await askToken(domain, client, {}, { DPoP: proof })
    equal(await reasonOf(answer), 'DPOP_SIGNATURE_INVALID')
  })
  it('DPOP_REPLAYED', async () => {
    const pair = makePair('ES256')
    const wish = { claims: { jti: 'used twice' } }
    equal((await askWithProof(domain, client, wish, pair)).status, 200)
    equal(await reasonOf(await askWithProof(domain, client, wish, pair)), 'DPOP_REPLAYED')
  })
})

describe('not now', () => {
  it('TOO_MANY_ATTEMPTS and RATE_LIMITED', async () => {
    const strict = await startOurs({
      exempt: false,
      environment: { MINTMARK_RATE_LIMIT_REQUESTS: '20' },
    })
    try {
      const guessed = await makeClient(strict)
      const wrong = { ...guessed, secret: strangerSecret() }
      let answer = await askToken(strict, wrong)
      for (let at = 0; at < 20 && answer.status === 401; at += 1) {
        answer = await askToken(strict, wrong)
      }
      equal(answer.status, 429)
      equal(await reasonOf(answer, strict), 'TOO_MANY_ATTEMPTS')
      const eager = await makeClient(strict)
      for (let at = 0; at < 40; at += 1) {
        answer = await askToken(strict, eager)
        if (answer.status !== 200) break
      }
      equal(answer.status, 429)
      equal(await reasonOf(answer, strict), 'RATE_LIMITED')
    } finally {
      await strict.stop()
    }
  })

  it('TOKEN_MISSING', async () => {
    const answer = await post(domain, introspectionPath, {}, basicOf(client))
    equal(await reasonOf(answer), 'TOKEN_MISSING')
  })
})
