import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { assertE401, assertOk } from './kit/answers.ts'
import { askByAssertion, askWithAssertion, post } from './kit/ask.ts'
import { cPkj, makeKeyClient } from './kit/fixtures.ts'
import type { Answer } from './kit/http.ts'
import {
  type AssertionWish,
  assertionType,
  decode,
  makeAssertion,
  makePair,
  nowSeconds,
} from './kit/jwt.ts'
import { useDomain } from './kit/start-domain.ts'
import { type TestDomain, tokenPath } from './kit/test-domain.ts'
import { withRestarts } from './kit/with-restarts.ts'

const domain = await useDomain()
const client = await cPkj(domain)
const ask = (wish: AssertionWish = {}): Promise<Answer> => askByAssertion(domain, client, wish)
const claims = (more: Readonly<Record<string, unknown>>): Promise<Answer> => ask({ claims: more })
const now = nowSeconds

/** On a connection of its own, which either worker may take. */
const askAlone = (server: TestDomain, client_assertion: string): Promise<Answer> => {
  const form = { grant_type: 'client_credentials', client_assertion_type: assertionType }
  return post(server, tokenPath, { ...form, client_assertion }, { connection: 'close' })
}

describe('assertions are used once', () => {
  it('JA-16 a jti is used once, everywhere', () => {
    const environment = { MINTMARK_WORKERS: '2', MINTMARK_ISSUER: 'https://issuer.example' }
    return withRestarts({ environment }, async (server, restart) => {
      const signer = await makeKeyClient(server, [makePair('ES256')])
      const make = (more: AssertionWish['claims'] = {}) =>
        makeAssertion(signer, server.issuer, signer.pair, { claims: more })
      const assertion = make()
      const race = Array.from({ length: 12 }, () => askAlone(server, assertion))
      const statuses = (await Promise.all(race)).map(({ status }) => status).toSorted()
      assert.deepEqual(statuses, [200, ...Array.from({ length: 11 }, () => 401)])
      assertE401(await askWithAssertion(server, assertion))
      // another assertion with the jti of the first one
      const { jti } = decode(assertion).claims
      assertE401(await askWithAssertion(server, make({ jti, exp: now() + 90 })))
      const again = await restart({ signal: 'SIGKILL' })
      assertE401(await askWithAssertion(again, assertion))
      assertOk(await askWithAssertion(again, make()))
    })
  })

  it('JA-16 of two clients each has jti of its own; a refused one is not used up', async () => {
    const other = await makeKeyClient(domain, [makePair('ES256')])
    const jti = randomUUID()
    const mine = makeAssertion(client, domain.issuer, client.pair, { claims: { jti } })
    const refused = mine.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
    assertE401(await askWithAssertion(domain, `${refused.slice(0, -8)}AAAAAAAA`))
    assertOk(await askWithAssertion(domain, mine))
    assertOk(await askByAssertion(domain, other, { claims: { jti } }))
    assertE401(await askByAssertion(domain, other, { claims: { jti } }))
  })

  it('JA-16 without a jti an assertion holds until it expires', async () => {
    const assertion = makeAssertion(client, domain.issuer, client.pair, {
      claims: { jti: undefined },
    })
    assertOk(await askWithAssertion(domain, assertion))
    assertOk(await askWithAssertion(domain, assertion))
    for (const jti of ['', 7, null, [], 'x'.repeat(5000)]) assertE401(await claims({ jti }))
  })
})
