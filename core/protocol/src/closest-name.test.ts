import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closestName } from './closest-name.ts'

const names = ['displayName', 'description', 'audience', 'scopes', 'secondaryAudiences', 'active']
const rows: readonly [string, string | null][] = [
  ['displayname', 'displayName'],
  ['dispalyName', 'displayName'],
  ['audeince', 'audience'],
  ['scope', 'scopes'],
  ['actve', 'active'],
  ['zzz', null],
  ['', null],
  ['x'.repeat(10_000), null],
]

test('a mistyped name finds its neighbour, a strange one finds none', () => {
  for (const [typed, meant] of rows)
    assert.equal(closestName(typed, names), meant, typed.slice(0, 20))
})
