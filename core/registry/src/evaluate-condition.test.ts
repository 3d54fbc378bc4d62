import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { evaluateCondition } from './evaluate-condition.ts'
import type { Comparison, Condition, QueryValue } from './query.ts'
import { type SearchField, searchDocument } from './search-definition.ts'

const fields: Readonly<Record<string, SearchField>> = {
  name: { kind: 'value', type: 'folded' },
  nick: { kind: 'value', type: 'exact' },
  note: { kind: 'value', type: 'exact' },
  size: { kind: 'value', type: 'number' },
  active: { kind: 'value', type: 'boolean' },
  grants: { kind: 'values', type: 'exact' },
  scopes: { kind: 'elements', fields: { value: 'exact', label: 'folded' }, related: false },
  held: { kind: 'elements', fields: { value: 'exact' }, related: true },
}

const document = searchDocument(
  { fields, read: (item: Readonly<Record<string, unknown>>) => item },
  {
    name: 'ZOË Ltd',
    size: 3,
    active: true,
    grants: ['a', 'b'],
    scopes: [{ value: 'read', label: 'Read' }, { value: 'write' }],
    held: [{ value: 'not from the record' }],
    nick: null,
    note: 'a\0b',
  },
)

const compare = (field: string, operator: Comparison, value: QueryValue): Condition => ({
  kind: 'compare',
  field,
  operator,
  value,
})
const some = (field: string, ...conditions: Condition[]): Condition => ({
  kind: 'some',
  field,
  condition: { kind: 'and', conditions },
})
const present = (field: string): Condition => ({ kind: 'present', field })
const not = (condition: Condition): Condition => ({ kind: 'not', condition })

const table: readonly (readonly [string, Condition, boolean])[] = [
  ['folded text', compare('name', 'eq', 'zoë ltd'), true],
  ['unfolded question', compare('name', 'eq', 'ZOË Ltd'), false],
  ['begins', compare('name', 'sw', 'zo'), true],
  ['ends', compare('name', 'ew', 'ltd'), true],
  ['contains', compare('name', 'co', 'ë l'), true],
  ['missing eq', compare('nick', 'eq', ''), false],
  ['missing ne', compare('nick', 'ne', 'x'), true],
  ['missing le', compare('nick', 'le', 'x'), false],
  ['not of missing le', not(compare('nick', 'le', 'x')), true],
  ['missing begins with nothing', compare('nick', 'sw', ''), false],
  ['missing is not present', present('nick'), false],
  ['a NUL is found as it is kept', compare('note', 'eq', 'a\0b'), true],
  ['number in order', compare('size', 'ge', 3), true],
  ['number and text', compare('size', 'eq', '3'), false],
  ['number ne text', compare('size', 'ne', '3'), true],
  ['number begins', compare('size', 'sw', 3), false],
  ['boolean', compare('active', 'ne', false), true],
  ['booleans have no order', compare('active', 'gt', false), false],
  ['one of several', compare('grants', 'eq', 'b'), true],
  ['one of several differs', compare('grants', 'ne', 'b'), true],
  ['part of an element', compare('scopes.value', 'eq', 'write'), true],
  ['only labels that there are differ', compare('scopes.label', 'ne', 'read'), false],
  [
    'inside an element a missing part differs',
    some('scopes', compare('value', 'eq', 'write'), compare('label', 'ne', 'read')),
    true,
  ],
  [
    'all of it in one element',
    some('scopes', compare('value', 'eq', 'write'), compare('label', 'eq', 'read')),
    false,
  ],
  ['some of plain values', some('grants', compare('value', 'gt', 'a')), true],
  ['related list', compare('held.value', 'eq', 'r1'), true],
  ['nothing of the record is related', compare('held.value', 'sw', 'not'), false],
  ['all of nothing', { kind: 'and', conditions: [] }, true],
  ['one of nothing', { kind: 'or', conditions: [] }, false],
]

describe('evaluate a condition', () => {
  for (const [name, condition, expected] of table) {
    it(name, () => {
      const related = { held: [{ value: 'r1' }] }
      assert.equal(evaluateCondition(fields, document, condition, related), expected)
    })
  }

  it('knows no field that is in no definition', () => {
    for (const field of [
      'nobody',
      'constructor',
      'scopes.nobody',
      'scopes.constructor',
      'name.x',
    ]) {
      assert.throws(() => evaluateCondition(fields, document, present(field)), /no field/, field)
    }
    assert.throws(() => evaluateCondition(fields, document, some('name')), /no list/)
  })
})
