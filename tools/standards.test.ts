import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missing, type Row, tested } from '../conformance/rows/row.ts'
import { rowGroups } from '../conformance/rows.ts'
import { places, plantRepository } from './planted-repository.ts'
import { judgeRows, renderStandards, type Standards, standards } from './standards.ts'

const standardsOf = (...rows: readonly Row[]): Standards => ({
  groups: [{ title: 'Token endpoint', rows }],
  notOffered: [{ id: 'NO-01', feature: 'a grant', section: 'RFC 1', answer: 'no' }],
  later: [['RFC 2', 'a library']],
})

const post = tested('TE-01', 'RFC 6749 §3.2', 'M', 'POST only')
const method = tested('TE-02', 'RFC 9110 §15.5.6', 'M', 'allowed methods | named')
const http2 = missing(['TE-24', 'RFC 9113', 'C', 'the same over HTTP/2'], 'HTTP/2')

const refusals = ["import { test } from 'node:test'", "test('NO-01 is refused', () => {})"]
const rows = ['export const rows = [', "  tested('TE-01'),", "  tested('TE-02'),", ']']

test('rows are carried by names, by templates and by tables of names', async (t) => {
  const tree = await plantRepository(t, {
    'conformance/not-offered.test.ts': refusals,
    'conformance/method.test.ts': [
      "const cases = [['TE-02 names the allowed methods', 'PUT']]",
      `for (const name of [1]) test(\`TE-01 GET is refused \${name}\`, () => {})`,
    ],
  })
  assert.deepEqual(judgeRows(tree, standardsOf(post, method, http2)), [])
})

test('one name may carry several rows', async (t) => {
  const tree = await plantRepository(t, {
    'conformance/a.test.ts': "test('TE-01, TE-02 and NO-01 at once', () => {})",
  })
  assert.deepEqual(judgeRows(tree, standardsOf(post, method)), [])
})

test('a row without a test is found, at its place in the rows', async (t) => {
  const tree = await plantRepository(t, {
    'conformance/rows.ts': rows,
    'conformance/a.test.ts': [...refusals, '// TE-01 in a comment is no test', "see('of TE-02')"],
    'core/a.test.ts': "test('TE-01 elsewhere', () => {})",
  })
  assert.deepEqual(places(judgeRows(tree, standardsOf(post, method))), [
    'conformance/rows.ts:2 standards',
    'conformance/rows.ts:3 standards',
  ])
})

test('a refusal without a test is found', async (t) => {
  const tree = await plantRepository(t, { 'conformance/a.test.ts': "test('TE-01 x', () => {})" })
  assert.match(judgeRows(tree, standardsOf(post))[0]?.message ?? '', /^NO-01 has no test/)
})

test('an id that is no row, or whose row says n/a, is found at the test', async (t) => {
  const tree = await plantRepository(t, {
    'conformance/a.test.ts': [
      ...refusals,
      "test('TE-99 x', () => {})",
      "test('TE-24 x', () => {})",
    ],
  })
  assert.deepEqual(
    judgeRows(tree, standardsOf(http2)).map(({ line, message }) => `${line} ${message}`),
    ['3 TE-99 is no row', '4 TE-24 has a test, and its row says n/a'],
  )
})

test('a row that comes twice, or is n/a without a reason, is found', async (t) => {
  const tree = await plantRepository(t, { 'conformance/a.test.ts': refusals })
  const { reason: _, ...silent } = http2
  assert.deepEqual(
    judgeRows(tree, standardsOf(http2, http2)).map(({ message }) => message),
    ['TE-24 comes twice'],
  )
  assert.match(judgeRows(tree, standardsOf(silent))[0]?.message ?? '', /^TE-24 names a missing/)
})

test('the page links each row to its tests and names what is missing', async (t) => {
  const tree = await plantRepository(t, {
    'conformance/not-offered.test.ts': refusals,
    'conformance/token/method.test.ts': ["test('TE-01 a', () => {})", "test('TE-01 b', () => {})"],
    'conformance/b.test.ts': ["test('TE-01 c', () => {})", "test('TE-02 d', () => {})"],
  })
  const text = renderStandards(tree, standardsOf(post, method, http2))
  const row = '| TE-01 | RFC 6749 §3.2 | M | POST only | [b](../conformance/b.test.ts), '
  assert.ok(text.includes(`${row}[method](../conformance/token/method.test.ts) |`), text)
  assert.ok(text.includes('| allowed methods \\| named | [b]'), text)
  assert.ok(text.includes('| TE-24 | RFC 9113 | C | the same over HTTP/2 | n/a: HTTP/2 |'), text)
  assert.ok(text.includes('| NO-01 | a grant | RFC 1 | no | [not-offered]'), text)
  assert.ok(text.includes('2 rows have a test; 1 are not applicable'), text)
})

test('the check finds an unmapped row of ours and a page that is out of date', async (t) => {
  const tree = await plantRepository(t, { 'conformance/rows.ts': '', 'docs/standards.md': 'old' })
  const found = standards.run(tree).map(({ message }) => message)
  assert.ok(found.includes('TE-01 has no test'))
  assert.match(found.at(-1) ?? '', /^out of date/)
  assert.deepEqual(standards.run(await plantRepository(t, { 'README.md': '' })), [])
})

test('our rows: every id once, every title one short line', () => {
  const all = rowGroups.flatMap((group) => group.rows)
  assert.equal(new Set(all.map(({ id }) => id)).size, all.length)
  for (const { id, title } of all) {
    assert.match(id, /^[A-Z]{2}-\d{2}$/)
    assert.ok(title.length > 0 && title.length <= 80, id)
  }
})
