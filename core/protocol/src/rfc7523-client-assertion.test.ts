import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import {
  type AssertionCheck,
  checkAssertionClaims,
  clientAssertionAlgorithms,
  peekAssertion,
} from './rfc7523-client-assertion.ts'
import type { JsonObject, JsonValue } from './rfc8259-strict-json.ts'

const nowSeconds = 1_800_000_000
const issuer = 'https://id.example'
const accepted = new Set([issuer, `${issuer}/`, `${issuer}:443`, `${issuer}/oauth2/v1/token`])
const claims = {
  iss: 'app',
  sub: 'app',
  aud: issuer,
  iat: nowSeconds,
  exp: nowSeconds + 60,
  jti: 'j1',
}

type Change = { readonly [name: string]: JsonValue | undefined }
const changed = (change: Change): JsonObject =>
  Object.fromEntries(
    Object.entries({ ...claims, ...change }).filter((member) => member[1] !== undefined),
  ) as JsonObject

const outcome = (change: Change, more: Partial<AssertionCheck> = {}): string => {
  const checked = checkAssertionClaims({
    header: { alg: 'ES256' },
    claims: changed(change),
    clientId: 'app',
    audience: { policy: 'issuer-only', issuer, accepted },
    lifetimeMaxSeconds: 300,
    nowSeconds,
    skewSeconds: 60,
    ...more,
  })
  return checked.ok ? 'ok' : checked.failure.reason.replace('ASSERTION_', '')
}

const cases: readonly [title: string, change: Change, expected: string][] = [
  ['base request (JA-01)', {}, 'ok'],
  ['iss missing (JA-05)', { iss: undefined }, 'ISSUER_WRONG'],
  ['iss other', { iss: 'other' }, 'ISSUER_WRONG'],
  ['iss array', { iss: ['app'] }, 'ISSUER_WRONG'],
  ['sub missing (JA-06)', { sub: undefined }, 'SUBJECT_WRONG'],
  ['sub other', { sub: 'APP' }, 'SUBJECT_WRONG'],
  ['aud missing (JA-07)', { aud: undefined }, 'AUDIENCE_WRONG'],
  ['aud other', { aud: 'https://other' }, 'AUDIENCE_WRONG'],
  ['aud token endpoint (JA-08)', { aud: `${issuer}/oauth2/v1/token` }, 'AUDIENCE_WRONG'],
  ['aud issuer and other', { aud: [issuer, 'https://other'] }, 'AUDIENCE_WRONG'],
  ['aud issuer twice', { aud: [issuer, issuer] }, 'AUDIENCE_WRONG'],
  ['aud one-member array (JA-09)', { aud: [issuer] }, 'ok'],
  ['aud empty array', { aud: [] }, 'AUDIENCE_WRONG'],
  ['aud nested array', { aud: [[issuer]] }, 'AUDIENCE_WRONG'],
  ['aud with slash (JA-10)', { aud: `${issuer}/` }, 'AUDIENCE_WRONG'],
  ['aud upper-case host', { aud: 'https://ID.example' }, 'AUDIENCE_WRONG'],
  ['aud with port', { aud: `${issuer}:443` }, 'AUDIENCE_WRONG'],
  ['aud percent-encoded', { aud: 'https://id%2Eexample' }, 'AUDIENCE_WRONG'],
  ['exp missing (JA-12)', { exp: undefined }, 'TIME_MALFORMED'],
  ['exp five minutes ago', { exp: nowSeconds - 300 }, 'EXPIRED'],
  ['exp at the end of the skew', { exp: nowSeconds - 60 }, 'EXPIRED'],
  ['exp inside the skew', { exp: nowSeconds - 59, iat: undefined }, 'ok'],
  ['exp a day ahead (JA-13)', { exp: nowSeconds + 86_400 }, 'LIFETIME_TOO_LONG'],
  [
    'exp a day ahead without iat',
    { exp: nowSeconds + 86_400, iat: undefined },
    'LIFETIME_TOO_LONG',
  ],
  ['exp at the cap', { exp: nowSeconds + 300 }, 'ok'],
  ['exp year 9999', { exp: 253_402_300_799 }, 'LIFETIME_TOO_LONG'],
  ['exp negative', { exp: -1 }, 'TIME_MALFORMED'],
  ['exp string', { exp: String(nowSeconds + 60) }, 'TIME_MALFORMED'],
  ['exp array', { exp: [nowSeconds + 60] }, 'TIME_MALFORMED'],
  ['exp in milliseconds', { exp: (nowSeconds + 60) * 1000 }, 'LIFETIME_TOO_LONG'],
  ['iat and nbf 10 s ahead (JA-14)', { iat: nowSeconds + 10, nbf: nowSeconds + 10 }, 'ok'],
  ['iat 61 s ahead', { iat: nowSeconds + 61, exp: nowSeconds + 121 }, 'NOT_YET_VALID'],
  ['nbf an hour ahead (JA-15)', { nbf: nowSeconds + 3600 }, 'NOT_YET_VALID'],
  ['iat a day old', { iat: nowSeconds - 86_400 }, 'LIFETIME_TOO_LONG'],
  ['iat string', { iat: 'now' }, 'TIME_MALFORMED'],
  ['nbf null', { nbf: null }, 'TIME_MALFORMED'],
  ['jti missing (JA-16)', { jti: undefined }, 'ok'],
  ['jti number', { jti: 5 }, 'MALFORMED'],
  ['jti null', { jti: null }, 'MALFORMED'],
  ['jti empty', { jti: '' }, 'MALFORMED'],
  ['jti of 10 kB', { jti: 'j'.repeat(10_000) }, 'MALFORMED'],
  ['unknown claims (JA-27)', { scope: 'x', foo: { bar: [1] } }, 'ok'],
]

for (const [title, change, expected] of cases) {
  test(`assertion, ${title}: ${expected}`, () => assert.equal(outcome(change), expected))
}

const domain: Partial<AssertionCheck> = {
  audience: { policy: 'identity-domain', issuer, accepted },
  lifetimeMaxSeconds: 3600,
}
const domainCases: readonly [title: string, change: Change, expected: string][] = [
  ['issuer', {}, 'ok'],
  ['token endpoint', { aud: `${issuer}/oauth2/v1/token` }, 'ok'],
  ['two names of ours', { aud: [`${issuer}/`, `${issuer}:443`] }, 'ok'],
  ['one foreign member', { aud: [issuer, 'https://other'] }, 'AUDIENCE_WRONG'],
  ['member that is no string', { aud: [issuer, null] }, 'AUDIENCE_WRONG'],
  ['empty array', { aud: [] }, 'AUDIENCE_WRONG'],
  ['upper-case host', { aud: 'https://ID.example' }, 'AUDIENCE_WRONG'],
  ['missing', { aud: undefined }, 'AUDIENCE_WRONG'],
  ['an hour', { exp: nowSeconds + 3600 }, 'ok'],
  ['an hour and a minute', { exp: nowSeconds + 3661 }, 'LIFETIME_TOO_LONG'],
]

for (const [title, change, expected] of domainCases) {
  test(`policy identity-domain, ${title}: ${expected}`, () => {
    assert.equal(outcome(change, domain), expected)
  })
}

const types: readonly [typ: JsonValue, expected: string][] = [
  ['JWT', 'ok'],
  ['jwt', 'ok'],
  ['client-authentication+jwt', 'ok'],
  ['application/client-authentication+jwt', 'ok'],
  ...['at+jwt', 'dpop+jwt', 'oauth-id-jag+jwt', 'secevent+jwt', 'wit+jwt', 'JOSE', ''].map(
    (typ): [JsonValue, string] => [typ, 'TYP_REFUSED'],
  ),
  [null, 'TYP_REFUSED'],
  [['JWT'], 'TYP_REFUSED'],
]

for (const [typ, expected] of types) {
  test(`typ ${JSON.stringify(typ)}: ${expected} (JA-11)`, () => {
    assert.equal(outcome({}, { header: { alg: 'ES256', typ } }), expected)
  })
}

test('an access token of ours is no assertion (JA-24)', () => {
  assert.equal(outcome({ iss: issuer, aud: 'https://api' }), 'ISSUER_WRONG')
})

test('the ledger gets whole seconds and the jti', () => {
  const checked = checkAssertionClaims({
    header: {},
    claims: changed({ exp: nowSeconds + 1.2 }),
    clientId: 'app',
    audience: { policy: 'issuer-only', issuer, accepted },
    lifetimeMaxSeconds: 300,
    nowSeconds,
    skewSeconds: 60,
  })
  assert.deepEqual(checked, { ok: true, value: { expiresAtSeconds: nowSeconds + 2, jti: 'j1' } })
})

const encode = (content: unknown): string =>
  Buffer.from(JSON.stringify(content)).toString('base64url')
const peeked: readonly [title: string, header: unknown, claims: unknown, out: unknown][] = [
  ['sub', { alg: 'ES256', kid: 'k' }, { sub: 'app', iss: 'app' }, 'app'],
  ['sub before iss', {}, { sub: 'a', iss: 'b' }, 'a'],
  ['iss alone', {}, { iss: 'b' }, 'b'],
  ['neither', {}, { sub: '', iss: 5 }, null],
  ['crit', { crit: ['x'] }, {}, 'ASSERTION_CRITICAL_HEADER'],
  ['no object', {}, [], 'ASSERTION_MALFORMED'],
]

for (const [title, header, content, out] of peeked) {
  test(`peek, ${title}`, () => {
    const peek = peekAssertion(`${encode(header)}.${encode(content)}.AAAA`)
    assert.equal(peek.ok ? peek.value.clientId : peek.failure.reason, out)
  })
}

test('an assertion longer than the bound is not read', () => {
  const peek = peekAssertion(`${encode({})}.${encode({ a: 'a'.repeat(20_000) })}.AAAA`)
  assert.equal(!peek.ok && peek.failure.reason, 'ASSERTION_MALFORMED')
})

test('the algorithms are exactly these, and none is found by an inherited or varied name', () => {
  assert.deepEqual(
    [...clientAssertionAlgorithms.keys()].sort(),
    [
      'ES256',
      'ES384',
      'ES512',
      'EdDSA',
      'Ed25519',
      'HS256',
      'HS384',
      'HS512',
      'PS256',
      'PS384',
      'PS512',
      'RS256',
      'RS384',
      'RS512',
    ].sort(),
  )
  for (const name of ['none', 'nOnE', 'rs256', 'RS256 ', 'constructor', '__proto__', '']) {
    assert.equal(clientAssertionAlgorithms.get(name), undefined)
  }
})

test('curves and signature lengths are those that node:crypto makes', () => {
  for (const algorithm of clientAssertionAlgorithms.values()) {
    if (algorithm.family !== 'ecdsa') continue
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: algorithm.curve })
    const { kty, crv, x, y } = createPublicKey(privateKey).export({ format: 'jwk' })
    assert.equal(kty, algorithm.kty)
    assert.equal(crv, algorithm.curve)
    const bytes = [x, y].map((part) => Buffer.from(String(part), 'base64url').length)
    assert.equal(bytes[0]! + bytes[1]!, algorithm.signatureBytes)
  }
})
