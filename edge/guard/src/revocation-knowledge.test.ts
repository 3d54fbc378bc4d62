import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FeedEntry } from '@mintmark/protocol/revocation-feed'
import { createRevocationKnowledge, FeedBroken } from './revocation-knowledge.ts'
import type { RevocationMessage } from './revocation-message.ts'

const token = (jti: string, expires = 1_000_000): FeedEntry => ({
  kind: 'token',
  jti,
  issued_before_ms: 0,
  expires_at_ms: expires,
})
const client = (id: string, before: number): FeedEntry => ({
  kind: 'client',
  client_id: id,
  issued_before_ms: before,
  expires_at_ms: 1_000_000,
})

/** Knowledge whose clocks the test moves, and messages said at the instant they come. */
const open = (wish: { readonly entriesMax?: number; readonly skewSeconds?: number } = {}) => {
  const clock = { nowMs: 100_000, steadyMs: 5 }
  const knowledge = createRevocationKnowledge({
    entriesMax: 10,
    skewSeconds: 0,
    ...wish,
    staleMsMax: 30_000,
    nowMs: () => clock.nowMs,
    steadyMs: () => clock.steadyMs,
  })
  const said = (more: Partial<RevocationMessage>): RevocationMessage => ({
    issuedAtSeconds: clock.nowMs / 1000,
    epoch: 'e',
    cursor: '0',
    number: 0,
    after: null,
    snapshot: { next: null },
    entries: [],
    ...more,
  })
  const arrive = (entries: readonly FeedEntry[] = []) => {
    const page = said({ entries })
    knowledge.hold(page)
    knowledge.arrive(page)
  }
  /** News from one number to another. */
  const news = (from: number, to: number, entries: readonly FeedEntry[] = [], more = {}) =>
    said({ after: `${from}`, cursor: `${to}`, number: to, snapshot: null, entries, ...more })
  const pass = (ms: number): void => {
    clock.nowMs += ms
    clock.steadyMs += ms
  }
  const ask = (jti: string, clientId = 'c', issuedAtSeconds = 50, kid: string | null = null) =>
    knowledge.judge({ jti, clientId, audience: ['api'], issuedAtSeconds, kid })
  return { clock, knowledge, arrive, news, pass, ask }
}

describe('what a guard knows of revocations', () => {
  it('is nothing until everything was read once', () => {
    const { knowledge, arrive, ask } = open()
    assert.equal(ask('t'), 'unknown')
    assert.equal(knowledge.status().state, 'starting')
    arrive([token('dead')])
    assert.deepEqual([ask('t'), ask('dead')], ['live', 'revoked'])
  })

  it('ends all that a withdrawn key has signed, whenever it says that it was', () => {
    const { knowledge, arrive, news, ask } = open()
    arrive()
    assert.equal(ask('t', 'c', 50, 'stolen'), 'live')
    const times = { issued_before_ms: 60_000, expires_at_ms: 1_000_000 }
    knowledge.take(news(0, 1, [{ kind: 'key', kid: 'stolen', ...times }]))
    assert.equal(ask('t', 'c', 50, 'stolen'), 'revoked')
    assert.equal(ask('t', 'c', 999, 'stolen'), 'revoked')
    assert.deepEqual([ask('t', 'c', 50, 'other'), ask('t')], ['live', 'live'])
    assert.deepEqual([knowledge.isWithdrawn('stolen'), knowledge.isWithdrawn('t')], [true, false])
  })

  it('ends tokens of a client to the millisecond that the id of a token carries', () => {
    const { arrive, ask } = open()
    arrive([client('c', 50_400)])
    // the first ten bits of the id are the millisecond: 400, 401
    const id = (ms: number) => `${(ms << 6).toString(16).padStart(4, '0')}rest`
    assert.equal(ask(id(400)), 'revoked')
    assert.equal(ask(id(401)), 'live')
    assert.equal(ask(id(401), 'c', 49), 'revoked')
    assert.equal(ask(id(400), 'other'), 'live')
  })

  it('ends what a credential obtained, what is for an API, what a client has for it', () => {
    const times = { issued_before_ms: 50_400, expires_at_ms: 1_000_000 }
    // ten bits of milliseconds: 400, then six others; the mark of the credential
    const id = '6400aaaabbbbrest'
    const marks: readonly [FeedEntry, jti: string, clientId: string, live: string][] = [
      [{ kind: 'credential', client_id: 'c', credential: 'aaaabbbb', ...times }, id, 'c', 'other'],
      [{ kind: 'audience', audience: 'api', ...times }, id, 'c', ''],
      [{ kind: 'grant', client_id: 'c', audience: 'api', ...times }, id, 'c', 'other'],
      [{ kind: 'grant', client_id: 'c', audience: 'elsewhere', ...times }, '', '', 'c'],
      [{ kind: 'credential', client_id: 'c', credential: 'bbbbaaaa', ...times }, '', '', 'c'],
    ]
    for (const [entry, dead, whose, other] of marks) {
      const { knowledge, arrive, ask } = open()
      arrive([entry])
      if (dead !== '') {
        assert.equal(ask(dead, whose), 'revoked', entry.kind)
        assert.equal(ask(dead, whose, 51), 'live', entry.kind)
      }
      if (other !== '') assert.equal(ask(id, other), 'live', entry.kind)
      assert.equal(knowledge.status().entries, 1)
    }
  })

  it('is never shortened by a later word', () => {
    const { knowledge, arrive, news, pass, ask } = open()
    arrive([client('c', 60_000)])
    pass(1)
    knowledge.take(news(0, 1, [client('c', 40_000)]))
    assert.equal(ask('zzzz'), 'revoked')
  })

  it('is too old after the stated time, by when it came and by when it was said', () => {
    const { clock, knowledge, arrive, news, pass, ask } = open({ skewSeconds: 10 })
    arrive([token('dead')])
    pass(30_000)
    assert.equal(ask('t'), 'live')
    pass(1)
    assert.deepEqual([ask('t'), ask('dead')], ['unknown', 'revoked'])
    knowledge.take(news(0, 0))
    assert.equal(ask('t'), 'live')
    // said again, or said long ago and passed on late
    const old = news(0, 0)
    pass(60_000)
    knowledge.take(old)
    assert.equal(ask('t'), 'unknown')
    knowledge.take(news(0, 0, [], { issuedAtSeconds: clock.nowMs / 1000 - 41 }))
    assert.equal(ask('t'), 'unknown')
    knowledge.take(news(0, 0, [], { issuedAtSeconds: clock.nowMs / 1000 - 39 }))
    assert.equal(ask('t'), 'live')
    // somebody sets the clock of this machine back
    clock.nowMs -= 1_000_000
    clock.steadyMs += 30_001
    assert.equal(ask('t'), 'unknown')
  })

  it('notices a gap and an answer from another history, and goes on after neither', () => {
    const { knowledge, arrive, news, ask } = open()
    arrive()
    assert.throws(() => knowledge.take(news(1, 2, [token('late')])), FeedBroken)
    assert.equal(ask('late'), 'live')
    assert.equal(knowledge.place()?.number, 0)
    assert.throws(() => knowledge.take(news(0, 1, [], { epoch: 'f' })), FeedBroken)
    assert.equal(knowledge.place(), null)
    assert.throws(() => knowledge.take(news(0, 1)), FeedBroken)
    assert.equal(knowledge.counts.gaps, 1)
  })

  it('takes a message that comes again for no news, and no sign of life', () => {
    const { knowledge, arrive, news, pass, ask } = open()
    arrive()
    pass(1)
    const first = news(0, 1, [token('a')])
    knowledge.take(first)
    const second = news(1, 2, [token('b')])
    knowledge.take(second)
    pass(30_001)
    knowledge.take(first)
    knowledge.take(second)
    assert.deepEqual([knowledge.counts.duplicates, knowledge.place()?.number], [2, 2])
    assert.equal(ask('t'), 'unknown')
  })

  it('keeps what it knew when everything is read again', () => {
    const { knowledge, arrive, pass, ask } = open()
    arrive([token('before the backup')])
    knowledge.forgetPlace()
    pass(1)
    arrive([token('after it')])
    assert.deepEqual([ask('before the backup'), ask('after it')], ['revoked', 'revoked'])
  })

  it('is nothing when there is too much of it, and something again when that has expired', () => {
    const { knowledge, arrive, pass, ask } = open({ entriesMax: 2 })
    assert.throws(() => arrive([token('a'), token('b'), token('c')]), /entriesMax/)
    assert.deepEqual([ask('a'), knowledge.status().state], ['unknown', 'full'])
    pass(1)
    arrive([token('a')])
    assert.deepEqual([ask('a'), ask('t')], ['revoked', 'live'])
    pass(1_000_000 + 120_001)
    arrive([token('b', 9e12), token('c', 9e12)])
    assert.equal(knowledge.status().entries, 2, 'what has expired made room')
  })
})
