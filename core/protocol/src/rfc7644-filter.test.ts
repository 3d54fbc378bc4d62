import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { refusalText } from './rfc7644-error.ts'
import {
  type Filter,
  type FilterOperator,
  type FilterValue,
  filterCharsMax,
  readFilter,
} from './rfc7644-filter.ts'
import { writeFilter } from './rfc7644-filter-text.ts'

/** Trees as lists, for tables: `['eq', 'a.b', 1]`, `['and', …]`. */
type Tree = readonly unknown[]

const tree = (filter: Filter): Tree => {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return [filter.kind, ...filter.filters.map(tree)]
    case 'not':
      return ['not', tree(filter.filter)]
    case 'present':
      return ['pr', pathText(filter)]
    case 'compare':
      return [filter.operator, pathText(filter), filter.value]
    case 'valuePath':
      return ['[]', pathText(filter), tree(filter.filter)]
  }
}

const pathText = ({ path }: Extract<Filter, { path: unknown }>): string =>
  [path.urn, path.name, path.sub].map((part) => part ?? '').join('|')

const a = ['eq', '|a|', 1]
const b = ['eq', '|b|', 2]
const c = ['eq', '|c|', 3]
const core = 'urn:ietf:params:scim:schemas:oracle:idcs:App'
const ours = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:App'

const read: readonly [string, Tree][] = [
  ['userName eq "bjensen"', ['eq', '|userName|', 'bjensen']],
  [`name.familyName co "O'Malley"`, ['co', '|name|familyName', "O'Malley"]],
  ['  title   PR  ', ['pr', '|title|']],
  [
    'meta.lastModified gt "2011-05-13T04:42:34Z"',
    ['gt', '|meta|lastModified', '2011-05-13T04:42:34Z'],
  ],
  [`${core}:displayName eq "x"`, ['eq', `${core}|displayName|`, 'x']],
  [`${ours}:tokenProfile Eq "x"`, ['eq', `${ours}|tokenProfile|`, 'x']],
  [`${ours}:a.b pr`, ['pr', `${ours}|a|b`]],
  ['members.$ref sw "https"', ['sw', '|members|$ref', 'https']],
  ['$ref pr', ['pr', '|$ref|']],
  ['__proto__ pr', ['pr', '|__proto__|']],
  ['a eq "b \\"c\\" \\\\ \\u00e9"', ['eq', '|a|', 'b "c" \\ é']],
  ['a eq "and or ) ]"', ['eq', '|a|', 'and or ) ]']],
  ['a eq true', ['eq', '|a|', true]],
  ['a eq False', ['eq', '|a|', false]],
  ['a ne NULL', ['ne', '|a|', null]],
  ['a ge -1.5e3', ['ge', '|a|', -1500]],
  ['a eq -0', ['eq', '|a|', 0]],
  ['id eq IDCSAppId', ['eq', '|id|', 'IDCSAppId']],
  ['id eq 0123abcd', ['eq', '|id|', '0123abcd']],
  ['id eq 1a', ['eq', '|id|', '1a']],
  ['id eq ocid1.app.oc1..aaa', ['eq', '|id|', 'ocid1.app.oc1..aaa']],
  ['id eq 12', ['eq', '|id|', 12]],
  ['id eq 1e999', ['eq', '|id|', '1e999']],
  ['a eq trueish', ['eq', '|a|', 'trueish']],
  ['a eq order', ['eq', '|a|', 'order']],
  ['a eq constructor', ['eq', '|a|', 'constructor']],
  [
    'order eq 1 or android eq 2 and nothing pr',
    ['or', ['eq', '|order|', 1], ['and', ['eq', '|android|', 2], ['pr', '|nothing|']]],
  ],
  ['eq eq "eq"', ['eq', '|eq|', 'eq']],
  ['a eq 1 and b eq 2 and c eq 3', ['and', a, b, c]],
  ['a eq 1 or b eq 2 and c eq 3', ['or', a, ['and', b, c]]],
  ['a eq 1 AND b eq 2 OR c eq 3', ['or', ['and', a, b], c]],
  ['(a eq 1 or b eq 2) and c eq 3', ['and', ['or', a, b], c]],
  ['((a eq 1))', a],
  ['a eq 1 and (b eq 2 and c eq 3)', ['and', a, ['and', b, c]]],
  ['not (a eq 1) and b eq 2', ['and', ['not', a], b]],
  ['NOT(a eq 1 or b eq 2)', ['not', ['or', a, b]]],
  ['not (not (a eq 1))', ['not', ['not', a]]],
  ['s[b eq 2 and c eq 3]', ['[]', '|s|', ['and', b, c]]],
  ['s[ b eq 2 ] or s[c eq 3]', ['or', ['[]', '|s|', b], ['[]', '|s|', c]]],
  ['s[not (b eq 2) or (c eq 3)]', ['[]', '|s|', ['or', ['not', b], c]]],
  ['s[b eq 2].c eq 3', ['[]', '|s|', ['and', b, c]]],
  ['s[b eq 2 and a eq 1].c eq 3 and a eq 1', ['and', ['[]', '|s|', ['and', b, a, c]], a]],
  ['s[b eq 2 or a eq 1].c pr', ['[]', '|s|', ['and', ['or', b, a], ['pr', '|c|']]]],
  [`${ours}:s[b eq 2]`, ['[]', `${ours}|s|`, b]],
  ['a\teq\n1', a],
]

for (const [text, expected] of read) {
  test(`reads ${text}`, () => {
    const filter = readFilter(text)
    assert.ok(filter.ok, JSON.stringify(filter))
    assert.deepEqual(tree(filter.value), expected)
  })
}

const group = (depth: number) => `${'('.repeat(depth)}a pr${')'.repeat(depth)}`
const many = (count: number) => Array(count).fill('a pr').join(' and ')

const refused: readonly [text: string, column: number, expected: RegExp][] = [
  ['', 1, /an attribute name/],
  ['   ', 4, /an attribute name/],
  ['displayName', 12, /one of eq, ne.*after the attribute/],
  ['displayName eq', 15, /a value after 'eq'/],
  ['displayName eq   ', 18, /a value after 'eq'/],
  ['displayName EQ and', 16, /a value after 'eq'/],
  ['displayName eq "Orders', 16, /closing quotation mark/],
  ['displayName eq "a\\"', 16, /closing quotation mark/],
  ['displayName eq "\\x"', 16, /a JSON text/],
  ['displayName eq "a\nb"', 16, /a JSON text/],
  ['displayName eq "\\ud800"', 16, /a JSON text/],
  ["displayName eq 'x'", 16, /a value/],
  ['displayName eq [1]', 16, /a value/],
  ['displayName eq Orders Service', 23, /and, or, or the end.*quotation marks/],
  ['displayName == "a"', 13, /one of eq/],
  ['displayName \u017fw "a"', 13, /one of eq/], // ſ is no s
  ['displayName like "a"', 13, /one of eq/],
  ['displayName pr "a"', 16, /the end/],
  ['displayName eq "a" active eq true', 20, /the end/],
  ['displayName eq "a" and', 23, /an attribute name/],
  ['and eq 1', 1, /an attribute name/],
  ['a eq 1 and or b eq 1', 12, /an attribute name/],
  ['a eq 1 && b eq 1', 8, /the end/],
  ['1a eq 1', 1, /an attribute name/],
  ['a. eq 1', 3, /sub-attribute/],
  ['a..b eq 1', 3, /sub-attribute/],
  ['a.b.c eq 1', 4, /one sub-attribute/],
  ['.a eq 1', 1, /an attribute name/],
  ['x:a eq 1', 1, /URN of a schema/],
  ['urn:a: eq 1', 1, /URN of a schema/],
  ['urn:a:b: eq 1', 9, /an attribute name/],
  ['not a eq 1', 5, /'\(' after not/],
  ['not', 4, /'\(' after not/],
  ['(a eq 1', 8, /and, or, or '\)'/],
  ['(a eq 1]', 8, /and, or, or '\)'/],
  ['a eq 1)', 7, /the end/],
  ['()', 2, /an attribute name/],
  ['a[b eq 1', 9, /and, or, or '\]'/],
  ['a[]', 3, /an attribute name/],
  ['a[b eq 1]]', 10, /the end/],
  ['a[b eq 1] eq 1', 11, /the end/],
  ['a[b eq 1].', 11, /an attribute name/],
  ['a[b eq 1].c', 12, /one of eq/],
  ['a[b eq 1].c.d eq 1', 11, /without dot/],
  ['a[b.c eq 1]', 3, /without dot or URN/],
  ['a[urn:a:b:c eq 1]', 3, /without dot or URN/],
  ['a[b[c eq 1]]', 4, /no brackets inside brackets/],
  ['a.b[c eq 1]', 4, /'\[' follows a list/],
  ['a gt true', 6, /a text or a number after 'gt'/],
  ['a le null', 6, /a text or a number after 'le'/],
  ['a co 1', 6, /a text in quotation marks after 'co'/],
  ['a sw  false', 7, /a text in quotation marks after 'sw'/],
  [group(51), 51, /at most 50 levels/],
  ['('.repeat(4000), 51, /at most 50 levels/],
  ['not ('.repeat(700), 255, /at most 50 levels/],
  [many(101), 901, /at most 100 comparisons/],
]

for (const [text, column, expected] of refused) {
  test(`refuses ${JSON.stringify(text).slice(0, 60)} at column ${column}`, () => {
    const filter = readFilter(text)
    assert.ok(!filter.ok)
    assert.equal(filter.failure.reason, 'FILTER_MALFORMED')
    assert.equal(filter.failure.at, `filter:${column}`)
    const message = refusalText(filter.failure)
    assert.match(message, expected)
    assert.match(message, /Example: displayName eq "Orders"$/)
  })
}

test('bounds: as much as is allowed is read; 10,000 levels are refused by length', () => {
  assert.ok(readFilter(group(50)).ok)
  assert.ok(readFilter(many(100)).ok)
  assert.ok(readFilter(`a eq "${'x'.repeat(filterCharsMax - 7)}"`).ok)
  const filter = readFilter(group(10_000))
  assert.match(filter.ok ? '' : refusalText(filter.failure), /at most 4000 characters/)
})

test('columns: where each node begins, and its value', () => {
  const filter = readFilter(' a eq 1 and not (s[b  ne   2])')
  assert.ok(filter.ok && filter.value.kind === 'and')
  const [left, right] = filter.value.filters
  assert.equal(filter.value.column, 2)
  assert.ok(left?.kind === 'compare' && right?.kind === 'not')
  assert.deepEqual([left.column, left.valueColumn], [2, 7])
  const { filter: path } = right
  assert.ok(path.kind === 'valuePath' && path.filter.kind === 'compare')
  assert.deepEqual([right.column, path.column], [13, 18])
  assert.deepEqual([path.filter.column, path.filter.valueColumn], [20, 28])
})

const letters = 'abcXYZ0_-$'.split('')
const names = fc
  .tuple(fc.constantFrom('a', 'n', 'o', '$', '_'), fc.string({ unit: fc.constantFrom(...letters) }))
  .map((parts) => parts.join(''))
const innerPath = names.map((name) => ({ urn: null, name, sub: null }))
const path = fc.record({
  urn: fc.option(fc.constantFrom(core, ours, 'URN:a:b')),
  name: names,
  sub: fc.option(names),
})
const text = fc.string({ unit: 'binary' }).filter((each) => each.isWellFormed())
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => each + 0)
const node = { column: fc.constant(0), valueColumn: fc.constant(0) }
const operators = (...all: readonly FilterOperator[]) => fc.constantFrom(...all)

const comparison = (paths: typeof path | typeof innerPath) => {
  const compare = (operator: fc.Arbitrary<FilterOperator>, value: fc.Arbitrary<FilterValue>) =>
    fc.record({ kind: fc.constant('compare' as const), path: paths, operator, value, ...node })
  const any = fc.oneof(text, number, fc.boolean(), fc.constant(null))
  return fc.oneof(
    fc.record({ kind: fc.constant('present' as const), path: paths, column: node.column }),
    compare(operators('eq', 'ne'), any),
    compare(operators('co', 'sw', 'ew'), text),
    compare(operators('gt', 'ge', 'lt', 'le'), fc.oneof(text, number)),
  )
}

const grown = (leaf: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> =>
  fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        filters: fc.array(tie('filter'), { minLength: 2, maxLength: 3 }),
        column: node.column,
      }),
      fc.record({ kind: fc.constant('not' as const), filter: tie('filter'), column: node.column }),
    ),
  })).filter

const valuePath: fc.Arbitrary<Filter> = fc.record({
  kind: fc.constant('valuePath' as const),
  path: path.map((each) => ({ ...each, sub: null })),
  filter: grown(comparison(innerPath)),
  column: node.column,
})
const filters = grown(fc.oneof(comparison(path), valuePath))

const withoutColumns = (filter: Filter): unknown =>
  JSON.parse(JSON.stringify(filter, (key, value) => (/column/iu.test(key) ? 0 : value)))

test('read(write(filter)) is the filter', () => {
  let compared = 0
  const fits = filters.filter((each) => writeFilter(each).length <= filterCharsMax)
  fc.assert(
    fc.property(fits, (filter) => {
      const again = readFilter(writeFilter(filter))
      const isTooMuch = !again.ok && /at most (?:50|100) /.test(again.failure.what)
      if (isTooMuch) return
      assert.ok(again.ok, writeFilter(filter))
      assert.deepEqual(withoutColumns(again.value), withoutColumns(filter))
      compared++
    }),
    { numRuns: 1000 },
  )
  assert.ok(compared > 800, `${compared}`)
})

test('no text makes the reader throw', () => {
  const parts = 'a urn:a:b and or not ( ) [ ] . " \\ eq pr 1 true "x" é \u0000 : $'.split(' ')
  const soup = fc.array(fc.constantFrom(...parts), { maxLength: 30 }).map((each) => each.join(' '))
  const glued = fc.array(fc.constantFrom(...parts), { maxLength: 30 }).map((each) => each.join(''))
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), soup, glued), (each) => {
      const filter = readFilter(each)
      if (filter.ok) assert.ok(readFilter(writeFilter(filter.value)).ok, each)
      else assert.match(filter.failure.at ?? '', /^filter:\d+$/)
    }),
    { numRuns: 3000 },
  )
})
