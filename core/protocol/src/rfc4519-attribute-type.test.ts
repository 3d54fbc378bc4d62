import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attributeTypeOf, hasCaseIgnoreMatch } from './rfc4519-attribute-type.ts'

const types: readonly [written: string, identifier: string | null][] = [
  ['CN', '2.5.4.3'],
  ['commonName', '2.5.4.3'],
  ['L', '2.5.4.7'],
  ['ST', '2.5.4.8'],
  ['O', '2.5.4.10'],
  ['OU', '2.5.4.11'],
  ['C', '2.5.4.6'],
  ['STREET', '2.5.4.9'],
  ['DC', '0.9.2342.19200300.100.1.25'],
  ['UID', '0.9.2342.19200300.100.1.1'],
  ['sErialNumber', '2.5.4.5'],
  ['emailAddress', '1.2.840.113549.1.9.1'],
  ['2.5.4.3', '2.5.4.3'],
  ['1.2.3.4', '1.2.3.4'],
  ['X', null],
  ['constructor', null],
  ['', null],
]

for (const [written, identifier] of types) {
  test(`attribute type ${written} is ${identifier}`, () => {
    assert.equal(attributeTypeOf(written), identifier)
  })
}

test('types whose comparison is not known compare exactly', () => {
  assert.equal(hasCaseIgnoreMatch('2.5.4.3'), true)
  assert.equal(hasCaseIgnoreMatch('1.2.3.4'), false)
  assert.equal(hasCaseIgnoreMatch('2.5.4.45'), false)
})
