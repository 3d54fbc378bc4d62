import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cycles } from './cycles.ts'
import { layers } from './layers.ts'
import { places, plantRepository } from './planted-repository.ts'
import type { Violation } from './violation.ts'

const manifest = (...dependencies: readonly string[]): string =>
  JSON.stringify({ dependencies: Object.fromEntries(dependencies.map((name) => [name, '1.0.0'])) })

const leaf = 'export const leaf = 1'

const messages = (found: readonly Violation[]): readonly string[] =>
  found.map((violation) => violation.message)

test('the arrow may be followed: storage to core, server to both, cli to server', async (t) => {
  const tree = await plantRepository(t, {
    'core/protocol/src/a.ts': leaf,
    'core/registry/src/a.ts': "export { leaf } from '@mintmark/protocol/a'",
    'core/decisions/src/a.ts': "import type { leaf } from '@mintmark/registry/a'",
    'service/storage/src/a.ts': [
      "import { DatabaseSync } from 'node:sqlite'",
      "import { leaf } from '@mintmark/registry/a'",
    ],
    'service/server/src/a.ts': "import { leaf } from '@mintmark/storage/a'",
    'edge/cli/src/a.ts': "import { leaf } from '@mintmark/server/a'",
  })
  assert.deepEqual(layers.run(tree), [])
})

const refused: readonly (readonly [string, string, string, RegExp])[] = [
  [
    'protocol to registry',
    'core/protocol',
    '@mintmark/registry/a',
    /may not import @mintmark\/reg/,
  ],
  ['registry to decisions', 'core/registry', '@mintmark/decisions/a', /may not import/],
  ['decisions to storage', 'core/decisions', '@mintmark/storage/a', /may not import/],
  ['storage to server', 'service/storage', '@mintmark/server/a', /may not import/],
  ['server to the command line', 'service/server', '@mintmark/cli/a', /may not import/],
  ['command line to storage', 'edge/cli', '@mintmark/storage/a', /may not import/],
  ['a black-box test to the server', 'conformance', '@mintmark/server/a', /may not import/],
  [
    'by a path that leaves the part',
    'core/registry',
    '../../protocol/src/a.ts',
    /leaves core\/reg/,
  ],
  ['the own package by name', 'core/protocol', '@mintmark/protocol/a', /is this package/],
  ['a file that is not there', 'core/registry', '@mintmark/protocol/nothing', /names no file/],
  ['a path without its extension', 'core/protocol', './a', /\.ts extension/],
  ['core to a module of node', 'core/protocol', 'node:crypto', /is pure/],
  ['core to a package', 'core/protocol', 'jose', /is pure/],
  ['SQLite outside storage', 'service/server', 'node:sqlite', /service\/storage only/],
  ['a module of node without its prefix', 'service/server', 'fs', /write 'node:fs'/],
  ['a package that is not declared', 'service/server', 'left-pad', /not among the dependencies/],
]

for (const [name, part, specifier, message] of refused) {
  test(`refused: ${name}`, async (t) => {
    const folder = part === 'conformance' ? part : `${part}/src`
    const parts = ['core/protocol', 'core/registry', 'core/decisions', 'service/storage']
    const leaves = [...parts, 'service/server', 'edge/cli'].map((each) => [
      `${each}/src/a.ts`,
      leaf,
    ])
    const tree = await plantRepository(t, {
      ...Object.fromEntries(leaves),
      [`${folder}/planted.ts`]: ['// first line', `import { leaf } from '${specifier}'`],
    })
    const found = layers.run(tree)
    assert.deepEqual(places(found), [`${folder}/planted.ts:2 layers`])
    assert.match(messages(found)[0] ?? '', message)
  })
}

test('types, re-exports, dynamic imports and import types are imports too', async (t) => {
  const tree = await plantRepository(t, {
    'core/registry/src/a.ts': leaf,
    'core/protocol/src/b.ts': [
      "import type { leaf } from '@mintmark/registry/a'",
      "export * from '@mintmark/registry/a'",
      "const late = () => import('@mintmark/registry/a')",
      "type Leaf = typeof import('@mintmark/registry/a').leaf",
      'const text = "import { leaf } from \'@mintmark/registry/a\'"',
    ],
  })
  assert.deepEqual(
    layers.run(tree).map((violation) => violation.line),
    [1, 2, 3, 4],
  )
})

test('a benchmark or a black-box test may open a database file', async (t) => {
  const tree = await plantRepository(t, {
    'benchmarks/a.ts': "import { DatabaseSync } from 'node:sqlite'",
    'conformance/a.test.ts': "import { DatabaseSync } from 'node:sqlite'",
  })
  assert.deepEqual(layers.run(tree), [])
})

test('a declared package is allowed, and core may borrow the types of jose', async (t) => {
  const tree = await plantRepository(t, {
    'package.json': JSON.stringify({ devDependencies: { 'fast-check': '1.0.0' } }),
    'service/server/package.json': manifest('fastify'),
    'service/server/src/a.ts': "import fastify from 'fastify'",
    'core/protocol/src/a.ts': "import type { JWK } from 'jose'",
    'core/protocol/src/a.test.ts': [
      "import { test } from 'node:test'",
      "import * as fc from 'fast-check'",
    ],
  })
  assert.deepEqual(layers.run(tree), [])
})

test('a package of this repository must be declared where it is imported', async (t) => {
  const tree = await plantRepository(t, {
    'core/protocol/src/a.ts': leaf,
    'core/registry/package.json': manifest(),
    'core/registry/src/a.ts': "export { leaf } from '@mintmark/protocol/a'",
  })
  assert.deepEqual(places(layers.run(tree)), ['core/registry/src/a.ts:1 layers'])
})

test('a package may not depend on what its part may not import', async (t) => {
  const tree = await plantRepository(t, {
    'core/registry/package.json': manifest('@mintmark/protocol', '@mintmark/storage'),
    'core/protocol/package.json': manifest('jose'),
  })
  assert.deepEqual(places(layers.run(tree)), [
    'core/protocol/package.json:1 layers',
    'core/registry/package.json:1 layers',
  ])
})

test('a folder of the three groups that has no row in the table is refused', async (t) => {
  const tree = await plantRepository(t, { 'service/unknown/src/page.ts': leaf })
  assert.deepEqual(places(layers.run(tree)), ['service/unknown/src/page.ts:1 layers'])
})

test('a cycle is found, within a package and through type imports', async (t) => {
  const tree = await plantRepository(t, {
    'core/registry/src/a.ts': ["import type { b } from './b.ts'", leaf],
    'core/registry/src/b.ts': ["import { c } from './c.ts'", leaf],
    'core/registry/src/c.ts': ['', "import { leaf } from './a.ts'", leaf],
    'core/registry/src/d.ts': [
      "import { leaf } from './a.ts'",
      "import { leaf as b } from './b.ts'",
    ],
  })
  const found = cycles.run(tree)
  assert.deepEqual(places(found), ['core/registry/src/c.ts:2 cycles'])
  assert.match(messages(found)[0] ?? '', /a\.ts → .*b\.ts → .*c\.ts → .*a\.ts/)
})

test('a cycle is found across packages', async (t) => {
  const tree = await plantRepository(t, {
    'core/registry/src/a.ts': "export { b } from '@mintmark/protocol/b'",
    'core/protocol/src/b.ts': "export { a } from '@mintmark/registry/a'",
  })
  assert.deepEqual(places(cycles.run(tree)), ['core/registry/src/a.ts:1 cycles'])
})
