import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { plantRepository } from './planted-repository.ts'

const house = {
  'README.md': ['# House', '## Map of the tree', '├── core/', '└── docs/'],
  'docs/internals/dependencies.md': ['# Dependencies', '## At run time', '## For development'],
}

const check = (root: string): { readonly status: number | null; readonly stdout: string } =>
  spawnSync(process.execPath, [join(import.meta.dirname, 'check.ts'), root], { encoding: 'utf8' })

test('a house in order: exit 0, and a warning breaks nothing', async (t) => {
  const long = Array.from({ length: 301 }, (_, index) => `export const line${index} = 1`)
  const tree = await plantRepository(t, { ...house, 'core/protocol/src/a.ts': long })
  const { status, stdout } = check(tree.root)
  assert.match(stdout, /^core\/protocol\/src\/a\.ts:301 {2}warn/m)
  assert.match(stdout, /^ok: layers, .* over 3 files$/m)
  assert.equal(status, 0)
})

test('every violation is printed with its file and line: exit 1', async (t) => {
  const tree = await plantRepository(t, {
    ...house,
    'core/protocol/src/a.ts': ["import 'node:fs'", 'export const now = Date.now()'],
    'docs/page.md': '[a](gone.md)',
  })
  const { status, stdout } = check(tree.root)
  assert.match(stdout, /^core\/protocol\/src\/a\.ts:1 {2}error {2}layers/m)
  assert.match(stdout, /^core\/protocol\/src\/a\.ts:2 {2}error {2}purity/m)
  assert.match(stdout, /^docs\/page\.md:1 {2}error {2}documents/m)
  assert.match(stdout, /^3 broken: /m)
  assert.equal(status, 1)
})
