import { equal } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { clockOffset } from './health.ts'

describe('offset of a clock', () => {
  for (const [theirs, asked, heard, offset] of [
    [150, 100, 200, 0],
    [100, 100, 200, 0],
    [90, 100, 200, -10],
    [260, 100, 200, 60],
  ] as const) {
    it(`${theirs} between ${asked} and ${heard}`, () => {
      equal(clockOffset(theirs, asked, heard), offset)
    })
  }
})
