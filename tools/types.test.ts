import assert from 'node:assert/strict'
import { test } from 'node:test'
import { places, plantRepository } from './planted-repository.ts'
import { types } from './types.ts'

const config = (options: object): string =>
  JSON.stringify({ compilerOptions: { strict: true, types: [], ...options }, include: ['.'] })

test('a type error outside the build is found', async (t) => {
  const tree = await plantRepository(t, {
    'tools/tsconfig.json': config({}),
    'tools/a.ts': ['export const a: number = 1', "export const b: number = 'b'"],
    'benchmarks/a.ts': "export const a: number = 'no tsconfig, not compiled'",
  })
  assert.deepEqual(places(types.run(tree)), ['tools/a.ts:2 types'])
})

test('an error in the configuration itself is found', async (t) => {
  const tree = await plantRepository(t, {
    'tools/tsconfig.json': config({ module: 'nothing' }),
    'tools/a.ts': 'export const a = 1',
  })
  assert.notDeepEqual(types.run(tree), [])
})
