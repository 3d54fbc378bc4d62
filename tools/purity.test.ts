import assert from 'node:assert/strict'
import { test } from 'node:test'
import { places, plantRepository } from './planted-repository.ts'
import { purity } from './purity.ts'

test('core asks no clock, throws no dice and speaks to nobody', async (t) => {
  const tree = await plantRepository(t, {
    'core/protocol/src/a.ts': [
      'const now = Date.now()',
      'const today = new Date()',
      'const dice = Math.random()',
      "const level = process.env['LEVEL']",
      "console.log('here')",
      "const answer = fetch('https://example.org')",
      'const wait = setTimeout(() => now, 1)',
      'const id = crypto.randomUUID()',
    ],
  })
  assert.deepEqual(
    purity.run(tree).map((violation) => violation.line),
    [1, 2, 3, 4, 5, 6, 7, 8],
  )
})

test('a given time, a member or a word that only looks worldly is fine', async (t) => {
  const tree = await plantRepository(t, {
    'core/protocol/src/a.ts': [
      'const instant = new Date(1700000000000)',
      'const claim = { process: 1, fetch: 2 }',
      'const step = claim.process + claim.fetch',
      "const text = 'Date.now() and await'",
    ],
    'core/protocol/src/a.test.ts': 'const now = Date.now()',
    'service/server/src/a.ts': 'export const now = async () => Date.now()',
  })
  assert.deepEqual(purity.run(tree), [])
})

test('decisions are synchronous', async (t) => {
  const tree = await plantRepository(t, {
    'core/decisions/src/a.ts': [
      'export const decide = async () => 1',
      'export const wait = function () { return (async () => { await decide() })() }',
    ],
    'core/registry/src/a.ts': 'export const load = async () => 1',
  })
  assert.deepEqual(places(purity.run(tree)), [
    'core/decisions/src/a.ts:1 purity',
    'core/decisions/src/a.ts:2 purity',
    'core/decisions/src/a.ts:2 purity',
  ])
})
