import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AppRole } from '@mintmark/registry/app-role'
import { defaultSettings } from '@mintmark/registry/identity-domain'
import { decideGrantCreation, decideGrantDeletion, type GrantView } from './decide-grant-change.ts'
import {
  decideRoleCreation,
  decideRoleDeletion,
  decideRoleReplacement,
} from './decide-role-change.ts'
import { decideSettingsChange } from './decide-settings-change.ts'
import { applicationOf, client, orders, seed, stampOf } from './example-administration.ts'

const stamp = stampOf('Application Administrator')
const billing = applicationOf({ displayName: 'Billing', client: client() })
const roleWish = {
  displayName: 'OrderWriter',
  description: null,
  conferredScopes: ['orders.write', 'orders.write'],
  adminRole: false,
  availableToClients: true,
  availableToUsers: false,
  availableToGroups: false,
  public: false,
}
const role: AppRole = {
  domain: orders.domain,
  id: 'role-id',
  applicationId: orders.id,
  ...roleWish,
  conferredScopes: ['orders.write'],
  builtIn: false,
  version: 1,
  createdAtMs: 0,
  modifiedAtMs: 0,
}
const wish = {
  applicationId: orders.id,
  roleId: role.id,
  granteeType: 'App',
  granteeId: billing.id,
  mechanism: 'ADMINISTRATOR_TO_APP',
}
const view: GrantView = { application: orders, role, grantee: billing, existing: null }
const builtIn = seed.roles.find((each) => each.displayName === 'Security Administrator')!

test('a grant needs an application, its role and a client, once', () => {
  const made = decideGrantCreation(wish, view, stamp)
  assert.ok(made.ok)
  assert.equal(made.value.grant.grantorId, 'admin-id')
  const existing = made.value.grant
  const refusals: readonly [string, Partial<typeof wish>, Partial<GrantView>, string][] = [
    ['no application', {}, { application: null }, 'REFERENCE_UNKNOWN'],
    ['no role', {}, { role: null }, 'REFERENCE_UNKNOWN'],
    [
      'a role of another application',
      {},
      { role: { ...role, applicationId: 'x' } },
      'REFERENCE_UNKNOWN',
    ],
    ['no grantee', {}, { grantee: null }, 'REFERENCE_UNKNOWN'],
    ['a user', { granteeType: 'User' }, {}, 'VALUE_INVALID'],
    ['a way that is for users', { mechanism: 'ADMINISTRATOR_TO_USER' }, {}, 'VALUE_INVALID'],
    ['a grantee that is no client', {}, { grantee: orders }, 'NOT_A_CLIENT'],
    [
      'a role that is not for clients',
      {},
      { role: { ...role, availableToClients: false } },
      'VALUE_INVALID',
    ],
    ['a grant that exists', {}, { existing }, 'VALUE_TAKEN'],
    [
      'a role above the own',
      {},
      { application: seed.application, role: builtIn },
      'ROLE_NOT_CONFERRABLE',
    ],
  ]
  for (const [name, wished, seen, reason] of refusals) {
    const result = decideGrantCreation({ ...wish, ...wished }, { ...view, ...seen }, stamp)
    assert.equal(!result.ok && result.failure.reason, reason, name)
  }
  assert.ok(decideGrantDeletion(existing, role, stamp).ok)
  assert.ok(!decideGrantDeletion(existing, builtIn, stamp).ok)
  assert.ok(decideGrantDeletion(existing, builtIn, stampOf('Identity Domain Administrator')).ok)
})

test('a role confers scopes of its own application', () => {
  const made = decideRoleCreation(roleWish, { application: orders, sameName: null }, stamp)
  assert.ok(made.ok)
  assert.deepEqual(made.value.role.conferredScopes, ['orders.write'])
  const refusals: readonly [Partial<typeof roleWish>, object, string][] = [
    [{ displayName: '' }, {}, 'VALUE_INVALID'],
    [{ displayName: 'x'.repeat(126) }, {}, 'VALUE_TOO_LONG'],
    [{ conferredScopes: ['orders.wriet'] }, {}, 'REFERENCE_UNKNOWN'],
    [{}, { sameName: role }, 'VALUE_TAKEN'],
    [{}, { application: seed.application }, 'BUILT_IN'],
    [{}, { application: billing }, 'REFERENCE_UNKNOWN'],
  ]
  for (const [wished, seen, reason] of refusals) {
    const roleView = { application: orders, sameName: null, ...seen }
    const result = decideRoleCreation({ ...roleWish, ...wished }, roleView, stamp)
    assert.equal(!result.ok && result.failure.reason, reason)
  }
})

test('of a role only description, visibility and scopes can change', () => {
  const roleView = { application: orders, sameName: null }
  const same = decideRoleReplacement(role, roleWish, roleView, stamp)
  assert.ok(same.ok)
  assert.deepEqual(same.value.change.steps, [])
  const changed = decideRoleReplacement(role, { ...roleWish, public: true }, roleView, stamp)
  assert.ok(changed.ok)
  assert.equal(changed.value.role.version, 2)
  const immutables = [{ displayName: 'X' }, { adminRole: true }, { availableToClients: false }]
  for (const wished of immutables) {
    const result = decideRoleReplacement(role, { ...roleWish, ...wished }, roleView, stamp)
    assert.equal(!result.ok && result.failure.reason, 'ATTRIBUTE_IMMUTABLE')
  }
  assert.ok(!decideRoleReplacement(builtIn, roleWish, roleView, stamp).ok)
  assert.ok(decideRoleDeletion(role).ok)
  assert.ok(!decideRoleDeletion(builtIn).ok)
})

test('settings: any issuer that can be one, unless it is pinned', () => {
  const change = (issuer: string | null, pinned = false) =>
    decideSettingsChange(defaultSettings, { issuer, signingCertPublicAccess: false }, pinned)
  for (const issuer of ['https://identity.oraclecloud.com/', 'acme', 'urn:acme:issuer']) {
    assert.ok(change(issuer).ok, issuer)
  }
  for (const issuer of ['', 'a b', 'http://[', 'https://x/\u0000'])
    assert.ok(!change(issuer).ok, issuer)
  const pinned = change('https://x.example', true)
  assert.equal(!pinned.ok && pinned.failure.reason, 'ISSUER_PINNED')
  const same = change(null, true)
  assert.ok(same.ok)
  assert.deepEqual(same.value.change.steps, [])
})
