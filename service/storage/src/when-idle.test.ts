import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWhenIdle } from './when-idle.ts'

const turn = (): Promise<void> => new Promise((fulfil) => setImmediate(fulfil))

/** So many turns of so many milliseconds each. @returns in which of them it began; 0: in none */
const beginIn = async (
  whenIdle: (begin: () => void) => void,
  clock: { nowMs: number },
  turnsMs: readonly number[],
): Promise<number> => {
  let began = 0
  let turns = 0
  whenIdle(() => {
    began = turns
  })
  for (const ms of turnsMs) {
    clock.nowMs += ms
    turns += 1
    await turn()
  }
  return began
}

test('an idle process begins in the next turn, a busy one at last', async () => {
  const clock = { nowMs: 0 }
  const whenIdle = createWhenIdle(
    () => 32,
    () => clock.nowMs,
  )
  // nothing has begun before
  assert.equal(await beginIn(whenIdle, clock, [3, 3, 3]), 1)
  assert.equal(await beginIn(whenIdle, clock, [0, 3, 3]), 1)
  clock.nowMs += 100
  assert.equal(await beginIn(whenIdle, clock, [3, 3]), 1, 'the last time is long ago')
  assert.equal(await beginIn(whenIdle, clock, [1, 2, 0, 1]), 3, 'idle in the third turn')
  assert.equal(await beginIn(whenIdle, clock, [2, 2, 2, 2, 2]), 4, 'never idle')
})

const joinedCases = [
  [2, 4, 'nobody else comes'],
  [3, 12, 'never enough'],
  [31, 12, 'still not enough'],
  [32, 4, 'enough of them'],
] as const

for (const [joined, turns, what] of joinedCases) {
  test(`a busy process begins after ${turns * 2} ms: ${what}`, async () => {
    const clock = { nowMs: 0 }
    const whenIdle = createWhenIdle(
      () => joined,
      () => clock.nowMs,
    )
    assert.equal(await beginIn(whenIdle, clock, [3]), 1, 'nothing has begun before')
    assert.equal(await beginIn(whenIdle, clock, Array<number>(14).fill(2)), turns)
  })
}

test('what is given is run once', async () => {
  let count = 0
  createWhenIdle(() => 1)(() => {
    count += 1
  })
  for (let turns = 0; turns < 20; turns += 1) await turn()
  assert.equal(count, 1)
})
