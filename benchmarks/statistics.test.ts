import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededDraw } from './arrivals.ts'
import { slopeOf } from './statistics.ts'

const line = (count: number, at: (x: number) => number) =>
  Array.from({ length: count }, (_, x) => [x, at(x)] as const)

test('a line has its slope, and an outlier does not move it', () => {
  assert.equal(slopeOf(line(20, (x) => 3 * x + 1)).perUnit, 3)
  const { perUnit, low, high } = slopeOf(line(20, (x) => (x === 7 ? 1e6 : 3 * x)))
  assert.deepEqual([perUnit, low, high], [3, 3, 3])
})

test('of noise without growth the interval holds zero; growth within noise is found', () => {
  const draw = seededDraw(5)
  const flat = slopeOf(line(120, () => draw()))
  assert.ok(flat.low < 0 && flat.high > 0, JSON.stringify(flat))
  const grown = slopeOf(line(120, (x) => draw() + x / 100))
  assert.ok(grown.low > 0.005 && grown.high < 0.015, JSON.stringify(grown))
})

test('of two points nothing is said', () => {
  assert.ok(Number.isNaN(slopeOf(line(2, (x) => x)).perUnit))
})
