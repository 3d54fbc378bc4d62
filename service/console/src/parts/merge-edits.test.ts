import { deepEqual } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mergeEdits } from './merge-edits.ts'

const base = { name: 'a', words: 'b', client: { scopes: ['x'], on: false } }

describe('edits of two', () => {
  for (const [told, mine, theirs, merged, clashes] of [
    ['nothing by either', base, base, base, []],
    ['mine alone', { ...base, name: 'm' }, base, { ...base, name: 'm' }, []],
    ['theirs alone', base, { ...base, words: 't' }, { ...base, words: 't' }, []],
    [
      'different members',
      { ...base, client: { scopes: ['x'], on: true } },
      { ...base, client: { scopes: ['x', 'y'], on: false } },
      { ...base, client: { scopes: ['x', 'y'], on: true } },
      [],
    ],
    ['the same', { ...base, name: 'n' }, { ...base, name: 'n' }, { ...base, name: 'n' }, []],
    [
      'the same member differently',
      { ...base, client: { scopes: ['m'], on: false } },
      { ...base, client: { scopes: [], on: false } },
      { ...base, client: { scopes: ['m'], on: false } },
      ['client.scopes'],
    ],
  ] as const) {
    it(`are laid together: ${told}`, () =>
      deepEqual(mergeEdits<typeof base>(copy(base), copy(mine), copy(theirs)), { merged, clashes }))
  }
})

const copy = (value: unknown): typeof base => structuredClone(value) as typeof base
