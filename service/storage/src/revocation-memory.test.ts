import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { clocksApartMsMax, type Revocation } from '@mintmark/registry/revocation'
import { createRevocationMemory } from './revocation-memory.ts'

const nowMs = 1_700_000_000_000
const hourMs = 3_600_000

const token = (subject: string, expiresAtMs = nowMs + hourMs): Revocation => ({
  domain: 'd',
  kind: 'token',
  subject,
  issuedBeforeMs: nowMs,
  expiresAtMs,
})
const client = (subject: string, issuedBeforeMs: number): Revocation => ({
  ...token(subject),
  kind: 'client',
  issuedBeforeMs,
})
const question = (jti: string, issuedAtMs = nowMs, applicationId = 'app') => ({
  jti,
  applicationId,
  clientId: 'c',
  audience: ['u', 'v'],
  credential: 'aaaa',
  issuedAtMs,
})

/** A memory over so many stored revocations, and how often its table was asked. */
const openMemory = (stored: readonly Revocation[], revocationsMax = 10, latestMs = 0) => {
  const asked: string[] = []
  const clock = { nowMs }
  const memory = createRevocationMemory({
    load: async (rowsMax) => stored.slice(0, rowsMax),
    latest: async () => latestMs,
    ask: async ({ jti }) => {
      asked.push(jti)
      return jti === 'ended'
    },
    now: () => clock.nowMs,
    revocationsMax,
  })
  return { memory, asked, clock }
}

describe('revocations in memory', () => {
  it('asks the table until what is stored has been read', async () => {
    const { memory, asked } = openMemory([token('ended')])
    assert.equal(await memory.isRevoked(question('ended')), true)
    assert.deepEqual(asked, ['ended'])
    await memory.load()
    assert.equal(memory.isRevoked(question('ended')), true, 'at once')
    assert.equal(memory.isRevoked(question('other')), false)
    assert.deepEqual(asked, ['ended'])
  })

  it('knows what ends tokens with others: credential, API, grant, up to an instant', async () => {
    const marks = [
      ['credential', 'aaaa c'],
      ['audience', 'v'],
      ['grant', 'u c'],
    ] as const
    for (const [kind, subject] of marks) {
      const { memory, asked } = openMemory([{ ...token(subject), kind }])
      await memory.load()
      assert.equal(memory.isRevoked(question('x')), true, kind)
      assert.equal(memory.isRevoked(question('x', nowMs + 1)), false, kind)
      const other = { clientId: 'd', audience: ['w'], credential: 'bbbb' }
      assert.equal(memory.isRevoked({ ...question('x'), ...other }), false, kind)
      assert.deepEqual(asked, [])
    }
  })

  it('dates new tokens after all that was ended, by whichever clock', async () => {
    const table: readonly [aheadMs: number, expectedMs: number][] = [
      [-1, nowMs],
      [0, nowMs + 1],
      [clocksApartMsMax, nowMs + clocksApartMsMax + 1],
      // no clock of ours: the tokens of a client are dead until then, and not those of all others
      [clocksApartMsMax + 1, nowMs],
    ]
    for (const [aheadMs, expectedMs] of table) {
      const { memory } = openMemory([])
      memory.note([client('app', nowMs + aheadMs)])
      assert.equal(memory.afterMarks(nowMs), expectedMs)
    }
    for (const [aheadMs, expectedMs] of table) {
      const { memory } = openMemory([])
      memory.note([], nowMs + aheadMs)
      assert.equal(memory.afterMarks(nowMs), expectedMs, 'a change that ends something else')
    }
    const late = openMemory([], 10, nowMs + 7).memory
    await late.load()
    assert.equal(late.afterMarks(nowMs), nowMs + 8, 'what was there before the start')
    const { memory } = openMemory([])
    memory.note([client('app', nowMs + 5), client('other', nowMs + 2 * clocksApartMsMax)])
    assert.equal(memory.afterMarks(nowMs), nowMs + 6)
  })

  it('knows what is announced before, while and after it reads', async () => {
    let arrive = (_: readonly Revocation[]): void => {}
    const memory = createRevocationMemory({
      load: () =>
        new Promise((resolve) => {
          arrive = resolve
        }),
      latest: async () => 0,
      ask: async () => false,
      now: () => nowMs,
      revocationsMax: 10,
    })
    memory.note([token('before')])
    const loading = memory.load()
    memory.note([token('meanwhile')])
    arrive([token('stored')])
    await loading
    memory.note([token('after')])
    for (const jti of ['before', 'meanwhile', 'stored', 'after']) {
      assert.equal(memory.isRevoked(question(jti)), true, jti)
    }
  })

  it('ends tokens of a client up to the instant, and never shortens an earlier word', async () => {
    const { memory } = openMemory([])
    await memory.load()
    memory.note([client('app', nowMs)])
    memory.note([client('app', nowMs - 1000)])
    assert.equal(memory.isRevoked(question('x', nowMs)), true)
    assert.equal(memory.isRevoked(question('x', nowMs + 1)), false)
    assert.equal(memory.isRevoked(question('x', nowMs, 'other')), false)
  })

  it('makes room by what no token can need any more', async () => {
    const { memory, asked } = openMemory([])
    await memory.load()
    memory.note(Array.from({ length: 10 }, (_, index) => token(`old${index}`, nowMs - hourMs)))
    memory.note([token('new')])
    assert.equal(memory.isRevoked(question('new')), true)
    assert.equal(memory.isRevoked(question('old1')), false)
    assert.deepEqual(asked, [])
  })

  it('holds what has ended no longer than a token can need it, as time goes by', async () => {
    const { memory, clock, asked } = openMemory([token('long', nowMs + 3 * hourMs)])
    await memory.load()
    memory.note([token('short', nowMs + hourMs)])
    clock.nowMs = nowMs + hourMs + 60_000
    memory.note([token('late', nowMs + 9 * hourMs)])
    assert.equal(memory.isRevoked(question('short')), true, 'clocks may disagree')
    clock.nowMs = nowMs + 2 * hourMs
    memory.note([])
    const living = ['short', 'long', 'late'].map((jti) => memory.isRevoked(question(jti)))
    assert.deepEqual(living, [false, true, true])
    assert.deepEqual(asked, [])
  })

  it('asks the table where there are too many, found at the start or later', async () => {
    const many = Array.from({ length: 11 }, (_, index) => token(`t${index}`))
    const atStart = openMemory(many)
    await atStart.memory.load()
    assert.equal(await atStart.memory.isRevoked(question('ended')), true)
    const later = openMemory([])
    await later.memory.load()
    later.memory.note(many)
    later.memory.note([token('ended')])
    assert.equal(await later.memory.isRevoked(question('ended')), true)
    assert.equal(await later.memory.isRevoked(question('t1')), false, 'what the table says')
    assert.deepEqual([atStart.asked, later.asked], [['ended'], ['ended', 't1']])
  })
})
