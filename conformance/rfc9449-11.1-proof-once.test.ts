import { deepEqual } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { assertE400, assertE401, assertOk } from './kit/answers.ts'
import { askToken, basicOf, post } from './kit/ask.ts'
import { makeProof, tokenTarget } from './kit/dpop.ts'
import { makeClient, makeKeyClient } from './kit/fixtures.ts'
import { assertionType, makeAssertion, makePair } from './kit/jwt.ts'
import { type Client, type TestDomain, tokenPath } from './kit/test-domain.ts'
import { withRestarts } from './kit/with-restarts.ts'

/** On a connection of its own, which either worker may take. */
const askAlone = (domain: TestDomain, client: Client, DPoP: string) => {
  const headers = { ...basicOf(client), DPoP, connection: 'close' }
  return post(domain, tokenPath, { grant_type: 'client_credentials' }, headers)
}

const workers = {
  MINTMARK_WORKERS: '2',
  // the address of proofs, which must outlive a change of ports here
  MINTMARK_URL: 'https://id.example',
}

test('DP-15 a proof is used once, by whichever worker, also after a crash', () =>
  withRestarts({ environment: workers }, async (domain, restart) => {
    const client = await makeClient(domain)
    const pair = makePair('ES256')
    const target = { url: 'https://id.example/oauth2/v1/token', method: 'POST' }
    const make = (jti: string = randomUUID()) => makeProof(pair, target, { claims: { jti } })
    const jti = randomUUID()
    const proof = make(jti)
    const race = Array.from({ length: 12 }, () => askAlone(domain, client, proof))
    const statuses = (await Promise.all(race)).map(({ status }) => status).toSorted()
    deepEqual(statuses, [200, ...Array.from({ length: 11 }, () => 400)])
    assertE400(await askAlone(domain, client, proof), 'invalid_dpop_proof')
    assertE400(await askAlone(domain, client, make(jti)), 'invalid_dpop_proof')
    assertOk(await askAlone(domain, client, make()))
    const again = await restart({ signal: 'SIGKILL' })
    assertE400(await askAlone(again, client, proof), 'invalid_dpop_proof')
    assertOk(await askAlone(again, client, make()))
  }))

test('DP-15 of two keys each has ids of its own; a refused request uses up no proof', () =>
  withRestarts({}, async (domain) => {
    const client = await makeClient(domain)
    const target = tokenTarget(domain)
    const claims = { jti: randomUUID() }
    const [one, two] = [makePair('ES256'), makePair('ES256')].map((pair) =>
      makeProof(pair, target, { claims }),
    ) as [string, string]
    assertE401(await askToken(domain, { ...client, secret: 'x' }, {}, { DPoP: one }))
    assertE400(await askToken(domain, client, { scope: 'none' }, { DPoP: one }), 'invalid_scope')
    assertOk(await askToken(domain, client, {}, { DPoP: one }))
    assertOk(await askToken(domain, client, {}, { DPoP: two }))
  }))

test('DP-15 which of two was used before is told: assertion or proof', () =>
  withRestarts({}, async (domain) => {
    const signer = await makeKeyClient(domain, [makePair('ES256')])
    const pair = makePair('ES256')
    const assert = () => makeAssertion(signer, domain.issuer, signer.pair)
    const prove = () => makeProof(pair, tokenTarget(domain))
    const ask = (client_assertion: string, DPoP: string) => {
      const form = { grant_type: 'client_credentials', client_assertion_type: assertionType }
      return post(domain, tokenPath, { ...form, client_assertion }, { DPoP })
    }
    const [assertion, proof] = [assert(), prove()]
    assertOk(await ask(assertion, proof))
    assertE400(await ask(assert(), proof), 'invalid_dpop_proof')
    assertE401(await ask(assertion, prove()))
    assertOk(await ask(assert(), prove()))
  }))
