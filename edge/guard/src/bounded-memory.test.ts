import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBoundedMemory } from './bounded-memory.ts'

test('what was used longest ago makes room', () => {
  const memory = createBoundedMemory<number>(2)
  memory.set('a', 1)
  memory.set('b', 2)
  assert.equal(memory.get('a'), 1)
  memory.set('c', 3)
  assert.deepEqual([memory.get('a'), memory.get('b'), memory.get('c')], [1, undefined, 3])
  memory.set('a', 4)
  assert.equal(memory.size, 2)
  assert.equal(memory.get('a'), 4)
})

test('room for nothing remembers nothing', () => {
  const memory = createBoundedMemory<number>(0)
  memory.set('a', 1)
  assert.equal(memory.get('a'), undefined)
  assert.equal(memory.size, 0)
})
