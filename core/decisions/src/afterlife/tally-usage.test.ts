import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditEvent } from '@mintmark/registry/audit-event'
import { createUsageTally } from './tally-usage.ts'

const lifetimes: Readonly<Record<string, number>> = { Orders: 600 }

const eventAt = (
  seconds: number,
  more: object = {},
  over: Partial<AuditEvent> = {},
): AuditEvent => ({
  at: seconds * 1000,
  ecid: 'e',
  action: 'token',
  result: 'ok',
  actor: 'nightly',
  detail: { api: ['Orders'], scope: 'read', credential: 's', method: 'x', ...more },
  ...over,
})

const usage = (...events: readonly AuditEvent[]) => {
  const tally = createUsageTally((api) => lifetimes[api] ?? null)
  for (const event of events) tally.add(event)
  return tally.clients()
}

const told = (...events: readonly AuditEvent[]) => {
  const [client] = usage(...events)
  return client === undefined ? null : [client.issued, client.needed]
}

test('a client that keeps its tokens needs all of them', () => {
  assert.deepEqual(told(eventAt(0), eventAt(600), eventAt(1200)), [3, 3])
})

test('one that asks each minute of an hour needs a tenth of them', () => {
  const events = Array.from({ length: 60 }, (_, minute) => eventAt(minute * 60))
  assert.deepEqual(told(...events), [60, 6])
})

test('other scopes, APIs, credentials, keys and lifetimes are other needs', () => {
  const others = [
    { scope: 'write' },
    { api: ['Bills'] },
    { credential: 't' },
    { dpop: 'k' },
    { certificate: 'c' },
    { asked: 'read urn:opc:resource:expiry=60' },
  ]
  assert.deepEqual(told(eventAt(0), ...others.map((each) => eventAt(1, each))), [7, 7])
})

test('a lifetime that was asked for is the lifetime', () => {
  const asked = { asked: 'read urn:opc:resource:expiry=60' }
  assert.deepEqual(told(eventAt(0, asked), eventAt(59, asked), eventAt(60, asked)), [3, 2])
})

test('several tokens of one answer count each', () => {
  assert.deepEqual(told(eventAt(0, { api: ['Orders', 'Bills'] }), eventAt(1)), [3, 2])
})

test('what was given again or refused is counted apart; others do not count', () => {
  const [client] = usage(
    eventAt(0),
    eventAt(1, { reissued: true }),
    eventAt(1, { reissued: true, count: 3, of: [] }),
    eventAt(2, {}, { result: 'refused', reason: 'BUDGET_SPENT' }),
    eventAt(3, {}, { result: 'refused', reason: 'SCOPE_UNKNOWN' }),
    eventAt(4, {}, { action: 'introspect' }),
    eventAt(5, { overBudget: ['client 1/minute'] }),
  )
  const counts = { issued: 2, needed: 1, reissued: 4, refused: 1, overBudget: 1 }
  assert.deepEqual(client, { clientId: 'nightly', ...counts })
})

test('who wastes most comes first', () => {
  const busy = Array.from({ length: 5 }, (_, at) => eventAt(at * 600, {}, { actor: 'busy' }))
  const names = usage(...busy, eventAt(0), eventAt(1)).map(({ clientId }) => clientId)
  assert.deepEqual(names, ['nightly', 'busy'])
})
