import assert from 'node:assert/strict'
import { test } from 'node:test'
import { places, plantRepository } from './planted-repository.ts'
import { sizes } from './sizes.ts'

const lines = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `export const line${index} = ${index}`)

const functionOf = (count: number): readonly string[] => [
  'export const long = () => {',
  ...Array.from({ length: count - 2 }, (_, index) => `  call(${index})`),
  '}',
]

test('files of the aimed size say nothing', async (t) => {
  const tree = await plantRepository(t, {
    'core/a.ts': lines(300),
    'core/a.test.ts': lines(600),
    'core/b.ts': functionOf(70),
  })
  assert.deepEqual(sizes.run(tree), [])
})

test('a file over the aim is warned about, over the limit it is broken', async (t) => {
  const tree = await plantRepository(t, { 'core/a.ts': lines(301), 'core/b.ts': lines(401) })
  assert.deepEqual(
    sizes.run(tree).map((violation) => [violation.file, violation.severity, violation.line]),
    [
      ['core/a.ts', 'warning', 301],
      ['core/b.ts', 'error', 401],
    ],
  )
})

test('a test file may be longer, to a limit of its own', async (t) => {
  const tree = await plantRepository(t, { 'core/a.test.ts': lines(601) })
  assert.deepEqual(places(sizes.run(tree)), ['core/a.test.ts:601 sizes'])
})

test('a function over the aim is warned about, over the limit it is broken', async (t) => {
  const tree = await plantRepository(t, {
    'core/a.ts': ['', ...functionOf(71)],
    'core/b.ts': ['const text = `', '}', '`', ...functionOf(91)],
    'core/c.test.ts': functionOf(200),
  })
  assert.deepEqual(
    sizes.run(tree).map(({ file, line, severity, message }) => [file, line, severity, message]),
    [
      ['core/a.ts', 2, 'warning', 'long has 71 lines, the aim is 70'],
      ['core/b.ts', 4, 'error', 'long has 91 lines, at most 90'],
    ],
  )
})

test('a line over 100 columns is broken, unless it is one word that cannot be', async (t) => {
  const tree = await plantRepository(t, {
    'core/a.ts': ['// short', `// ${'word '.repeat(21)}`],
    'core/b.ts': [
      `const vector = '${'A'.repeat(200)}'`,
      `import { ensureWhatIsMeant } from '@mintmark/server/${'deep/'.repeat(11)}what-is-meant'`,
    ],
  })
  assert.deepEqual(places(sizes.run(tree)), ['core/a.ts:2 sizes'])
})
