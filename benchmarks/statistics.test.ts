import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededDraw } from './arrivals.ts'
import { judgeGrowth } from './soak-verdict.ts'
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

test('growth is judged by its whole interval, and a short run finds only what is steep', () => {
  const slope = (low: number, high: number) => ({ perUnit: (low + high) / 2, low, high })
  const cases: readonly (readonly [number, number, number, RegExp])[] = [
    [-1, 0.4, 30, /promised ≤ 0\.5 an hour: met/],
    [0.4, 0.6, 30, /not certain/],
    [0.6, 2, 60, /NOT MET/],
    [12, 22, 3, /too short for the promise, looked for more than 50 an hour: met/],
    [60, 120, 3, /more than 50 an hour: NOT MET/],
  ]
  for (const [low, high, minutes, text] of cases) {
    const verdict = judgeGrowth(slope(low, high), 0.5, minutes)
    assert.match(verdict.text, text)
    assert.equal(verdict.isBroken, /NOT MET/.test(verdict.text))
  }
})
