import assert from 'node:assert/strict'
import { test } from 'node:test'
import { consumerAllToken } from '@mintmark/protocol/identity-domain-scope'
import type { AuditEvent } from '@mintmark/registry/audit-event'
import { apiFacet, application, catalogOf, clientFacet, role } from '../token/example-domain.ts'
import { foldUses, lastUseOf, mapAccess } from './map-access.ts'

const orders = application('Orders', {
  resourceServer: apiFacet('https://orders/', ['read', 'write']),
})
const bills = application('Bills', { resourceServer: apiFacet('https://bills/', ['read']) })
const catalog = catalogOf([orders, bills], [role('writer', 'Orders', ['write'])])
const holderOf = (trustScope: 'Explicit' | 'Account') => ({
  application: application('caller', {
    client: clientFacet({
      policy: {
        trustScope,
        allowedScopes: ['https://orders/read', consumerAllToken, 'https://gone/x'],
        allowedTags: [],
      },
    }),
  }),
  holdings: [
    { roleId: 'writer', group: { id: 'g', displayName: 'Night' } },
    { roleId: 'gone', group: null },
  ],
})

const token = (at: number, api: readonly string[], scope: string, more = {}): AuditEvent => ({
  at,
  ecid: 'e',
  action: 'token',
  result: 'ok',
  actor: 'caller',
  detail: { api, scope },
  ...more,
})

test('what was given is mapped as it was given', () => {
  const told = (trustScope: 'Explicit' | 'Account') =>
    mapAccess(holderOf(trustScope), catalog).map(({ server, kind, name, through }) =>
      [server.application.id, kind, name, through].join(' '),
    )
  const given = ['Orders scope read ', 'Orders group writer Night']
  assert.deepEqual(told('Explicit'), given)
  assert.deepEqual(told('Account'), [...given, 'Orders all  ', 'Bills all  '])
})

test('a use is the newest token with the scope, for the API, of the client', () => {
  const uses = foldUses([
    token(5, ['Orders'], 'read'),
    token(9, ['Orders'], 'read'),
    token(20, ['Bills'], 'read'),
    token(30, ['Orders'], 'read', { actor: 'other' }),
    token(40, ['Orders'], 'read', { result: 'refused' }),
    token(50, ['Orders'], 'read', { action: 'introspect' }),
  ])
  const last = mapAccess(holderOf('Account'), catalog).map((each) =>
    lastUseOf('caller', each, uses),
  )
  assert.deepEqual(last, [9, null, 9, 20])
})
