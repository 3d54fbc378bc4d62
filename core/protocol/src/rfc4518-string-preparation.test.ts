import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { prepareCaseIgnore } from './rfc4518-string-preparation.ts'

const prepared: readonly [value: string, prepared: string | null][] = [
  ['Acme Inc', 'acme inc'],
  ['  Acme \t\r\n Inc  ', 'acme inc'],
  ['a\u3000b', 'a b'],
  ['a \u0301b', 'a \u0301b'],
  [' \u0301', ' \u0301'],
  ['', ''],
  ['   ', ''],
  ['Stra\u00dfe', 'strasse'],
  ['STRA\u1e9eE', 'strasse'],
  ['\u03a3\u03c3\u03c2', '\u03c3\u03c3\u03c3'],
  ['\u00c5', '\u00e5'],
  ['A\u030a', '\u00e5'],
  ['\u212a', 'k'],
  ['\u{1d400}', 'a'],
  ['\u0131', '\u0131'],
  ['a\0b', null],
  ['a\u007fb', null],
  ['a\u00adb', null],
  ['a\u200bb', null],
  ['a\u202eb', null],
  ['a\ufe0fb', null],
  ['a\u034fb', null],
  ['a\ue000b', null],
  ['a\ufffdb', null],
  ['a\ufdd0b', null],
  ['a\ud800b', null],
  ['a\ufeffb', null],
]

for (const [value, expected] of prepared) {
  test(`${JSON.stringify(value)} is prepared as ${JSON.stringify(expected)}`, () => {
    assert.equal(prepareCaseIgnore(value), expected)
  })
}

test('preparing twice changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-composite' }), (value) => {
      const once = prepareCaseIgnore(value)
      if (once !== null) assert.equal(prepareCaseIgnore(once), once)
    }),
    { numRuns: 1000 },
  )
})
