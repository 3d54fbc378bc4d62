import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { describe, it } from 'node:test'
import { createProofMemory } from './proof-memory.ts'

const digest = (name: string): Uint8Array => hash('sha256', name, 'buffer').subarray(0, 16)

describe('proof memory', () => {
  it('knows what was added and nothing else, through all its growth', () => {
    const memory = createProofMemory()
    const total = 20_000
    for (let at = 0; at < total; at += 1) memory.add(digest(`p${at}`), 1000 + at)
    assert.equal(memory.size(), total)
    for (let at = 0; at < total; at += 1) assert.ok(memory.has(digest(`p${at}`)), `p${at}`)
    for (let at = 0; at < total; at += 1) assert.ok(!memory.has(digest(`q${at}`)), `q${at}`)
  })

  it('forgets what has expired, to the second', () => {
    const memory = createProofMemory()
    assert.equal(memory.earliestSeconds(), Number.POSITIVE_INFINITY)
    for (let at = 0; at < 3000; at += 1) memory.add(digest(`p${at}`), 1000 + at)
    assert.equal(memory.earliestSeconds(), 1000)
    assert.equal(memory.dropExpired(1000), 0)
    assert.equal(memory.dropExpired(2500), 1500)
    assert.equal(memory.earliestSeconds(), 2500)
    assert.deepEqual(
      [1499, 1500, 2999].map((at) => memory.has(digest(`p${at}`))),
      [false, true, true],
    )
    memory.add(digest('p0'), 9000)
    assert.ok(memory.has(digest('p0')))
    assert.equal(memory.size(), 1501)
  })

  it('tells digests apart that differ in one bit, and takes any bytes and time', () => {
    const memory = createProofMemory()
    const zero = new Uint8Array(16)
    const others = Array.from({ length: 128 }, (_, bit) => {
      const other = new Uint8Array(16)
      other[bit >> 3] = 1 << (bit & 7)
      return other
    })
    assert.ok(!memory.has(zero))
    memory.add(zero, 0.2)
    memory.add(new Uint8Array(16).fill(255), 1e12)
    assert.ok(memory.has(zero) && memory.has(new Uint8Array(16).fill(255)))
    assert.ok(others.every((other) => !memory.has(other)))
  })
})
