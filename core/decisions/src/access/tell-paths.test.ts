import assert from 'node:assert/strict'
import { test } from 'node:test'
import { consumerAllToken } from '@mintmark/protocol/identity-domain-scope'
import type { IssuancePolicy } from '@mintmark/registry/issuance-policy'
import {
  apiFacet,
  application,
  catalogOf,
  clientFacet,
  role,
  snapshotOf,
} from '../token/example-domain.ts'
import { mayHaveScope } from '../token/granted-access.ts'
import { cluesOf, tellHindrance, tellPaths } from './tell-paths.ts'

const deep = 'urn:opc:resource:consumer:paas:stack::read'
const orders = application('orders', {
  tags: [{ key: 'tier', value: 'gold' }],
  resourceServer: apiFacet('https://orders/', ['read', 'write', deep], {
    secondaryAudiences: ['https://second/'],
  }),
})
const bills = application('bills', { resourceServer: apiFacet('https://bills/', ['read']) })
const roles = [role('writer', 'orders', ['write', 'read']), role('other', 'bills', ['read'])]
const catalog = catalogOf([orders, bills], roles)
const server = catalog.byId.get('orders')!

const policies: Readonly<Record<string, IssuancePolicy>> = {
  nothing: { trustScope: 'Explicit', allowedScopes: [], allowedTags: [] },
  named: { trustScope: 'Explicit', allowedScopes: ['https://orders/read'], allowedTags: [] },
  second: { trustScope: 'Explicit', allowedScopes: ['https://second/read'], allowedTags: [] },
  elsewhere: { trustScope: 'Explicit', allowedScopes: ['https://bills/read'], allowedTags: [] },
  above: {
    trustScope: 'Explicit',
    allowedScopes: ['https://orders/urn:opc:resource:consumer::read'],
    allowedTags: [],
  },
  all: { trustScope: 'Account', allowedScopes: [consumerAllToken], allowedTags: [] },
  allButNotAsked: { trustScope: 'Account', allowedScopes: [], allowedTags: [] },
  tagged: {
    trustScope: 'Tags',
    allowedScopes: [consumerAllToken],
    allowedTags: [{ key: 'tier', value: 'gold' }],
  },
  taggedOtherwise: {
    trustScope: 'Tags',
    allowedScopes: [consumerAllToken],
    allowedTags: [{ key: 'tier', value: 'tin' }],
  },
}
const group = { id: 'g', displayName: 'Night' }

test('paths are told where, and only where, the decision gives the scope', () => {
  let given = 0
  for (const [name, policy] of Object.entries(policies)) {
    for (const roleIds of [[], ['writer'], ['other'], ['writer', 'other']]) {
      const holder = {
        application: application('caller', { client: clientFacet({ policy }) }),
        holdings: roleIds.map((roleId) => ({ roleId, group })),
      }
      const snapshot = snapshotOf(catalog, { policy }, roleIds)
      for (const scope of server.scopes) {
        const paths = tellPaths(holder, server, scope)
        const may = mayHaveScope(snapshot, server, scope)
        assert.equal(paths.length > 0, may, `${name} ${roleIds} ${scope}`)
        if (!may) continue
        given += 1
        const clues = cluesOf(server, [scope])
        const isFound =
          policy.allowedScopes.some((each) => clues.scopes.includes(each)) ||
          roleIds.some((each) => clues.roleIds.includes(each))
        assert.ok(isFound, `${name} ${roleIds} ${scope} has no clue`)
      }
    }
  }
  assert.ok(given > 20)
})

test('every path is told, with the spelling, role, group or tag that it goes by', () => {
  const holder = {
    application: application('caller', { client: clientFacet({ policy: policies['tagged']! }) }),
    holdings: [
      { roleId: 'writer', group: null },
      { roleId: 'writer', group },
    ],
  }
  assert.deepEqual(tellPaths(holder, server, 'read'), [
    { kind: 'role', roleId: 'writer', role: 'writer' },
    { kind: 'group', roleId: 'writer', role: 'writer', groupId: 'g', group: 'Night' },
    { kind: 'tag', key: 'tier', value: 'gold' },
  ])
})

test('what stands against a token is told beside the paths', () => {
  const client = clientFacet({})
  assert.equal(tellHindrance(application('a', { client }), server), null)
  for (const [reason, more] of [
    ['CLIENT_INACTIVE', { client, active: false }],
    ['CLIENT_PUBLIC', { client: clientFacet({ clientType: 'public' }) }],
    ['CLIENT_UNKNOWN', {}],
    ['GRANT_TYPE_NOT_ALLOWED', { client: clientFacet({ grantTypes: [] }) }],
  ] as const) {
    assert.equal(tellHindrance(application('a', more), server), reason)
  }
})
