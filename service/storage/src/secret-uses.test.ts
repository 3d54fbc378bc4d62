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
  const first = uses.unknown([event(at, 'client_secret_basic', 'a'), event(at + 1, 'none', 'b')])
  assert.deepEqual([...first], [['a', at]])
  // rolled back: told again
  assert.deepEqual([...uses.unknown([event(at + 2, 'client_secret_post', 'a')])], [['a', at + 2]])
  uses.stored(first)
  assert.equal(uses.unknown([event(at + secretUseMs - 6, 'client_secret_basic', 'a')]).size, 0)
  const later = uses.unknown([event(at + secretUseMs, 'client_secret_jwt', 'a')])
  assert.deepEqual([...later], [['a', at + secretUseMs]])
})

test('what proves nothing by a secret is no use of one', () => {
  const uses = createSecretUses()
  const events: readonly AuditEvent[] = [
    event(1, 'private_key_jwt', 'key'),
    event(1, 'client_secret_basic', null),
    event(1, 'client_secret_basic', 7),
    { at: 1, ecid: 'e', action: 'application.create', result: 'ok' },
  ]
  assert.equal(uses.unknown(events).size, 0)
})
