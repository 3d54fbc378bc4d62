import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { mediaTypeEquals, readCompactJwt, readNumericDate } from './rfc7519-json-web-token.ts'

const encode = (content: string | Uint8Array): string => Buffer.from(content).toString('base64url')
const compact = (header: string | Uint8Array, claims: string | Uint8Array, signature = 'AAAA') =>
  `${encode(header)}.${encode(claims)}.${signature}`
const header = '{"alg":"ES256"}'

const read = (text: string) => readCompactJwt(text, { lengthMax: 4096 })
const fault = (text: string): string => {
  const result = read(text)
  return result.ok ? 'ok' : result.failure
}

test('header, claims, signing input and signature are read', () => {
  const text = compact(
    header,
    '{"sub":"é🔑","exp":1.5,"n":[{}]}',
    encode(Uint8Array.of(0, 255, 254)),
  )
  const result = read(text)
  assert.ok(result.ok)
  assert.equal(result.value.header['alg'], 'ES256')
  assert.equal(result.value.claims['sub'], 'é🔑')
  assert.equal(result.value.claims['exp'], 1.5)
  assert.equal(result.value.signingInput, text.slice(0, text.lastIndexOf('.')))
  assert.deepEqual(result.value.signature, Uint8Array.of(0, 255, 254))
  assert.equal(Object.getPrototypeOf(result.value.claims), null)
  assert.equal(result.value.claims['constructor'], undefined)
})

const good = compact(header, '{}')
const bad: readonly [title: string, text: string, fault: string][] = [
  ['too long', `${good}${'A'.repeat(4096)}`, 'TOO_LONG'],
  ['empty', '', 'NOT_THREE_SEGMENTS'],
  ['two segments', 'a.b', 'NOT_THREE_SEGMENTS'],
  ['four segments', `${good}.AAAA`, 'NOT_THREE_SEGMENTS'],
  ['five segments', 'a.b.c.d.e', 'NOT_THREE_SEGMENTS'],
  ['two tokens', `${good} ${good}`, 'NOT_THREE_SEGMENTS'],
  ['JSON serialization', '{"payload":"e30"}', 'NOT_THREE_SEGMENTS'],
  ['padded', compact(header, '{}', 'AA=='), 'NOT_BASE64URL'],
  ['base64 alphabet', compact(header, '{}', 'AA+/'), 'NOT_BASE64URL'],
  ['space before', ` ${good}`, 'NOT_BASE64URL'],
  ['newline behind', `${good}\n`, 'NOT_BASE64URL'],
  ['bits left over in the signature', compact(header, '{}', 'AB'), 'NOT_BASE64URL'],
  ['bits left over after two bytes', compact(header, '{}', 'AAB'), 'NOT_BASE64URL'],
  ['lone character', compact(header, '{}', 'AAAAA'), 'NOT_BASE64URL'],
  ['empty header', `.${encode('{}')}.AAAA`, 'NOT_JSON'],
  ['bytes that are not UTF-8', compact(header, Uint8Array.of(0x22, 0xff, 0x22)), 'NOT_UTF8'],
  ['UTF-16 claims', compact(header, Buffer.from('{}', 'utf16le')), 'NOT_JSON'],
  ['byte order mark', compact(header, '\uFEFF{}'), 'NOT_JSON'],
  ['encoded surrogate', compact(header, Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)), 'NOT_UTF8'],
  ['array of claims', compact(header, '[1]'), 'NOT_AN_OBJECT'],
  ['string of claims', compact(header, '"x"'), 'NOT_AN_OBJECT'],
  ['null claims', compact(header, 'null'), 'NOT_AN_OBJECT'],
  ['array as header', compact('[]', '{}'), 'NOT_AN_OBJECT'],
  ['trailing data', compact(header, '{}{}'), 'NOT_JSON'],
  ['two alg', compact('{"alg":"none","alg":"ES256"}', '{}'), 'DUPLICATE_NAME'],
  ['two sub', compact(header, '{"sub":"a","sub":"b"}'), 'DUPLICATE_NAME'],
  ['two members deep inside', compact(header, '{"a":[{"b":1,"b":1}]}'), 'DUPLICATE_NAME'],
  ['infinite exp', compact(header, '{"exp":1e400}'), 'NUMBER_NOT_FINITE'],
  ['deep', compact(header, `{"a":${'['.repeat(16)}${']'.repeat(16)}}`), 'TOO_DEEP'],
  ['crit unknown', compact('{"alg":"ES256","crit":["x"],"x":1}', '{}'), 'CRITICAL_HEADER'],
  ['crit empty', compact('{"alg":"ES256","crit":[]}', '{}'), 'CRITICAL_HEADER'],
  ['crit of a registered name', compact('{"alg":"ES256","crit":["alg"]}', '{}'), 'CRITICAL_HEADER'],
  ['crit twice', compact('{"crit":["x"],"crit":["x"],"x":1}', '{}'), 'DUPLICATE_NAME'],
  ['crit null', compact('{"crit":null}', '{}'), 'CRITICAL_HEADER'],
  ['b64', compact('{"alg":"ES256","b64":false,"crit":["b64"]}', '{}'), 'CRITICAL_HEADER'],
  ['b64 without crit', compact('{"alg":"ES256","b64":true}', '{}'), 'CRITICAL_HEADER'],
]

for (const [title, text, expected] of bad) {
  test(`${expected}: ${title}`, () => assert.equal(fault(text), expected))
}

test('an empty signature is read, as no bytes', () => {
  const result = read(compact(header, '{}', ''))
  assert.ok(result.ok)
  assert.equal(result.value.signature.length, 0)
})

test('every signature has exactly one spelling', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat(), (bytes, seed) => {
      const spelling = encode(bytes)
      const result = read(compact(header, '{}', spelling))
      assert.ok(result.ok)
      assert.deepEqual(result.value.signature, bytes)
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
      const other = spelling.slice(0, -1) + alphabet[seed % 64]
      if (other === spelling || spelling === '') return
      const varied = read(compact(header, '{}', other))
      if (varied.ok) assert.notDeepEqual(varied.value.signature, bytes)
    }),
  )
})

test('any text is answered, never thrown at', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof fault(text) === 'string'))
})

const dates: readonly [value: Parameters<typeof readNumericDate>[0], date: unknown][] = [
  [undefined, null],
  [0, 0],
  [1_700_000_000, 1_700_000_000],
  [1.5, 1.5],
  [-1, 'malformed'],
  [1e300, 'malformed'],
  [Number.NaN, 'malformed'],
  [Number.POSITIVE_INFINITY, 'malformed'],
  ['1700000000', 'malformed'],
  [null, 'malformed'],
  [true, 'malformed'],
  [[1], 'malformed'],
]

for (const [value, date] of dates) {
  test(`NumericDate ${String(value)} is ${date}`, () => assert.equal(readNumericDate(value), date))
}

const types: readonly [typ: Parameters<typeof mediaTypeEquals>[0], equal: boolean][] = [
  ['at+jwt', true],
  ['at+JWT', true],
  ['application/at+jwt', true],
  ['Application/AT+JWT', true],
  ['JWT', false],
  ['text/at+jwt', false],
  ['at+jwt;x=1', false],
  [' at+jwt', false],
  ['', false],
  [undefined, false],
  [null, false],
  [['at+jwt'], false],
]

for (const [typ, equal] of types) {
  test(`typ ${JSON.stringify(typ)} ${equal ? 'is' : 'is not'} at+jwt`, () => {
    assert.equal(mediaTypeEquals(typ, 'at+jwt'), equal)
  })
}
