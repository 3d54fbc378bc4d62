import assert from 'node:assert/strict'
import { test } from 'node:test'
import { calm, decideLoad, type LoadStanding } from './decide-load.ts'

const limits = { waitMsMax: 200, burstMs: 100, memoryMs: 1000 }

/** Time and wait of requests one after the other, and whether each is refused. */
const stories: readonly (readonly [string, readonly (readonly [number, number, boolean])[]])[] = [
  [
    'no wait, no refusal',
    [
      [0, 0, false],
      [1, 200, false],
      [1000, 200, false],
    ],
  ],
  [
    'a burst passes',
    [
      [0, 201, false],
      [99, 900, false],
      [100, 150, false],
      [150, 300, false],
    ],
  ],
  [
    'a wait that stays too long is overload',
    [
      [0, 201, false],
      [50, 230, false],
      [100, 250, true],
      [400, 201, true],
    ],
  ],
  [
    'it is taken again as soon as the wait is short',
    [
      [0, 201, false],
      [100, 250, true],
      [110, 200, false],
    ],
  ],
  [
    'overload that comes back at once is no burst',
    [
      [0, 201, false],
      [100, 250, true],
      [110, 200, false],
      [120, 201, true],
    ],
  ],
  [
    'after a calm second it may be one again',
    [
      [0, 201, false],
      [100, 250, true],
      [110, 200, false],
      [1110, 201, false],
      [1210, 201, true],
    ],
  ],
]

for (const [name, requests] of stories) {
  test(name, () => {
    let standing: LoadStanding = calm
    for (const [nowMs, waitMs, isRefused] of requests) {
      standing = decideLoad(standing, { nowMs, waitMs }, limits)
      assert.equal(standing.isShedding, isRefused, `at ${nowMs}, after ${waitMs}`)
    }
  })
}

test('where nothing changes, nothing is made anew', () => {
  const long = { ...calm, longSinceMs: 0 }
  const shedding = { isShedding: true, longSinceMs: 0, shedUntilMs: 0 }
  assert.equal(decideLoad(calm, { nowMs: 1, waitMs: 0 }, limits), calm)
  assert.equal(decideLoad(long, { nowMs: 1, waitMs: 300 }, limits), long)
  assert.equal(decideLoad(shedding, { nowMs: 1, waitMs: 300 }, limits), shedding)
})
