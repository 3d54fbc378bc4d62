import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type AttemptCountersOptions, createAttemptCounters } from './attempt-counters.ts'

const limit = { failuresMax: 3, windowSeconds: 60, lockSeconds: 10, lockSecondsMax: 40 }
const startMs = 1_700_000_000_000

const counters = (more: Partial<AttemptCountersOptions> = {}) =>
  createAttemptCounters({
    limits: { secret: limit, token: limit },
    pairsMax: 100,
    pairsPerSourceMax: 10,
    ...more,
  })

const by = (clientId: string, source = '10.0.0.1') =>
  ({ clientId, source, kind: 'secret' }) as const

describe('attempt counters', () => {
  it('count in a window that slides', () => {
    const { fail } = counters()
    // at most two failures lie in any 60 s
    for (const second of [0, 30, 61, 91, 122]) {
      assert.equal(fail(by('a'), startMs + second * 1000), 0, `second ${second}`)
    }
    assert.equal(fail(by('a'), startMs + 123_000), 10)
  })

  it('lock for twice as long each time, up to the bound', () => {
    const { fail } = counters()
    let nowMs = startMs
    const locks: number[] = []
    for (let round = 0; round < 5; round += 1) {
      fail(by('a'), nowMs)
      fail(by('a'), nowMs)
      const seconds = fail(by('a'), nowMs)
      locks.push(seconds)
      nowMs += seconds * 1000
    }
    assert.deepEqual(locks, [10, 20, 40, 40, 40])
    nowMs += 200_000
    fail(by('a'), nowMs)
    fail(by('a'), nowMs)
    assert.equal(fail(by('a'), nowMs), 10, 'forgotten after a rest')
  })

  it('take the addresses of one IPv6 network for one source, in any spelling', () => {
    const { fail, lockedFor, takeChanged } = counters()
    for (const source of ['2001:db8::1', '2001:DB8:0:0:0:0:0:2', '2001:db8::1:2:3:4']) {
      fail(by('a', source), startMs)
    }
    assert.equal(lockedFor(by('a', '2001:db8::ffff'), startMs), 10)
    assert.equal(lockedFor(by('a', '2001:db8:0:1::1'), startMs), 0)
    assert.deepEqual(
      takeChanged().put.map(({ source }) => source),
      ['2001:db8:0:0::/64'],
    )
    fail(by('b', 'any'), startMs)
    assert.equal(takeChanged().put[0]?.source, 'any')
  })

  it('let the clients of one source beyond its share have one count together', () => {
    const { fail, lockedFor } = counters({ pairsPerSourceMax: 2 })
    fail(by('a'), startMs)
    fail(by('b'), startMs)
    fail(by('c'), startMs)
    fail(by('d'), startMs)
    assert.equal(fail(by('e'), startMs), 10)
    assert.equal(lockedFor(by('f'), startMs), 10)
    assert.equal(lockedFor(by('a'), startMs), 0, 'those counted apart are not concerned')
    assert.equal(lockedFor(by('f', '10.0.0.2'), startMs), 0)
  })

  it('give the place of the longest idle to a new one, never that of a locked one', () => {
    const { fail, lockedFor, takeChanged } = counters({ pairsMax: 3 })
    for (let failures = 0; failures < 3; failures += 1) fail(by('locked', 's0'), startMs)
    fail(by('idle', 's1'), startMs)
    fail(by('busy', 's2'), startMs)
    takeChanged()
    fail(by('new', 's3'), startMs)
    const { removed } = takeChanged()
    assert.deepEqual(
      removed.map((key) => key.source),
      ['s1'],
    )
    assert.equal(lockedFor(by('locked', 's0'), startMs), 10)
  })

  it('answer as locked what they have no room to count', () => {
    const { fail, lockedFor } = counters({ pairsMax: 1 })
    for (let failures = 0; failures < 3; failures += 1) fail(by('a'), startMs)
    assert.equal(fail(by('b', '10.0.0.2'), startMs), 10)
    assert.equal(lockedFor(by('b', '10.0.0.2'), startMs), 0)
  })

  it('never lock for longer than a lock lasts, wherever the clock goes', () => {
    const { fail, lockedFor } = counters()
    for (let failures = 0; failures < 3; failures += 1) fail(by('a'), startMs + 86_400_000)
    assert.equal(lockedFor(by('a'), startMs), 40)
  })

  it('give each change out once, and again when it could not be stored', () => {
    const { fail, takeChanged, giveBack, restore } = counters()
    fail(by('a'), startMs)
    fail(by('a'), startMs + 1)
    const changes = takeChanged()
    assert.equal(changes.put.length, 1)
    assert.equal(takeChanged().put.length, 0)
    giveBack(changes)
    assert.deepEqual(takeChanged().put, changes.put)
    giveBack(changes)
    fail(by('a'), startMs + 2)
    giveBack(changes)
    assert.equal(takeChanged().put[0]?.lockedUntilMs, startMs + 2 + 10_000, 'the newer one counts')
    const other = counters()
    other.restore(changes.put)
    assert.equal(other.fail(by('a'), startMs + 2), 10)
    restore([])
  })

  it('store no client id', () => {
    const { fail, takeChanged } = counters()
    fail(by('a secret typed into the wrong field'), startMs)
    assert.doesNotMatch(JSON.stringify(takeChanged()), /typed/)
  })
})
