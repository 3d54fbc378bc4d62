import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  distinguishedNamesEqual,
  parseDerName,
  parseDistinguishedName,
} from './rfc4514-distinguished-name.ts'

/** `type=value` of every attribute, `+` inside and `/` between relative names, root first. */
const shown = (text: string): string | null =>
  parseDistinguishedName(text)
    ?.map((name) =>
      name.map((a) => `${a.type}${a.encoding === 'der' ? '#' : '='}${a.value}`).join('+'),
    )
    .join('/') ?? null

const good: readonly [text: string, shown: string][] = [
  ['', ''],
  ['CN=a', '2.5.4.3=a'],
  ['CN=a,O=b,C=DE', '2.5.4.6=DE/2.5.4.10=b/2.5.4.3=a'],
  ['CN=a, O = b ,C= DE', '2.5.4.6=DE/2.5.4.10=b/2.5.4.3=a'],
  ['cn=a,oU=b', '2.5.4.11=b/2.5.4.3=a'],
  ['2.5.4.3=a', '2.5.4.3=a'],
  ['1.3.6.1.4.1.1466.0=#04024869', '1.3.6.1.4.1.1466.0#04024869'],
  ['CN=#0C026869', '2.5.4.3=hi'],
  ['CN=#0c026869 , O=b', '2.5.4.10=b/2.5.4.3=hi'],
  ['CN=a+UID=b,O=c', '2.5.4.10=c/2.5.4.3=a+0.9.2342.19200300.100.1.1=b'],
  ['CN=a + UID=b', '2.5.4.3=a+0.9.2342.19200300.100.1.1=b'],
  ['OU=Sales,CN=J.  Smith\\, III', '2.5.4.3=J.  Smith, III/2.5.4.11=Sales'],
  ['CN=a\\+b\\"c\\\\d\\;e\\<f\\>g\\=h', '2.5.4.3=a+b"c\\d;e<f>g=h'],
  ['CN=a=b', '2.5.4.3=a=b'],
  ['CN=\\#a', '2.5.4.3=#a'],
  ['CN=a#b', '2.5.4.3=a#b'],
  ['CN=\\ a\\ ', '2.5.4.3= a '],
  ['CN=a\\20 ', '2.5.4.3=a '],
  ['CN=Before\\0dAfter', '2.5.4.3=Before\rAfter'],
  ['CN=Lu\\C4\\8Di\\C4\\87', '2.5.4.3=Lučić'],
  ['CN=Lučić', '2.5.4.3=Lučić'],
  ['CN=', '2.5.4.3='],
  ['CN=,O=b', '2.5.4.10=b/2.5.4.3='],
  ['CN=100%25', '2.5.4.3=100%25'],
  ['E=a@b', '1.2.840.113549.1.9.1=a@b'],
  ['DC=example,DC=com', '0.9.2342.19200300.100.1.25=com/0.9.2342.19200300.100.1.25=example'],
]

for (const [text, expected] of good) {
  test(`name '${text}'`, () => assert.equal(shown(text), expected))
}

const bad = [
  ' ',
  ',',
  'CN',
  'CN=a,',
  'CN=a,,O=b',
  ',CN=a',
  'CN=a+',
  '=a',
  'XX=a',
  'CN=a;O=b',
  'CN="a"',
  'CN=a"',
  'CN=<a>',
  'CN=a\0',
  'CN=a\\',
  'CN=a\\x',
  'CN=a\\C',
  'CN=\\C3',
  'CN=\\ff',
  'CN=#',
  'CN=#0',
  'CN=#zz',
  'CN=#0C05',
  'CN=#0c0161x',
  '2.5.04.3=a',
  '2=a',
  '2.5.=a',
  'OID.2.5.4.3=a',
  '/CN=a/O=b',
  'CN=\ud800',
  '__proto__=a',
  'constructor=a',
  `CN=${'a'.repeat(4096)}`,
  Array.from({ length: 65 }, () => 'CN=a').join(','),
  Array.from({ length: 17 }, () => 'CN=a').join('+'),
]

for (const text of bad) {
  test(`no name: ${JSON.stringify(text.slice(0, 40))}`, () => assert.equal(shown(text), null))
}

const equal = (one: string, other: string): boolean => {
  const [left, right] = [parseDistinguishedName(one), parseDistinguishedName(other)]
  assert.ok(left && right, `${one} and ${other} should parse`)
  assert.equal(distinguishedNamesEqual(right, left), distinguishedNamesEqual(left, right))
  return distinguishedNamesEqual(left, right)
}

const comparisons: readonly [one: string, other: string, equal: boolean][] = [
  ['CN=a,O=b', 'CN=a,O=b', true],
  ['CN=a,O=b', 'cn=A, o=B', true],
  ['CN=a,O=b', '2.5.4.3=a,2.5.4.10=b', true],
  ['CN=a,O=b', 'CN=a,O=#1301 62'.replace(' ', ''), true],
  ['CN=a,O=b', 'CN=a,O=#0c0162', true],
  ['CN=a,O=b', 'O=b,CN=a', false],
  ['CN=a,O=b', 'CN=a', false],
  ['CN=a,O=b', 'CN=a,O=b,C=DE', false],
  ['CN=a', 'CN=ab', false],
  ['CN=a', 'O=a', false],
  ['CN=a+UID=b', 'UID=B+CN=A', true],
  ['CN=a+UID=b', 'CN=a,UID=b', false],
  ['CN=a+UID=b', 'CN=a', false],
  ['CN=a', 'CN=a+SN=b', false],
  ['CN=a+CN=a', 'CN=a+CN=b', false],
  ['CN=a+CN=a+CN=b', 'CN=a+CN=b+CN=b', false],
  ['O=Acme\\, Inc.', 'O=acme\\2C   inc.', true],
  ['CN=a  b', 'CN=a b', true],
  ['CN=\\ a b\\ ', 'CN=a b', true],
  ['CN=a\\09b', 'CN=a b', true],
  ['CN=a\\C2\\A0b', 'CN=a b', true],
  ['CN=ab', 'CN=a b', false],
  ['CN=STRASSE', 'CN=straße', true],
  ['CN=ΣΑΣ', 'CN=σας', true],
  ['CN=é', 'CN=e\u0301', true],
  ['CN=é', 'CN=e', false],
  ['CN=ＡＢ', 'CN=ab', true],
  ['CN=ı', 'CN=i', false],
  ['CN=admin', 'CN=ad\\00min', false],
  ['CN=ad\\00min', 'CN=ad\\00min', false],
  ['CN=admin', 'CN=ad\\C2\\ADmin', false],
  ['CN=admin', 'CN=ad\u200bmin', false],
  ['CN=a\ufffd', 'CN=a\ufffd', false],
  ['CN=', 'CN=\\ ', true],
  ['1.2.3.4=a', '1.2.3.4=a', true],
  ['1.2.3.4=a', '1.2.3.4=A', false],
  ['1.2.3.4=#04024869', '1.2.3.4=#04024869', true],
  ['1.2.3.4=#04024869', '1.2.3.4=04024869', false],
  ['CN=a\\=b', 'CN=a=b', true],
]

for (const [one, other, expected] of comparisons) {
  test(`'${one}' ${expected ? 'equals' : 'differs from'} '${other}'`, () => {
    assert.equal(equal(one, other), expected)
  })
}

const der = (hex: string) =>
  parseDerName(Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex')))
// CN=a and O=b, one after the other, in PrintableString and UTF8String
const rootFirst = '301a 310b 3009 0603 55040a 1302 6262 310b 3009 0603 550403 0c02 6161'

test('the name of a certificate equals its string, whatever the string types', () => {
  const name = der(rootFirst)
  assert.ok(name)
  assert.ok(distinguishedNamesEqual(name, parseDistinguishedName('CN=AA,O=bb')!))
  assert.ok(!distinguishedNamesEqual(name, parseDistinguishedName('O=bb,CN=aa')!))
})

const brokenDer: readonly [title: string, hex: string][] = [
  ['nothing', ''],
  ['a SET', '3100'],
  ['bytes behind', '3000 00'],
  ['empty relative name', '3002 3100'],
  ['relative name that is no SET', '300d 300b 3009 0603 550403 0c02 6161'],
  ['attribute without value', '3009 3107 3005 0603 550403'],
  ['attribute with two values', '3011 310f 300d 0603 550403 0c02 6161 0c02 6161'],
  ['type that is no identifier', '300d 310b 3009 0c03 550403 0c02 6161'],
  ['cut', rootFirst.slice(0, -2)],
]

for (const [title, hex] of brokenDer) {
  test(`no DER name: ${title}`, () => assert.equal(der(hex), null))
}

test('an empty DER name is empty', () => assert.deepEqual(der('3000'), []))

test('text that cannot be read is kept as bytes and equals no text', () => {
  const name = der('300d 310b 3009 0603 550403 0c02 61ff')
  assert.deepEqual(name, [[{ type: '2.5.4.3', value: '0c0261ff', encoding: 'der' }]])
})

const escaped = (value: string): string =>
  [...new TextEncoder().encode(value)]
    .map((octet) => `\\${octet.toString(16).padStart(2, '0')}`)
    .join('')

test('a value written in hexadecimal pairs is that value', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (one, other) => {
      const name = parseDistinguishedName(`CN=${escaped(one)}+UID=${escaped(other)},O=x`)
      assert.deepEqual(
        name?.[1]?.map(({ value }) => value),
        [one, other],
      )
    }),
  )
})

test('any text and any bytes are answered, never thrown at', () => {
  const text = fc.string({
    unit: fc.constantFrom('CN', '=', ',', '+', '\\', '#', 'a', '4', ' ', '"', '\ud800'),
  })
  fc.assert(fc.property(text, (name) => Array.isArray(parseDistinguishedName(name) ?? [])))
  fc.assert(fc.property(fc.uint8Array(), (bytes) => Array.isArray(parseDerName(bytes) ?? [])))
})
