import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type DpopRequest,
  dpopProofEndsAtSeconds,
  dpopReplayKey,
  judgeDpopProof,
  normalizeDpopUrl,
  readDpopProof,
  thumbprintInput,
} from './rfc9449-dpop-proof.ts'

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

const nowSeconds = 1_800_000_000
const jwk = {
  kty: 'EC',
  crv: 'P-256',
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
}
const headerOf = { typ: 'dpop+jwt', alg: 'ES256', jwk }
const claimsOf = {
  jti: 'one',
  htm: 'POST',
  htu: 'https://id.example/oauth2/v1/token',
  iat: nowSeconds,
}
type Members = Readonly<Record<string, unknown>>
const write = (header: Members, claims: Members): string =>
  `${encode(header)}.${encode(claims)}.${encode('signature')}`

const read = (header: Members = {}, claims: Members = {}) =>
  readDpopProof([write({ ...headerOf, ...header }, { ...claimsOf, ...claims })])

const reasonOf = (result: ReturnType<typeof read>): string =>
  result.ok ? 'read' : result.failure.reason

const request: DpopRequest = {
  method: 'POST',
  urls: ['https://id.example/oauth2/v1/token'],
  tokenDigest: null,
  nonces: null,
  nowSeconds,
}

const judge = (claims: Members, asked: Partial<DpopRequest> = {}): string => {
  const proof = read({}, claims)
  if (!proof.ok) return proof.failure.reason
  const judged = judgeDpopProof(proof.value, { ...request, ...asked })
  return judged.ok ? 'good' : judged.failure.reason
}

test('a proof is read', () => {
  const proof = read()
  assert.ok(proof.ok)
  assert.equal(proof.value.id, 'one')
  assert.equal(proof.value.url, 'https://id.example/oauth2/v1/token')
  assert.equal(dpopProofEndsAtSeconds(proof.value), nowSeconds + 61)
})

const heads: readonly [string, Members, string][] = [
  ['no typ', { typ: undefined }, 'DPOP_TYP_REFUSED'],
  ['typ JWT', { typ: 'JWT' }, 'DPOP_TYP_REFUSED'],
  ['a longer typ', { typ: 'dpop+jwt+x' }, 'DPOP_TYP_REFUSED'],
  ['typ in capitals', { typ: 'DPOP+JWT' }, 'read'],
  ['the whole media type', { typ: 'application/dpop+jwt' }, 'read'],
  ['no alg', { alg: undefined }, 'DPOP_ALGORITHM_REFUSED'],
  ['alg none', { alg: 'none' }, 'DPOP_ALGORITHM_REFUSED'],
  ['HS256', { alg: 'HS256', jwk: { kty: 'oct', k: 'AA' } }, 'DPOP_ALGORITHM_REFUSED'],
  ['RS256', { alg: 'RS256' }, 'DPOP_ALGORITHM_REFUSED'],
  ['an inherited name', { alg: 'toString' }, 'DPOP_ALGORITHM_REFUSED'],
  ['no jwk', { jwk: undefined }, 'DPOP_KEY_REFUSED'],
  ['jwk a text', { jwk: 'x' }, 'DPOP_KEY_REFUSED'],
  ['a private key', { jwk: { ...jwk, d: 'AA' } }, 'DPOP_KEY_REFUSED'],
  ['a symmetric key', { jwk: { kty: 'oct', k: 'AA' } }, 'DPOP_KEY_REFUSED'],
  ['another curve', { jwk: { ...jwk, crv: 'P-384' } }, 'DPOP_KEY_REFUSED'],
  ['a key of another kind', { alg: 'PS256' }, 'DPOP_KEY_REFUSED'],
  ['no y', { jwk: { ...jwk, y: undefined } }, 'DPOP_KEY_REFUSED'],
  ['padding in x', { jwk: { ...jwk, x: 'AA==' } }, 'DPOP_KEY_REFUSED'],
  ['more in the key', { jwk: { ...jwk, kid: 'a', use: 'sig' } }, 'read'],
  ['more in the header', { kid: 'a', x5c: ['a'] }, 'read'],
  ['crit', { crit: ['x'] }, 'DPOP_MALFORMED'],
]

for (const [name, header, expected] of heads) {
  test(`header: ${name} is ${expected}`, () => assert.equal(reasonOf(read(header)), expected))
}

const bodies: readonly [string, Members, string][] = [
  ['no jti', { jti: undefined }, 'DPOP_MALFORMED'],
  ['an empty jti', { jti: '' }, 'DPOP_MALFORMED'],
  ['a huge jti', { jti: 'x'.repeat(1025) }, 'DPOP_MALFORMED'],
  ['no htm', { htm: undefined }, 'DPOP_MALFORMED'],
  ['no htu', { htu: undefined }, 'DPOP_MALFORMED'],
  ['htu a path', { htu: '/oauth2/v1/token' }, 'DPOP_MALFORMED'],
  ['no iat', { iat: undefined }, 'DPOP_MALFORMED'],
  ['iat a text', { iat: '1' }, 'DPOP_MALFORMED'],
  ['exp a text', { exp: '1' }, 'DPOP_MALFORMED'],
  ['nbf a text', { nbf: '1' }, 'DPOP_MALFORMED'],
  ['nonce a number', { nonce: 1 }, 'DPOP_MALFORMED'],
  ['ath a number', { ath: 1 }, 'DPOP_MALFORMED'],
  ['more claims', { sub: 'a' }, 'good'],
  ['htm in small letters', { htm: 'post' }, 'DPOP_METHOD_MISMATCH'],
  ['htm GET', { htm: 'GET' }, 'DPOP_METHOD_MISMATCH'],
  ['another path', { htu: 'https://id.example/oauth2/v1/tokens' }, 'DPOP_URL_MISMATCH'],
  ['another host', { htu: 'https://id.example.org/oauth2/v1/token' }, 'DPOP_URL_MISMATCH'],
  ['plain http', { htu: 'http://id.example/oauth2/v1/token' }, 'DPOP_URL_MISMATCH'],
  ['query and fragment', { htu: 'https://id.example/oauth2/v1/token?a=b#c' }, 'good'],
  ['other spelling', { htu: 'HTTPS://ID.Example:443/oauth2/v%31/token' }, 'good'],
  ['10 s early', { iat: nowSeconds - 10 }, 'good'],
  ['10 s late', { iat: nowSeconds + 10 }, 'good'],
  ['61 s late', { iat: nowSeconds + 61 }, 'DPOP_TIME_REFUSED'],
  ['61 s early', { iat: nowSeconds - 61 }, 'DPOP_TIME_REFUSED'],
  ['nbf and exp', { nbf: nowSeconds, exp: nowSeconds + 300 }, 'good'],
  ['expired', { exp: nowSeconds }, 'DPOP_TIME_REFUSED'],
  ['not yet good', { nbf: nowSeconds + 61 }, 'DPOP_TIME_REFUSED'],
]

for (const [name, claims, expected] of bodies) {
  test(`claims: ${name} is ${expected}`, () => assert.equal(judge(claims), expected))
}

test('with a token the proof must name its digest, without one nobody looks', () => {
  assert.equal(judge({ ath: 'a' }, { tokenDigest: 'a' }), 'good')
  assert.equal(judge({ ath: 'b' }, { tokenDigest: 'a' }), 'DPOP_TOKEN_MISMATCH')
  assert.equal(judge({}, { tokenDigest: 'a' }), 'DPOP_TOKEN_MISMATCH')
  assert.equal(judge({ ath: 'b' }), 'good')
})

test('where nonces are asked for, one of them is needed', () => {
  const nonces = ['now', 'before']
  assert.equal(judge({ nonce: 'now' }, { nonces }), 'good')
  assert.equal(judge({ nonce: 'before' }, { nonces }), 'good')
  assert.equal(judge({}, { nonces }), 'DPOP_NONCE_REFUSED')
  assert.equal(judge({ nonce: 'old' }, { nonces }), 'DPOP_NONCE_REFUSED')
  assert.equal(judge({ nonce: 'any' }), 'good')
  assert.equal(judge({ htm: 'GET' }, { nonces }), 'DPOP_METHOD_MISMATCH', 'said first')
})

test('one field, one JWT', () => {
  const good = write(headerOf, claimsOf)
  assert.equal(reasonOf(readDpopProof([good, good])), 'DPOP_REPEATED')
  assert.equal(reasonOf(readDpopProof([`${good}, ${good}`])), 'DPOP_REPEATED')
  for (const text of ['', 'a.b.c', `${good}.x.y`, JSON.stringify({ payload: 'x' }), good + good]) {
    assert.notEqual(reasonOf(readDpopProof([text])), 'read', text.slice(0, 20))
  }
  const long = write({ ...headerOf, filler: 'x'.repeat(8000) }, claimsOf)
  assert.equal(reasonOf(readDpopProof([long])), 'DPOP_MALFORMED')
})

test('JW-25 the thumbprint of RFC 7638 §3.1, whatever the order and the extras', () => {
  const n =
    '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWK' +
    'RXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMic' +
    'AtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr' +
    '3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw'
  const rsa = { kid: '2011-04-29', n, alg: 'RS256', e: 'AQAB', kty: 'RSA' }
  const proof = read({ alg: 'PS256', jwk: rsa })
  assert.ok(proof.ok)
  const digest = createHash('sha256').update(thumbprintInput(proof.value.key)).digest('base64url')
  assert.equal(digest, 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs')
})

test('what must not come twice: the id, for one address and one key', () => {
  const keyOf = (header: Members, claims: Members): string => {
    const proof = read(header, claims)
    assert.ok(proof.ok)
    return dpopReplayKey(proof.value)
  }
  assert.equal(keyOf({}, {}), keyOf({ kid: 'x' }, { iat: 5 }))
  assert.notEqual(keyOf({}, {}), keyOf({}, { jti: 'two' }))
  assert.notEqual(keyOf({}, {}), keyOf({}, { htu: 'https://api.example/' }))
  assert.notEqual(keyOf({}, {}), keyOf({ jwk: { ...jwk, x: 'AAAA' } }, {}))
})

test('addresses have one spelling', () => {
  assert.equal(
    normalizeDpopUrl('https://API.example:443/a/./b/%7ec%2f?x#y'),
    'https://api.example/a/b/~c%2F',
  )
  assert.equal(normalizeDpopUrl('http://api.example:8080'), 'http://api.example:8080/')
  for (const text of ['', '/a', 'ftp://a/', 'https://a@b/', `https://a/${'b'.repeat(5000)}`]) {
    assert.equal(normalizeDpopUrl(text), null, text.slice(0, 20))
  }
})

test('nothing that is sent makes it throw', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), fc.string(), (header, claims, text) => {
      readDpopProof([text])
      readDpopProof([
        write({ ...headerOf, ...(header as Members) }, { ...claimsOf, ...(claims as Members) }),
      ])
    }),
    { numRuns: 500 },
  )
})
