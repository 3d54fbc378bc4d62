import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSigningTurns } from './signing-turns.ts'

const sliceMs = 2

let clockMs = 0
const now = () => clockMs
const work = (milliseconds: number): void => {
  clockMs += milliseconds
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('what fits into a slice is done at once, without a promise', async () => {
  const signInTurns = createSigningTurns(sliceMs, now)
  assert.equal(
    signInTurns(() => 'one'),
    'one',
  )
  assert.equal(
    signInTurns(() => work(sliceMs)),
    undefined,
  )
  assert.ok(signInTurns(() => 'too late for this turn') instanceof Promise)
  await nextTurn()
  await nextTurn()
  assert.equal(
    signInTurns(() => 'a turn later'),
    'a turn later',
  )
})

test('a burst is done in order, each with its own answer, and others come in between', async () => {
  const signInTurns = createSigningTurns(sliceMs, now)
  const numbers = Array.from({ length: 7 }, (_, at) => at)
  const done: number[] = []
  const told = numbers.map((at) =>
    signInTurns(() => {
      work(1)
      done.push(at)
      return at
    }),
  )
  const counts = [done.length]
  for (; done.length < numbers.length; counts.push(done.length)) await nextTurn()
  assert.deepEqual([counts, done], [[2, 4, 6, 7], numbers])
  assert.deepEqual(await Promise.all(told), numbers)
})

test('what comes while others wait does not overtake them', async () => {
  const signInTurns = createSigningTurns(sliceMs, now)
  const done: string[] = []
  const sign = (name: string, milliseconds: number) =>
    signInTurns(() => {
      work(milliseconds)
      done.push(name)
    })
  const early = [sign('first', sliceMs), sign('second', sliceMs), sign('third', 0)]
  await nextTurn()
  await Promise.all([...early, sign('late', 0)])
  assert.deepEqual(done, ['first', 'second', 'third', 'late'])
})

test('a fault is that of its own work only', async () => {
  const signInTurns = createSigningTurns(sliceMs, now)
  signInTurns(() => work(sliceMs))
  const faulty = signInTurns(() => {
    throw new Error('no key')
  })
  const sound = signInTurns(() => 'signed')
  await assert.rejects(async () => faulty, /no key/)
  assert.equal(await sound, 'signed')
})
