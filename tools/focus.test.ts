import assert from 'node:assert/strict'
import { test } from 'node:test'
import { focus } from './focus.ts'
import { places, plantRepository } from './planted-repository.ts'

const later = ['TO', 'DO'].join('')
const mend = ['FIX', 'ME'].join('')
const ignore = ['@ts', 'ignore'].join('-')

test('a test that is switched off or alone is found', async (t) => {
  const tree = await plantRepository(t, {
    'core/a.test.ts': [
      "test.only('a', () => {})",
      "describe.skip('b', () => {})",
      "it.todo('c')",
      "test('d', { skip: true }, () => {})",
      "test('e', { todo: 'not yet' }, () => {})",
    ],
  })
  assert.deepEqual(
    focus.run(tree).map((violation) => violation.line),
    [1, 2, 3, 4, 5],
  )
})

test('a test that is left out for a reason found while running is fine', async (t) => {
  const tree = await plantRepository(t, {
    'core/a.test.ts': [
      "test('a', { skip: missing('nginx') }, () => {})",
      "test('b', (t) => { if (slow) t.skip('slow') })",
      'const only = list.only(1)',
    ],
    'core/b.ts': 'export const options = { skip: true }',
  })
  assert.deepEqual(focus.run(tree), [])
})

test('unfinished work and looking away are found', async (t) => {
  const tree = await plantRepository(t, {
    'core/a.ts': [
      `// ${later}: finish`,
      'export const a = 1 // fine',
      `// ${mend}`,
      `// ${ignore}`,
    ],
    'core/b.ts': ['export const b = (value: any) => value', "export const any = 'any: any'"],
    '.ci/run': ['#!/bin/sh', `# ${later}`],
  })
  assert.deepEqual(places(focus.run(tree)), [
    '.ci/run:2 focus',
    'core/a.ts:1 focus',
    'core/a.ts:3 focus',
    'core/a.ts:4 focus',
    'core/b.ts:1 focus',
  ])
})
