import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertE401, assertOk, comparable } from './kit/answers.ts'
import { askByAssertion, askWithAssertion, post } from './kit/ask.ts'
import { withinASecond } from './kit/clock.ts'
import { cPkj, type KeyClient, makeKeyClient } from './kit/fixtures.ts'
import type { Answer } from './kit/http.ts'
import {
  type AssertionWish,
  assertionClaims,
  compact,
  encode,
  makeAssertion,
  makePair,
  nowSeconds,
  signBytes,
} from './kit/jwt.ts'
import { ours, useDomain } from './kit/start-domain.ts'
import { introspectionPath, tokenPath } from './kit/test-domain.ts'

const domain = await useDomain()
const client = await cPkj(domain)
const ask = (wish: AssertionWish = {}): Promise<Answer> => askByAssertion(domain, client, wish)
const claims = (more: Readonly<Record<string, unknown>>): Promise<Answer> => ask({ claims: more })
const now = nowSeconds
const minute = 60
const hour = 3600

/** A payload that no JSON writer makes. */
const askWithPayload = (text: string): Promise<Answer> =>
  askWithAssertion(
    domain,
    compact({ alg: client.pair.alg, kid: client.pair.kid }, text, (input) =>
      signBytes(client.pair.alg, client.pair.privateKey, input),
    ),
  )

describe('what assertions say', () => {
  it('JA-05 iss is the client', async () => {
    for (const iss of [undefined, 'other', '', null, [client.clientId], `${client.clientId} `]) {
      assertE401(await claims({ iss }))
    }
  })

  it('JA-06 sub is the client', async () => {
    for (const sub of [undefined, 'other', '', null, [client.clientId], 7]) {
      assertE401(await claims({ sub }))
    }
    assertE401(await claims({ sub: undefined, iss: undefined }))
  })

  it('JA-07 aud is there and ours', async () => {
    for (const aud of [undefined, 'https://other', '', null, [], {}, 7]) {
      assertE401(await claims({ aud }))
    }
  })

  it('JA-08 aud is the issuer and nothing else', async () => {
    const { issuer, url } = domain
    assertOk(await claims({ aud: [issuer] }))
    const others = [`${url}${tokenPath}`, [issuer, 'https://other'], ['https://other', issuer]]
    for (const aud of [...others, [issuer, issuer], [`${url}${tokenPath}`], [[issuer]]]) {
      assertE401(await claims({ aud }))
    }
  })

  it('JA-10 aud is compared as it stands', async () => {
    const { issuer } = domain
    const host = new URL(issuer).host
    const variants = [
      `${issuer}/`,
      issuer.toUpperCase(),
      issuer.replace(host, host.toUpperCase()),
      `${issuer}:443`,
      issuer.replace(host, `%${host.charCodeAt(0).toString(16)}${host.slice(1)}`),
      `${issuer}?`,
      ` ${issuer}`,
    ]
    for (const aud of variants.filter((each) => each !== issuer)) {
      assertE401(await claims({ aud }))
    }
  })

  it('JA-11 typ is absent or fits', async () => {
    const fine = [undefined, 'JWT', 'jwt', 'client-authentication+jwt']
    for (const typ of [
      ...fine,
      'application/client-authentication+jwt',
      'Client-Authentication+JWT',
    ]) {
      assertOk(await ask({ header: { typ } }))
    }
    const foreign = [
      'at+jwt',
      'dpop+jwt',
      'oauth-id-jag+jwt',
      'secevent+jwt',
      'wit+jwt',
      'logout+jwt',
    ]
    for (const typ of [...foreign, '', 7, null, ['JWT'], 'JWT ']) {
      assertE401(await ask({ header: { typ } }))
    }
  })

  it('JA-12 exp is there and in the future', async () => {
    assertE401(await claims({ exp: undefined }))
    assertE401(await claims({ exp: now() - 5 * minute, iat: now() - 6 * minute }))
    assertE401(await claims({ exp: now() - minute - 1, iat: now() - 2 * minute }))
    assertE401(await claims({ exp: 0 }))
  })

  it('JA-13 exp is not far away', async () => {
    assertOk(await claims({ exp: now() + 4 * minute }))
    assertOk(await claims({ exp: now() + 4 * minute, iat: undefined }))
    assertE401(await claims({ exp: now() + hour, iat: undefined }))
    const strange = ['9999999999', [now() + minute], -1, null, true, {}, 253_402_300_799]
    for (const exp of [now() + 24 * hour, now() + hour, ...strange])
      assertE401(await claims({ exp }))
    const text = JSON.stringify(assertionClaims(client.clientId, domain.issuer, { exp: 1 }))
    for (const exp of ['1e400', '-1e400', '1e18', '0x7fffffff', 'NaN', 'Infinity']) {
      assertE401(await askWithPayload(text.replace('"exp":1', `"exp":${exp}`)))
    }
    assertOk(await askWithPayload(text.replace('"exp":1', `"exp":${now() + minute}`)))
  })

  it('JA-14 clocks may differ by seconds, not by a minute', async () => {
    for (const seconds of [8, 10]) {
      assertOk(await claims({ iat: now() + seconds, nbf: now() + seconds }))
    }
    // two seconds more than a minute: one for the request, one because seconds are whole
    for (const name of ['iat', 'nbf']) {
      const early = () => claims({ [name]: now() + minute + 2, exp: now() + 2 * minute })
      assertE401(await withinASecond(early))
    }
  })

  it('JA-15 nbf counts; an old iat may be refused', async () => {
    assertE401(await claims({ nbf: now() + hour }))
    assertE401(await claims({ iat: now() - 24 * hour }))
    assertOk(await claims({ iat: undefined }))
    assertOk(await claims({ nbf: now() - minute }))
    for (const nbf of ['0', null, []]) assertE401(await claims({ nbf }))
    for (const iat of ['0', null, []]) assertE401(await claims({ iat }))
  })

  it('JA-17 every bit is signed', async () => {
    for (const pair of Object.values(client.pairs)) {
      const assertion = makeAssertion(client, domain.issuer, pair)
      const parts = assertion.split('.')
      for (const at of [0, 1, 2]) {
        const bytes = Buffer.from(parts[at] as string, 'base64url')
        const middle = Math.floor(bytes.length / 2)
        bytes[middle] = (bytes[middle] as number) ^ 1
        const changed = parts.with(at, bytes.toString('base64url')).join('.')
        assertE401(await askWithAssertion(domain, changed))
      }
      assertE401(await askWithAssertion(domain, `${parts[0]}.${parts[1]}.`))
      assertOk(await askWithAssertion(domain, assertion))
    }
  })

  it('JA-26 the error is invalid_client', async () => {
    const missing = await post(domain, tokenPath, { grant_type: 'client_credentials' })
    const broken = ['a.b.c', 'x', `${encode({ alg: 'none' })}.${encode({ sub: client.clientId })}.`]
    const answers = [await claims({ aud: 'https://other' }), await claims({ exp: 1 })]
    for (const text of broken) answers.push(await askWithAssertion(domain, text))
    for (const answer of answers) {
      assertE401(answer)
      assert.deepEqual(comparable(answer), comparable(missing), 'a refusal tells why')
    }
  })

  it('JA-27 unknown claims change nothing', async () => {
    const unknown = {
      scope: 'api:write',
      azp: 'x',
      admin: true,
      nested: { deep: [1, 2] },
      client_id: 'x',
    }
    assertOk(await claims(unknown))
  })
})

describe('assertions as an identity domain takes them', () => {
  const legacy = (): Promise<KeyClient> =>
    makeKeyClient(ours(domain), [makePair('RS256')], { assertionPolicy: 'identity-domain' })

  it('JA-08 a client with that policy may address any name of ours, and only ours', async () => {
    const signer = await legacy()
    const { issuer, url } = domain
    const secure = ours(domain).secureUrl
    const mine = [issuer, url, `${url}/`, url + tokenPath, secure, `${secure}/`, secure + tokenPath]
    for (const aud of [...mine, mine, [issuer]]) {
      assertOk(await askByAssertion(domain, signer, { claims: { aud } }))
    }
    const foreign = ['https://other', [issuer, 'https://other'], [], `${url}//`, url.toUpperCase()]
    for (const aud of [...foreign, `${url}${introspectionPath}x`]) {
      assertE401(await askByAssertion(domain, signer, { claims: { aud } }))
    }
  })

  it('JA-13 its assertions live an hour at most, and may be used again without jti', async () => {
    const signer = await legacy()
    const iat = now()
    const say = (more: Readonly<Record<string, unknown>>) =>
      askByAssertion(domain, signer, { claims: { iat, ...more } })
    assertOk(await say({ exp: iat + hour }))
    assertE401(await say({ exp: iat + hour + 62 }))
    assertE401(await say({ exp: (iat + minute) * 1000, iat: iat * 1000 }))
    const pasted = makeAssertion(signer, domain.issuer, signer.pair, { claims: { jti: undefined } })
    for (let at = 0; at < 2; at += 1) assertOk(await askWithAssertion(domain, pasted))
  })
})
