import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  readAttributePath,
  readAttributePaths,
  sameAttributeName,
  writeAttributePath,
} from './rfc7644-attribute-path.ts'
import { refusalText } from './rfc7644-error.ts'

const ours = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:App'

const read: readonly [text: string, urn: string | null, name: string, sub: string | null][] = [
  ['userName', null, 'userName', null],
  ['name.familyName', null, 'name', 'familyName'],
  ['members.$ref', null, 'members', '$ref'],
  ['a-b_1', null, 'a-b_1', null],
  ['__proto__', null, '__proto__', null],
  ['urn', null, 'urn', null],
  [`${ours}:tokenProfile`, ours, 'tokenProfile', null],
  [`${ours}:a.b`, ours, 'a', 'b'],
  [
    'urn:ietf:params:scim:schemas:core:2.0:User:name.givenName',
    'urn:ietf:params:scim:schemas:core:2.0:User',
    'name',
    'givenName',
  ],
  ['URN:x:y:Z', 'URN:x:y', 'Z', null],
  // the URN of a schema alone: who knows the schemas compares the whole
  [ours, 'urn:ietf:params:scim:schemas:extension:mintmark:1.0', 'App', null],
]

const refused: readonly [text: string, column: number][] = [
  ['', 1],
  [' a', 1],
  ['1a', 1],
  ['a b', 2],
  ['a/b', 2],
  ['a.', 3],
  ['a.b.c', 4],
  ['a:b', 1],
  ['urn:a', 1],
  ['urn:a:b:', 9],
  ['urn::b:c', 1],
  ['é', 1],
  ['to\u212aen', 3], // the sign for kelvin
  ['urn:a:\u212a:b', 1],
  ['a'.repeat(501), 1],
]

test('RFC 7644 §3.10: attribute notation', () => {
  for (const [text, urn, name, sub] of read) {
    const path = readAttributePath(text)
    assert.deepEqual(path, { ok: true, value: { urn, name, sub } })
    assert.equal(writeAttributePath({ urn, name, sub }), text)
  }
  for (const [text, column] of refused) {
    const path = readAttributePath(text)
    assert.equal(!path.ok && path.failure.column, column, text)
  }
  assert.ok(sameAttributeName('displayNAME', 'DisplayName'))
})

test('lists of paths: the column counts over the whole list', () => {
  const paths = readAttributePaths('a, b.c', 'attributes')
  assert.ok(paths.ok)
  assert.deepEqual(paths.value.map(writeAttributePath), ['a', 'b.c'])
  const bad = readAttributePaths('a,  b c', 'attributes')
  assert.equal(!bad.ok && bad.failure.at, 'attributes:6')
  const empty = readAttributePaths('a,,b', 'excludedAttributes')
  assert.match(empty.ok ? '' : refusalText(empty.failure), /^excludedAttributes column 3: expected/)
})

test('what is read is written as it was', () => {
  const unit = fc.constantFrom(...'aZ0_$-.:'.split(''), 'urn:x:')
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 20 }), (text) => {
      const path = readAttributePath(text)
      if (path.ok) assert.equal(writeAttributePath(path.value), text)
    }),
    { numRuns: 1000 },
  )
})
