import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AppRole } from '@mintmark/registry/app-role'
import { defaultSettings } from '@mintmark/registry/identity-domain'
import type { Change } from './change.ts'
import {
  decideGrantCreation,
  decideGrantDeletion,
  type Grantee,
  type GrantView,
  type GrantWish,
  mechanismsOf,
} from './decide-grant-change.ts'
import {
  decideRoleCreation,
  decideRoleDeletion,
  decideRoleReplacement,
} from './decide-role-change.ts'
import { decideSettingsChange } from './decide-settings-change.ts'
import {
  applicationOf,
  client,
  groupOf,
  orders,
  seed,
  stampOf,
  userOf,
} from './example-administration.ts'

const lost = { audiences: [], clientIds: [] }

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
const grantee: Grantee = { type: 'App', record: billing }
const view: GrantView = { application: orders, role, grantee, existing: null }
const anna: Grantee = { type: 'User', record: userOf({}) }
const staff: Grantee = { type: 'Group', record: groupOf({}) }
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
    ['a robot', { granteeType: 'Robot' }, {}, 'VALUE_INVALID'],
    ['the id of something else', {}, { grantee: anna }, 'REFERENCE_UNKNOWN'],
    ['a way that is for users', { mechanism: 'ADMINISTRATOR_TO_USER' }, {}, 'VALUE_INVALID'],
    [
      'a grantee that is no client',
      {},
      { grantee: { type: 'App', record: orders } },
      'NOT_A_CLIENT',
    ],
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
  const take = (taken: AppRole, by = stamp, others = 1) => {
    const rest = { granteeName: 'Billing', otherDomainAdministrators: others, lost }
    const result = decideGrantDeletion(existing, { role: taken, ...rest }, by)
    return result.ok ? 'ok' : result.failure.reason
  }
  const domainAdministrator = stampOf('Identity Domain Administrator')
  const highest = seed.roles.find((each) => each.displayName === 'Identity Domain Administrator')!
  assert.equal(take(role), 'ok')
  assert.equal(take(builtIn), 'ROLE_NOT_CONFERRABLE')
  assert.equal(take(builtIn, domainAdministrator, 0), 'ok')
  assert.equal(take(highest, domainAdministrator, 1), 'ok')
  assert.equal(take(highest, domainAdministrator, 0), 'LAST_ADMINISTRATOR')
})

test('each kind of grantee has its mechanisms and its flag of the role', () => {
  const grantees = { App: grantee, User: anna, Group: staff } as const
  const flags = {
    App: 'availableToClients',
    User: 'availableToUsers',
    Group: 'availableToGroups',
  } as const
  const everybody = {
    ...role,
    availableToClients: true,
    availableToUsers: true,
    availableToGroups: true,
  }
  const mechanisms = new Set(Object.values(mechanismsOf).flat())
  for (const type of ['App', 'User', 'Group'] as const) {
    const attempt = (mechanism: string, open: AppRole) => {
      const wished: GrantWish = { ...wish, granteeType: type, mechanism }
      const seen = { ...view, role: open, grantee: grantees[type] }
      const result = decideGrantCreation(wished, seen, stamp)
      return result.ok ? result.value.grant.granteeType : (result.failure.at ?? '')
    }
    for (const mechanism of mechanisms) {
      const expected = mechanismsOf[type].includes(mechanism) ? type : 'grantMechanism'
      assert.equal(attempt(mechanism, everybody), expected, `${mechanism} for ${type}`)
    }
    const closed = { ...everybody, [flags[type]]: false }
    assert.equal(attempt(mechanismsOf[type][0] as string, closed), 'entitlement.attributeValue')
  }
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
  const roleView = { application: orders, sameName: null, held: lost }
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
  assert.ok(!decideRoleDeletion(builtIn, lost, stamp).ok)
})

const ended = (change: Change) =>
  change.steps.flatMap((step) =>
    step.step === 'put-revocation' ? [[step.revocation.kind, step.revocation.subject]] : [],
  )

test('tokens end with the role that they have, named or all of the API', () => {
  const grants = [
    ['grant', 'https://orders.example/ billing'],
    ['grant', 'urn:orders billing'],
  ]
  const audiences = [
    ['audience', 'https://orders.example/'],
    ['audience', 'urn:orders'],
  ]
  for (const [clientIds, expected] of [
    [['billing'], grants],
    ['many', audiences],
    [[], []],
  ] as const) {
    const held = { audiences: ['https://orders.example/', 'urn:orders'], clientIds }
    const deletion = decideRoleDeletion(role, held, stamp)
    assert.ok(deletion.ok)
    assert.deepEqual(ended(deletion.value), expected)
    const view = { application: orders, sameName: null, held }
    const narrowed = decideRoleReplacement(role, { ...roleWish, conferredScopes: [] }, view, stamp)
    assert.ok(narrowed.ok)
    assert.deepEqual(ended(narrowed.value.change), expected)
    const same = decideRoleReplacement(role, { ...roleWish, public: true }, view, stamp)
    assert.ok(same.ok)
    assert.deepEqual(ended(same.value.change), [], 'it confers as much as before')
  }
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
