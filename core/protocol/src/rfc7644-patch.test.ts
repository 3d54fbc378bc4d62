import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { refusalText } from './rfc7644-error.ts'
import { patchSchema, readPatch } from './rfc7644-patch.ts'

const patch = (...operations: readonly unknown[]) => ({
  schemas: [patchSchema],
  Operations: operations,
})

test('RFC 7644 §3.5.2: operations in any case, paths with brackets and without', () => {
  const read = readPatch(
    patch(
      { op: 'REPLACE', path: 'refreshTokenExpiry', value: 904800 },
      { op: 'Add', value: { displayName: 'Orders' } },
      { op: 'remove', path: 'scopes[value eq "a]b"].description' },
      { op: 'replace', path: 'urn:x:ext:1.0:App:tokenProfile', value: null },
    ),
  )
  assert.ok(read.ok)
  const shapes = read.value.map(({ op, path, value }) => [
    op,
    path?.attribute ?? null,
    path?.filter?.kind ?? null,
    path?.sub ?? null,
    value,
  ])
  const name = (text: string, urn: string | null = null) => ({ urn, name: text, sub: null })
  assert.deepEqual(shapes, [
    ['replace', name('refreshTokenExpiry'), null, null, 904800],
    ['add', null, null, null, { displayName: 'Orders' }],
    ['remove', name('scopes'), 'compare', 'description', null],
    ['replace', name('tokenProfile', 'urn:x:ext:1.0:App'), null, null, null],
  ])
})

const deep = JSON.parse(`${'['.repeat(30)}${']'.repeat(30)}`)
const add = (more: object) => patch({ op: 'add', path: 'tags', value: 'x', ...more })
const refused: readonly [what: string, body: unknown, reason: string, message: RegExp][] = [
  ['a list', [], 'BODY_NOT_AN_OBJECT', /object/],
  ['no schemas', { Operations: [] }, 'SCHEMA_MISSING', /PatchOp/],
  ['another schema', { schemas: ['urn:x'], Operations: [] }, 'SCHEMA_MISSING', /PatchOp/],
  ['two schemas', { schemas: [patchSchema, patchSchema] }, 'SCHEMA_MISSING', /PatchOp/],
  ['no operations', patch(), 'PATCH_MALFORMED', /at least one/],
  ['101', patch(...Array(101).fill({ op: 'add' })), 'PATCH_MALFORMED', /at most 100.*has 101/],
  ['misspelt', { schemas: [patchSchema], operations: [] }, 'PATCH_MALFORMED', /mean "Operations"/],
  ['null operation', patch(null), 'PATCH_MALFORMED', /Operations\[0\] must be an object/],
  ['an own member', add({ from: 'x' }), 'PATCH_MALFORMED', /no member "from"/],
  ['move', add({ op: 'move' }), 'PATCH_MALFORMED', /Operations\[0\]\.op/],
  ['op as number', add({ op: 1 }), 'PATCH_MALFORMED', /Operations\[0\]\.op/],
  ['path as list', add({ path: [] }), 'PATCH_MALFORMED', /Operations\[0\]\.path must be a text/],
  ['empty path', add({ path: '' }), 'PATCH_PATH_INVALID', /column 1: expected an attribute/],
  ['slash', add({ path: '/tags' }), 'PATCH_PATH_INVALID', /column 1/],
  ['open bracket', add({ path: 'tags[a eq 1' }), 'PATCH_PATH_INVALID', /column 12: expected.*']'/],
  ['no filter', add({ path: 'tags[]' }), 'PATCH_PATH_INVALID', /column 6: expected an attribute/],
  ['two dots', add({ path: 'tags[a eq 1].b.c' }), 'PATCH_PATH_INVALID', /column 14/],
  ['sub in front', add({ path: 'tags.a[b eq 1]' }), 'PATCH_PATH_INVALID', /column 7/],
  ['more', add({ path: 'tags[a eq 1] x' }), 'PATCH_PATH_INVALID', /column 13/],
  ['long path', add({ path: 'a'.repeat(5000) }), 'PATCH_PATH_INVALID', /too long/],
  ['no value', add({ value: undefined }), 'PATCH_MALFORMED', /add needs a value/],
  ['no path, text', add({ path: null }), 'PATCH_MALFORMED', /no path/],
  ['remove all', patch({ op: 'remove' }), 'PATCH_NO_TARGET', /remove needs a path/],
  ['remove with value', add({ op: 'REMOVE' }), 'PATCH_MALFORMED', /remove has no value.*Name what/],
  ['deep value', add({ value: deep }), 'PATCH_MALFORMED', /20 levels/],
  [
    'prototype name inside',
    patch({ op: 'add', value: JSON.parse('{"a":[{"__proto__":{"x":1}}]}') }),
    'ATTRIBUTE_UNKNOWN',
    /"__proto__"/,
  ],
]

for (const [what, body, reason, message] of refused) {
  test(`a PATCH with ${what} is refused`, () => {
    const read = readPatch(body)
    assert.ok(!read.ok)
    assert.equal(read.failure.reason, reason)
    assert.match(refusalText(read.failure), message)
  })
}

test('the comparisons of all paths together are bounded', () => {
  const path = `tags[${Array(50).fill('a pr').join(' or ')}]`
  const operations = (count: number) => patch(...Array(count).fill({ op: 'remove', path }))
  assert.ok(readPatch(operations(10)).ok)
  const read = readPatch(operations(11))
  assert.equal(!read.ok && read.failure.at, 'Operations[10].path')
})

test('a second operation is named as such', () => {
  const read = readPatch(patch({ op: 'add', path: 'a', value: 1 }, { op: 'add', path: 'a' }))
  assert.equal(!read.ok && read.failure.at, 'Operations[1].value')
})

test('no JSON at all makes the reader throw', () => {
  const operation = fc.record({ op: fc.anything(), path: fc.string(), value: fc.anything() })
  const bodies = fc.oneof(
    fc.anything(),
    fc.array(operation, { maxLength: 3 }).map((each) => patch(...each)),
    fc.string().map((path) => patch({ op: 'remove', path: `a[${path}` })),
  )
  fc.assert(fc.property(bodies, (body) => typeof readPatch(body).ok === 'boolean'))
})
