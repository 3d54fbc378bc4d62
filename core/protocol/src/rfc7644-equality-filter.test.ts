import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readEqualityFilter } from './rfc7644-equality-filter.ts'
import { refusalText } from './rfc7644-error.ts'

const read: readonly [string, readonly (readonly [string, unknown])[]][] = [
  ['displayName eq "Orders"', [['displayName', 'Orders']]],
  ['  displayName   EQ "a \\"b\\" c"  ', [['displayName', 'a "b" c']]],
  [
    'isOAuthResource eq true and active eq false',
    [
      ['isOAuthResource', true],
      ['active', false],
    ],
  ],
  [
    'app.value eq "x" AND grantee.value eq "y"',
    [
      ['app.value', 'x'],
      ['grantee.value', 'y'],
    ],
  ],
  [
    'urn:ietf:params:scim:schemas:oracle:idcs:App:displayName eq "and or ( ["',
    [['urn:ietf:params:scim:schemas:oracle:idcs:App:displayName', 'and or ( [']],
  ],
  ['displayName eq ""', [['displayName', '']]],
  ['accessTokenExpiry eq 60', [['accessTokenExpiry', 60]]],
  ['description eq null', [['description', null]]],
]

test('conjunctions of equalities are read', () => {
  for (const [text, expected] of read) {
    const filter = readEqualityFilter(text)
    assert.ok(filter.ok, text)
    assert.deepEqual(
      filter.value.map((term) => [term.attribute, term.value]),
      expected,
    )
  }
})

const refused: readonly [string, string, RegExp][] = [
  ['', 'FILTER_MALFORMED', /column 1: expected an attribute name/],
  ['displayName', 'FILTER_MALFORMED', /column 12: expected the operator 'eq'/],
  ['displayName eq', 'FILTER_MALFORMED', /column 15: expected a value after 'eq'/],
  ['displayName eq Orders', 'FILTER_MALFORMED', /column 16: expected a value/],
  ['displayName eq "Orders', 'FILTER_MALFORMED', /column 15: expected a closing quotation mark/],
  ['displayName eq "a" active eq true', 'FILTER_MALFORMED', /column 20: expected and, or the end/],
  ['displayName eq "a" and', 'FILTER_MALFORMED', /column 23: expected an attribute name/],
  ['displayName == "a"', 'FILTER_MALFORMED', /column 13/],
  ['__proto__ eq "a"', 'FILTER_MALFORMED', /column 1/],
  ['displayName co "a"', 'FILTER_NOT_OFFERED', /column 13: the operator 'co' is not read yet/],
  ['displayName pr', 'FILTER_NOT_OFFERED', /column 13/],
  ['displayName eq "a" or active eq true', 'FILTER_NOT_OFFERED', /column 20: or/],
  ['not (displayName eq "a")', 'FILTER_NOT_OFFERED', /column 1: not/],
  ['(displayName eq "a")', 'FILTER_NOT_OFFERED', /column 1: grouping/],
  ['scopes[value eq "a"]', 'FILTER_NOT_OFFERED', /column 7: a value path/],
  [`displayName eq "${'x'.repeat(2000)}"`, 'FILTER_MALFORMED', /2000 characters/],
  [Array(21).fill('active eq true').join(' and '), 'FILTER_MALFORMED', /at most 20 terms/],
]

test('everything else is refused with its column', () => {
  for (const [text, reason, message] of refused) {
    const filter = readEqualityFilter(text)
    assert.ok(!filter.ok, text)
    assert.equal(filter.failure.reason, reason, text)
    assert.match(refusalText(filter.failure), message)
  }
})
