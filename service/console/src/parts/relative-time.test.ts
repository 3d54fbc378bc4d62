import { equal } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lengthOfTime, relativeTime } from './relative-time.ts'

describe('relative time', () => {
  const now = Date.parse('2026-11-21T12:00:00Z')
  for (const [at, said] of [
    ['2026-11-21T12:00:30Z', 'now'],
    ['2026-11-21T11:59:30Z', 'just now'],
    ['2026-11-21T12:10:00Z', 'in 10 minutes'],
    ['2026-11-21T10:30:00Z', '1 hour ago'],
    ['2026-12-01T12:00:00Z', 'in 10 days'],
    ['2027-02-19T11:59:00Z', 'in 89 days'],
    ['2027-11-22T12:00:00Z', 'in 12 months'],
    ['2029-01-01T12:00:00Z', 'in 2 years'],
  ] as const) {
    it(`${at} is ${said}`, () => equal(relativeTime(at, now), said))
  }
})

describe('length of time', () => {
  for (const [seconds, said] of [
    [1, '1 second'],
    [0, '0 seconds'],
    [90, '90 seconds'],
    [600, '10 minutes'],
    [3600, '1 hour'],
    [366 * 86_400, '366 days'],
  ] as const) {
    it(`${seconds} s are ${said}`, () => equal(lengthOfTime(seconds), said))
  }
})
