import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { createWorkQueue } from './work-queue.ts'
import { createWorkload } from './workload.ts'

const wanted = (): boolean => true
const nobody = (): boolean => false
const never = (): void => assert.fail('nothing was to be dropped')

/** A clock that work moves on. */
const createClock = () => {
  let atMs = 0
  const pass = (ms: number): void => {
    atMs += ms
  }
  return { now: () => atMs, pass }
}

test('work runs at once while its turn has room, then some milliseconds in each turn', async () => {
  const clock = createClock()
  const queue = createWorkQueue(clock.now)
  const seen: number[] = []
  for (let at = 0; at < 10; at += 1) {
    const work = () => {
      clock.pass(1)
      seen.push(at)
    }
    queue.begin(work, wanted, never)
  }
  assert.deepEqual(seen, [0, 1], 'two of a millisecond each fill a turn')
  await turn()
  assert.equal(seen.length, 4)
  for (let turns = 0; turns < 4; turns += 1) await turn()
  assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})

test('turns are short while connections come, where there has long been too much', async () => {
  const clock = createClock()
  const queue = createWorkQueue(clock.now)
  let done = 0
  const work = () => {
    clock.pass(0.5)
    done += 1
  }
  for (let at = 0; at < 100; at += 1) queue.begin(work, wanted, never)
  assert.equal(done, 4)
  const doneIn = async (turns: number): Promise<number> => {
    const before = done
    for (let at = 0; at < turns; at += 1) {
      queue.hurry()
      await turn()
    }
    return done - before
  }
  assert.equal(await doneIn(9), 36, 'not long yet')
  assert.equal(await doneIn(3), 3)
  await turn()
  assert.equal(done, 4 + 36 + 3 + 4, 'of full length again')
})

test('what has been begun goes before what has not; whoever left is dropped', async () => {
  const clock = createClock()
  const queue = createWorkQueue(clock.now)
  const seen: string[] = []
  const note = (name: string) => () => void seen.push(name)
  queue.begin(() => clock.pass(3), wanted, never)
  queue.begin(note('second'), wanted, never)
  queue.begin(never, nobody, note('gone'))
  assert.equal(queue.hasRoom(), false)
  queue.finish(note('rest of the first'))
  await turn()
  assert.deepEqual(seen, ['rest of the first', 'second', 'gone'])
})

test('work that throws takes nobody with it', async () => {
  const queue = createWorkQueue()
  const workload = createWorkload()
  assert.throws(() => workload.finish(() => assert.fail('now')))
  queue.finish(() => {})
  await turn()
  const slow = createClock()
  const late = createWorkload(slow.now)
  late.begin(() => slow.pass(3), wanted)
  const failing = late.finish(() => assert.fail('later'))
  const answered = late.finish(() => 'answered')
  await assert.rejects(async () => failing, /later/)
  assert.equal(await answered, 'answered')
})

/** Requests come in every turn, each takes 1 ms, and those that are not refused leave after it. */
const overload = async (perTurn: number, turns: number) => {
  const clock = createClock()
  const workload = createWorkload(clock.now)
  let refused = 0
  let taken = 0
  let answered = 0
  const request = (): void => {
    if (workload.isFull(false)) refused += 1
    else {
      taken += 1
      workload.begin(() => {
        clock.pass(1)
        answered += 1
        workload.leave()
      }, wanted)
    }
  }
  for (let at = 0; at < turns; at += 1) {
    for (let count = 0; count < perTurn; count += 1) request()
    await turn()
  }
  return { refused, taken, answered, isEndingRefused: workload.isFull(true) }
}

test('what can be answered is never refused', async () => {
  const { refused, taken, answered } = await overload(2, 500)
  assert.equal(refused, 0)
  assert.equal(answered, taken)
})

test('of three times as much a third is answered, the rest refused, and few wait', async () => {
  const { refused, taken, answered, isEndingRefused } = await overload(6, 1000)
  assert.ok(Math.abs(answered - 2000) < 20, `${answered} answered: the server is never idle`)
  // Besides the 200 ms that may wait: what came in the 100 ms that it might have been a burst.
  assert.ok(taken - answered < 450, `${taken - answered} wait`)
  assert.equal(refused, 6000 - taken)
  assert.equal(isEndingRefused, false)
})

test('however little each takes, only so many are under way', () => {
  const workload = createWorkload()
  let taken = 0
  while (!workload.isFull(true)) {
    workload.begin(() => {}, wanted)
    taken += 1
    assert.ok(taken <= 4000)
  }
  workload.leave()
  assert.equal(workload.isFull(true), false)
})
