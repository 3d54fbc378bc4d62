import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compareTexts } from './code-point-order.ts'

test('texts are ordered by code points, as databases order UTF-8', () => {
  const text = fc.string({ unit: 'binary' }).filter((each) => each.isWellFormed())
  const bytes = new TextEncoder()
  const order = (left: string, right: string) => {
    const [l, r] = [bytes.encode(left), bytes.encode(right)]
    const at = l.findIndex((each, index) => each !== r[index])
    return at === -1 ? l.length - r.length : (l[at] ?? 0) - (r[at] ?? -1)
  }
  const near = fc.tuple(fc.constantFrom('\ue000', '\u{10000}', '\ud7ff', 'a', ''), text)
  const one = fc.oneof(
    text,
    near.map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(one, one, (left, right) => {
      assert.equal(Math.sign(compareTexts(left, right)), Math.sign(order(left, right)))
    }),
    { numRuns: 1000 },
  )
})
