import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { assertE400, assertE401, assertOk } from './kit/answers.ts'
import { askByAssertion, askWithAssertion, post } from './kit/ask.ts'
import { cBasic, cPkj, makeKeyClient } from './kit/fixtures.ts'
import type { Answer } from './kit/http.ts'
import { type AssertionWish, assertionType, makeAssertion, makePair } from './kit/jwt.ts'
import { ours, useDomain } from './kit/start-domain.ts'
import { introspectionPath, revocationPath, tokenPath } from './kit/test-domain.ts'

const domain = await useDomain()
const client = await cPkj(domain)
const ask = (wish: AssertionWish = {}): Promise<Answer> => askByAssertion(domain, client, wish)

describe('assertions beside other parameters', () => {
  it('JA-01 an assertion alone is enough', async () => {
    assertOk(await ask())
  })

  it('JA-02 client_id beside it names the same client', async () => {
    const assertion = () => makeAssertion(client, domain.issuer, client.pair)
    assertOk(await askWithAssertion(domain, assertion(), { client_id: client.clientId }))
    const other = await cBasic(domain)
    assertE401(await askWithAssertion(domain, assertion(), { client_id: other.clientId }))
    assertE401(await askWithAssertion(domain, assertion(), { client_id: randomUUID() }))
  })

  it('JA-02 no client speaks for another with a key of its own', async () => {
    const other = await makeKeyClient(domain, [makePair('ES256')])
    const { pair } = other
    const client_id = client.clientId
    const asOther = makeAssertion(other, domain.issuer, pair)
    assertE401(await askWithAssertion(domain, asOther, { client_id }))
    const subject = { sub: client_id }
    const mixed = makeAssertion(other, domain.issuer, pair, { claims: subject })
    assertE401(await askWithAssertion(domain, mixed))
    const forged = makeAssertion(client, domain.issuer, pair, { header: { kid: client.pair.kid } })
    assertE401(await askWithAssertion(domain, forged))
  })

  it('JA-03 the assertion type is there and known', async () => {
    const form = { grant_type: 'client_credentials' }
    const client_assertion = makeAssertion(client, domain.issuer, client.pair)
    assertE400(await post(domain, tokenPath, { ...form, client_assertion }), 'invalid_request')
    for (const client_assertion_type of [
      'urn:foo',
      `${assertionType} `,
      assertionType.toUpperCase(),
    ]) {
      const answer = await post(domain, tokenPath, {
        ...form,
        client_assertion,
        client_assertion_type,
      })
      assertE400(answer, 'invalid_request', 'invalid_client')
    }
  })

  it('JA-04 a type without an assertion is refused', async () => {
    const form = { grant_type: 'client_credentials', client_assertion_type: assertionType }
    assertE400(await post(domain, tokenPath, form), 'invalid_request')
    assertE400(await post(domain, tokenPath, { ...form, client_assertion: '' }), 'invalid_request')
    const named = { ...form, client_id: client.clientId }
    assertE400(await post(domain, tokenPath, named), 'invalid_request')
  })

  it('JA-23 one assertion a request', async () => {
    const [first, second] = [1, 2].map(() => makeAssertion(client, domain.issuer, client.pair))
    const twice = [
      ['grant_type', 'client_credentials'],
      ['client_assertion_type', assertionType],
      ['client_assertion', first as string],
      ['client_assertion', second as string],
    ] as const
    assertE400(await post(domain, tokenPath, twice), 'invalid_request')
    assertE401(await askWithAssertion(domain, `${first} ${second}`))
    assertOk(await askWithAssertion(domain, first as string))
  })

  it('JA-25 the same rule at introspection and revocation', async () => {
    const caller = await makeKeyClient(ours(domain), [makePair('ES256')], {
      operations: ['introspect'],
    })
    const proof = (audience: string) => ({
      client_assertion_type: assertionType,
      client_assertion: makeAssertion(caller, audience, caller.pair),
    })
    const token = assertOk(await askByAssertion(domain, caller))
    const active = await post(domain, introspectionPath, { token, ...proof(domain.issuer) })
    assert.equal(active.json?.['active'], true, active.text)
    for (const path of [introspectionPath, revocationPath]) {
      const endpoint = domain.url + path
      assertE401(await post(domain, path, { token, ...proof(endpoint) }))
    }
    const ended = await post(domain, revocationPath, { token, ...proof(domain.issuer) })
    assert.equal(ended.status, 200, ended.text)
  })
})
