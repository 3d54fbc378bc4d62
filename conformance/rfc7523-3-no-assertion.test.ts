import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { introspect, issue } from './kit/afterlife.ts'
import { assertE400, assertE401, assertOk } from './kit/answers.ts'
import { askWithAssertion, post } from './kit/ask.ts'
import { cBasic, cPkj, rs } from './kit/fixtures.ts'
import {
  assertionClaims,
  compact,
  encode,
  makeAssertion,
  nowSeconds,
  signBytes,
} from './kit/jwt.ts'
import { useDomain } from './kit/start-domain.ts'
import { type Client, tokenPath } from './kit/test-domain.ts'

const domain = await useDomain()
const client = await cPkj(domain)
const now = nowSeconds

describe('what is no assertion', () => {
  it('JA-24 a JWT of another kind is no assertion', async () => {
    assertE401(await askWithAssertion(domain, await issue(domain, await cBasic(domain))))
    const { pair } = client
    const sign = (header: object, payload: object) =>
      compact(header, payload, (input) => signBytes(pair.alg, pair.privateKey, input))
    const head = { alg: pair.alg, kid: pair.kid }
    const said = () => assertionClaims(client.clientId, domain.issuer)
    for (const typ of ['dpop+jwt', 'token-introspection+jwt', 'at+jwt']) {
      assertE401(await askWithAssertion(domain, sign({ ...head, typ }, said())))
    }
    const jti = randomUUID()
    const proof = { jti, htm: 'POST', htu: domain.url + tokenPath, iat: now() }
    assertE401(await askWithAssertion(domain, sign({ ...head, typ: 'dpop+jwt' }, proof)))
    assertE401(await askWithAssertion(domain, sign(head, proof)))
    const idToken = {
      iss: domain.issuer,
      sub: client.clientId,
      aud: client.clientId,
      exp: now() + 60,
    }
    assertE401(await askWithAssertion(domain, sign(head, idToken)))
    assertOk(await askWithAssertion(domain, sign(head, said())))
  })

  it('JA-24 an assertion is no other kind of JWT', async () => {
    const assertion = makeAssertion(client, domain.issuer, client.pair)
    const api = (await rs(domain)).client as Client
    assert.deepEqual((await introspect(domain, api, assertion)).json, { active: false })
    const authorization = { authorization: `Bearer ${assertion}` }
    assert.equal((await post(domain, '/admin/v1/Apps', {}, authorization)).status, 401)
    const other = await cBasic(domain)
    const basic = `Basic ${Buffer.from(`${other.clientId}:${other.secret}`).toString('base64')}`
    const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
    const bearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
    for (const parameters of [
      { grant_type: exchange, subject_token: assertion },
      { grant_type: bearer, assertion },
    ]) {
      const answer = await post(domain, tokenPath, parameters, { authorization: basic })
      assertE400(answer, 'unsupported_grant_type', 'invalid_request', 'invalid_grant')
    }
  })

  it('JA-28 encrypted assertions are refused', async () => {
    const header = encode({ alg: 'dir', enc: 'A128GCM', kid: client.pair.kid })
    assertE401(
      await askWithAssertion(domain, `${header}..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA`),
    )
    const five = `${makeAssertion(client, domain.issuer, client.pair)}.AAAA.AAAA`
    assertE401(await askWithAssertion(domain, five))
  })
})
