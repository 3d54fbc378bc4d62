import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseResourceIndicators } from './rfc8707-resource-indicator.ts'

const good = [
  'https://rs.example',
  'https://rs.example/',
  'https://rs.example:443',
  'HTTPS://RS.example/A%2Fb;c=1',
  'https://rs.example/?x=1',
  'https://[2001:db8::1]/',
  'http://localhost:8480/orders',
  'urn:example:rs',
  'urn:opc:lbaas:logicalguid=idcs-1',
  'api:orders',
  'spiffe://td/w',
]

for (const value of good) {
  test(`resource '${value}'`, () => {
    assert.deepEqual(parseResourceIndicators([value]), { ok: true, value: [value] })
  })
}

const bad = [
  'foo',
  'orders/api',
  '//h/x',
  '/x',
  '?x',
  '',
  ':x',
  'https:',
  'https://',
  'https:///x',
  'https://:443/',
  'https:x',
  'urn:',
  'https://a/#x',
  'https://a/#',
  'urn:a#b',
  'https://a/ b',
  ' https://a/',
  'https://a/\n',
  'https://a/é',
  'https://a/%zz',
  'https://a/%4',
  'https://a/"',
  'https://a/\\',
  'https://a/<script>',
  '1https://a',
  `https://a/${'a'.repeat(2048)}`,
]

for (const value of bad) {
  test(`TARGET_MALFORMED: ${JSON.stringify(value.slice(0, 40))}`, () => {
    const parsed = parseResourceIndicators([value])
    assert.equal(!parsed.ok && parsed.failure.reason, 'TARGET_MALFORMED')
    assert.equal(parseResourceIndicators(['https://ok.example', value]).ok, false)
  })
}

test('none, several, repeated, too many', () => {
  assert.deepEqual(parseResourceIndicators([]), { ok: true, value: [] })
  assert.deepEqual(parseResourceIndicators(['a:2', 'a:1', 'a:2']), {
    ok: true,
    value: ['a:2', 'a:1'],
  })
  assert.equal(parseResourceIndicators(Array.from({ length: 17 }, (_, at) => `a:${at}`)).ok, false)
})

test('every URL that a web browser can write without fragment is read', () => {
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true }), (url) => {
      assert.ok(parseResourceIndicators([url]).ok, url)
    }),
  )
})
