import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditEvent } from '@mintmark/registry/audit-event'
import { createSecretUses, secretUseMs } from './secret-uses.ts'

const event = (at: number, method: string, credential: unknown): AuditEvent => ({
  at,
  ecid: 'e',
  action: 'token.issue',
  result: 'ok',
  detail: { method, credential },
})

test('the first use of an hour is told, the others are known already', () => {
  const uses = createSecretUses()
  const at = 10 * secretUseMs + 5
  uses.note([event(at, 'client_secret_basic', 'a'), event(at + 1, 'none', 'b')])
  assert.deepEqual(uses.due(at), [['a', at]])
  // rolled back: told again
  uses.note([event(at + 2, 'client_secret_post', 'a')])
  assert.deepEqual(uses.due(at), [['a', at]])
  uses.stored()
  uses.note([event(at + secretUseMs - 6, 'client_secret_basic', 'a')])
  assert.deepEqual(uses.due(at), [])
  uses.note([event(at + secretUseMs, 'client_secret_jwt', 'a')])
  assert.deepEqual(uses.due(at), [['a', at + secretUseMs]])
})

test('what proves nothing by a secret is no use of one', () => {
  const uses = createSecretUses()
  uses.note([
    event(1, 'private_key_jwt', 'key'),
    event(1, 'client_secret_basic', null),
    event(1, 'client_secret_basic', 7),
    { at: 1, ecid: 'e', action: 'application.create', result: 'ok' },
  ])
  assert.deepEqual(uses.due(1), [])
  assert.deepEqual(uses.rest(10), [])
})

test('many are gathered and stored in the order of their ids, none is lost', () => {
  const uses = createSecretUses()
  const ids = Array.from({ length: 1000 }, (_, index) => `s${(index * 7919) % 1000}`)
  const events = ids.map((id) => event(1, 'client_secret_basic', id))
  uses.note([event(1, 'client_secret_basic', 'first')])
  assert.equal(uses.due(0).length, 1)
  uses.stored()
  uses.note(events.slice(0, 500))
  assert.deepEqual(uses.due(1), [])
  uses.note(events.slice(500, 520))
  const stored = new Map<string, number>()
  for (let nowMs = 20_000; stored.size < 520; nowMs += 1) {
    uses.note([])
    for (const [id, atMs] of uses.due(nowMs)) stored.set(id, atMs)
    uses.stored()
  }
  const order = [...stored.keys()]
  assert.deepEqual(order, order.toSorted())
  uses.note(events.slice(520))
  assert.deepEqual(uses.due(20_100), [])
  const rest = uses.rest(1000)
  assert.equal(rest.length, 480)
  for (const [id, atMs] of rest) stored.set(id, atMs)
  uses.stored()
  assert.deepEqual(uses.rest(1000), [])
  assert.deepEqual([...stored.keys()].toSorted(), [...new Set(ids)].toSorted())
})
