import { equal } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { validityOf } from './certificates.ts'

describe('validity of a certificate', () => {
  const life = { certStartDate: '2026-01-01T00:00:00Z', certEndDate: '2026-12-31T00:00:00Z' }
  for (const [now, said] of [
    ['2025-12-31T23:59:59Z', 'not yet'],
    ['2026-01-01T00:00:00Z', 'valid'],
    ['2026-12-02T00:00:00Z', 'ends soon'],
    ['2026-12-31T00:00:00Z', 'expired'],
  ] as const) {
    it(`${now}: ${said}`, () => equal(validityOf(life, Date.parse(now)), said))
  }
})
