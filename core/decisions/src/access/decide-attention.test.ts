import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditEvent } from '@mintmark/registry/audit-event'
import { decideAttention, foldTokenEvents } from './decide-attention.ts'

const event = (more: Partial<AuditEvent>): AuditEvent => ({
  at: 0,
  ecid: 'e',
  action: 'token',
  result: 'ok',
  ...more,
})
const issued = (actor: string, count: number, detail: AuditEvent['detail'] = { api: ['A'] }) =>
  Array.from({ length: count }, () => event({ actor, object: 'jti', detail }))
const refused = (more: Partial<AuditEvent>) => event({ result: 'refused', ...more })

const kindsOf = (events: readonly AuditEvent[], lifetimeSeconds: number | null = 3600) =>
  decideAttention(foldTokenEvents(events), [], 1, () => lifetimeSeconds).map(
    ({ kind, client, count }) => `${kind} ${client} ${count}`,
  )

test('who was only refused is told, with how often', () => {
  const detail = { count: 7 }
  const events = [
    refused({ actor: 'a', reason: 'SCOPE_UNKNOWN' }),
    refused({ object: 'b', reason: 'MISTYPED_SECRET', detail }),
    ...issued('c', 1),
    refused({ actor: 'c', reason: 'SCOPE_UNKNOWN' }),
    refused({ reason: 'CLIENT_UNKNOWN' }),
  ]
  assert.deepEqual(kindsOf(events), ['all-denied b 7', 'all-denied a 1'])
  const { denied, issued: given } = foldTokenEvents(events)
  assert.deepEqual([denied, given], [10, 1])
})

test('an inactive one that asks is told as that', () => {
  const events = [refused({ object: 'a', reason: 'CLIENT_INACTIVE', detail: { count: 3 } })]
  assert.deepEqual(kindsOf(events), ['inactive-but-asking a 3'])
})

test('more than ten tokens in the life of one is not caching', () => {
  assert.deepEqual(kindsOf(issued('a', 10)), [])
  assert.deepEqual(kindsOf(issued('a', 11)), ['does-not-cache a 11'])
  assert.deepEqual(kindsOf(issued('a', 11), 600), [], 'tokens of ten minutes: sixty are right')
  assert.deepEqual(kindsOf(issued('a', 61), 600), ['does-not-cache a 61'])
  assert.deepEqual(kindsOf(issued('a', 20, { api: ['A'], reissued: true })), [], 'given again')
  assert.deepEqual(kindsOf(issued('a', 61), null), [], 'of an API whose tokens need not be kept')
  const [again] = issued('a', 1, { api: ['A'], reissued: true, count: 5 })
  assert.equal(foldTokenEvents(again === undefined ? [] : [again]).issued, 5, 'and again')
})

test('minutes are counted each, and what was alike as often as it was', () => {
  const at = (minute: number, more: Partial<AuditEvent> = {}) =>
    event({ at: minute * 60_000, ...more })
  const { byMinute } = foldTokenEvents([
    at(7, { actor: 'a' }),
    at(7, { result: 'refused', detail: { count: 3 } }),
    at(5, { actor: 'a' }),
    at(5, { actor: 'b' }),
    at(5, { actor: 'b', detail: { reissued: true, count: 4 } }),
  ])
  assert.deepEqual(
    [...byMinute],
    [
      [7, { issued: 1, denied: 3 }],
      [5, { issued: 6, denied: 0 }],
    ],
  )
})

test('what nobody uses comes last', () => {
  const unused = [{ id: 'i', usedAtMs: null }]
  const found = decideAttention(foldTokenEvents(issued('a', 11)), [], 1, () => 3600, unused)
  assert.deepEqual(
    found.map(({ kind, applicationId }) => [kind, applicationId]),
    [
      ['does-not-cache', null],
      ['unused', 'i'],
    ],
  )
})

test('what expires is told by its application', () => {
  const found = decideAttention(
    foldTokenEvents([]),
    [{ kind: 'secret', id: 's', label: 'l', ending: 'x', applicationId: 'i', expiresAtMs: 5 }],
    1,
    () => 3600,
  )
  assert.deepEqual(
    found.map(({ kind, applicationId, label, atMs }) => [kind, applicationId, label, atMs]),
    [['expires', 'i', 'l', 5]],
  )
})
