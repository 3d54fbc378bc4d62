import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readChallenges, tokenChallenge } from './rfc9110-challenge.ts'

const plain = (field: string) =>
  readChallenges(field).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)])

const rows: readonly (readonly [string, readonly unknown[]])[] = [
  ['', []],
  ['Bearer', [['bearer', {}]]],
  ['Bearer realm="a", error="invalid_token"', [['bearer', { realm: 'a', error: 'invalid_token' }]]],
  ['BEARER Error=invalid_token', [['bearer', { error: 'invalid_token' }]]],
  [
    'Basic realm="x, Bearer error=\\"no\\"", Bearer error="yes"',
    [
      ['basic', { realm: 'x, Bearer error="no"' }],
      ['bearer', { error: 'yes' }],
    ],
  ],
  ['Bearer error="first", error="second"', [['bearer', { error: 'first' }]]],
  ['Bearer error = "a" ,scope="b c"', [['bearer', { error: 'a', scope: 'b c' }]]],
  [
    'Negotiate, Bearer error=a',
    [
      ['negotiate', {}],
      ['bearer', { error: 'a' }],
    ],
  ],
  ['Bearer error="never closed', [['bearer', {}]]],
]

for (const [field, challenges] of rows) {
  test(`reads ${JSON.stringify(field)}`, () => {
    assert.deepEqual(plain(field), challenges)
  })
}

test('any field is read without a fault', () => {
  fc.assert(fc.property(fc.string(), (field) => void readChallenges(field)))
})

test('what was written is read', () => {
  const value = fc.string({ unit: 'grapheme-ascii' })
  fc.assert(
    fc.property(value, value, (error, scope) => {
      const quote = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`
      const read = tokenChallenge(
        `Basic realm=x, Bearer error=${quote(error)}, scope=${quote(scope)}`,
      )
      assert.equal(read?.parameters.get('error'), error)
      assert.equal(read?.parameters.get('scope'), scope)
    }),
  )
})
