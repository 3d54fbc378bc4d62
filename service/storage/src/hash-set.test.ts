import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHashSet } from './hash-set.ts'
import { textHash } from './text-hash.ts'

test('says of ten thousand texts which are new', () => {
  const set = createHashSet(20_000)
  for (let index = 0; index < 10_000; index += 1) {
    assert.equal(set.add(textHash(`text ${index}`)), true)
    assert.equal(set.add(textHash(`text ${Math.floor(index / 2)}`)), false)
  }
  assert.equal(set.size, 10_000)
  set.clear()
  assert.equal(set.add(textHash('text 1')), true)
})

test('is bounded: what is too much forgets the rest', () => {
  const set = createHashSet(3)
  for (const hash of [0, 2, 3, 4]) assert.equal(set.add(hash), true)
  assert.equal(set.size, 1)
  assert.equal(set.add(4), false)
  assert.equal(set.add(0), true)
})

test('hashes of texts are integers that JavaScript and the databases hold exactly', () => {
  const hashes = new Set<number>()
  for (let index = 0; index < 100_000; index += 1) {
    const hash = textHash(index.toString(16).padStart(32, '0'))
    assert.ok(Number.isSafeInteger(hash) && hash >= 0)
    hashes.add(hash)
  }
  assert.equal(hashes.size, 100_000)
})
