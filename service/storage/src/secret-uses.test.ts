import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
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

const idOf = (number: number): string => hash('md5', `secret ${number}`)
const used = (id: string): AuditEvent => event(1, 'client_secret_basic', id)
const pageOf = (id: string): string => id.slice(0, 4)

test('many are gathered and stored in the order of their ids, none is lost', () => {
  const uses = createSecretUses()
  const ids = Array.from({ length: 1000 }, (_, number) => idOf(number))
  uses.note([used('first')])
  assert.equal(uses.due(0).length, 1)
  uses.stored()
  uses.note(ids.slice(0, 500).map(used))
  assert.deepEqual(uses.due(1), [])
  uses.note(ids.slice(500, 520).map(used))
  const stored = new Map<string, number>()
  for (let nowMs = 20_000; stored.size < 520; nowMs += 1) {
    uses.note([])
    const due = uses.due(nowMs)
    assert.deepEqual(uses.due(nowMs), due, 'rolled back: told again')
    for (const [id, atMs] of due) stored.set(id, atMs)
    uses.stored()
  }
  const pages = [...stored.keys()].map(pageOf)
  assert.deepEqual(pages, pages.toSorted())
  uses.note([...ids.slice(520), 'of another form'].map(used))
  assert.deepEqual(uses.due(20_100), [])
  for (let rest = uses.rest(200); rest.length > 0; rest = uses.rest(200)) {
    for (const [id, atMs] of rest) stored.set(id, atMs)
    uses.stored()
  }
  assert.deepEqual([...stored.keys()].toSorted(), [...ids, 'of another form'].toSorted())
  assert.deepEqual(new Set(stored.values()), new Set([1]))
})

test('where very many come within seconds, more are waited for, and not for ever', () => {
  const uses = createSecretUses()
  const note = (from: number, count: number): void =>
    uses.note(Array.from({ length: count }, (_, at) => used(idOf(from + at))))
  uses.note([used('first')])
  assert.equal(uses.due(0).length, 1)
  uses.stored()
  note(0, 6000)
  assert.deepEqual(uses.due(20_000), [])
  note(6000, 100)
  assert.equal(uses.due(300_000).length, 100)
  uses.stored()
  while (uses.rest(1000).length > 0) uses.stored()
  note(10_000, 200_000)
  assert.equal(uses.due(300_001).length, 200_000)
})
