import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AuditEvent } from '@mintmark/registry/audit-event'
import { createRefusalTally } from './refusal-tally.ts'

const startMs = 1_700_000_000_000

const refusal = (source: string, more: Partial<AuditEvent> = {}): AuditEvent => ({
  at: startMs,
  ecid: 'e',
  action: 'token.issue',
  result: 'refused',
  reason: 'CLIENT_UNKNOWN',
  source,
  ...more,
})

const shape = (events: readonly AuditEvent[]) =>
  events.map((event) => [event.source, event.reason, event.detail?.['count']])

describe('refusal tally', () => {
  it('adds up by source, reason and second', () => {
    const tally = createRefusalTally(10)
    tally.add(refusal('a'))
    tally.add(refusal('a', { at: startMs + 999 }))
    tally.add(refusal('a', { at: startMs + 1000 }))
    tally.add(refusal('a', { reason: 'UNKNOWN_SECRET' }))
    assert.deepEqual(shape(tally.take(startMs + 1000)), [
      ['a', 'CLIENT_UNKNOWN', 2],
      ['a', 'UNKNOWN_SECRET', 1],
    ])
    assert.deepEqual(shape(tally.take(startMs + 1000)), [])
    assert.deepEqual(shape(tally.take(startMs + 1000, true)), [['a', 'CLIENT_UNKNOWN', 1]])
  })

  it('is bounded, and counts the rest together', () => {
    const tally = createRefusalTally(3)
    for (let index = 0; index < 1000; index += 1) tally.add(refusal(`s${index}`))
    assert.deepEqual(
      shape(tally.take(startMs, true)).map(([source, , count]) => [source, count]),
      [
        ['s0', 1],
        ['s1', 1],
        ['s2', 1],
        ['*', 997],
      ],
    )
    for (let index = 0; index < 1000; index += 1) tally.add(refusal('s', { action: `a${index}` }))
    assert.equal(tally.size(), 6)
  })

  it('loses no count when a commit fails', () => {
    const tally = createRefusalTally(3)
    tally.add(refusal('a'))
    tally.add(refusal('a'))
    tally.giveBack(tally.take(startMs, true))
    tally.add(refusal('a'))
    assert.deepEqual(shape(tally.take(startMs, true)), [['a', 'CLIENT_UNKNOWN', 3]])
  })

  it('keeps the ids of those it counted together, so many and no more', () => {
    const tally = createRefusalTally(3)
    for (let index = 0; index < 40; index += 1) {
      tally.add(refusal('a', { ecid: `e${index}`, object: `client ${index}` }))
    }
    const [event] = tally.take(startMs, true)
    assert.equal(event?.ecid, 'e0')
    const of = event?.detail?.['of'] as readonly (readonly [string, string])[]
    assert.equal(of.length, 16)
    assert.deepEqual(of[0], ['e1', 'client 1'])
    tally.giveBack([event as AuditEvent])
    assert.deepEqual(tally.take(startMs, true), [event])
  })
})
