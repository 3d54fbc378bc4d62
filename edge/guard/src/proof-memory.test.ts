import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createProofMemory } from './proof-memory.ts'

test('a proof is taken once, for as long as it could be used again', () => {
  let ms = 0
  const memory = createProofMemory(10, 1000, () => ms)
  assert.equal(memory.claim('a', 1), 'first')
  assert.equal(memory.claim('a', 1), 'used')
  assert.equal(memory.claim('b', 2), 'first')
  ms = 1000
  assert.equal(memory.claim('a', 1), 'used', 'of the generation before')
  assert.equal(memory.claim('c', 3), 'first')
  ms = 2000
  assert.equal(memory.claim('d', 4), 'first', 'that generation is gone')
  assert.equal(memory.claim('a', 1), 'used', 'and what was in it is refused by its end')
  assert.equal(memory.claim('e', 2), 'used', 'as is whatever ends no later')
  assert.equal(memory.claim('c', 3), 'used')
})

test('when it is full nobody gets in until a generation has gone', () => {
  let ms = 0
  const memory = createProofMemory(2, 1000, () => ms)
  assert.equal(memory.claim('a', 1), 'first')
  assert.equal(memory.claim('b', 1), 'first')
  assert.equal(memory.claim('c', 1), 'full')
  assert.equal(memory.claim('a', 1), 'used')
  ms = 1500
  assert.equal(memory.claim('c', 2), 'full')
  ms = 2600
  assert.equal(memory.claim('c', 3), 'first')
})

test('after a long silence all is forgotten, and refused by its end', () => {
  let ms = 0
  const memory = createProofMemory(2, 1000, () => ms)
  memory.claim('a', 5)
  ms = 60_000
  assert.equal(memory.claim('a', 5), 'used')
  assert.equal(memory.claim('b', 6), 'first')
})
