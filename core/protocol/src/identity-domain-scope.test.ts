import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  hierarchicalScopeCovers,
  type RequestedScopes,
  readIdentityDomainScopes,
} from './identity-domain-scope.ts'

const none: RequestedScopes = {
  plain: [],
  myScopes: false,
  roleNames: [],
  consumerAll: false,
  expirySeconds: null,
  multiResource: false,
}

const all = 'urn:opc:resource:consumer::all'
const good: readonly [scope: string, expected: Partial<RequestedScopes>][] = [
  ['api:read api:write', { plain: ['api:read', 'api:write'] }],
  [`https://h:443/${all}`, { plain: [`https://h:443/${all}`] }],
  ['urn:opc:idm:__myscopes__', { myScopes: true }],
  ['urn:opc:idm:_myscopes_', { myScopes: true }],
  ['urn:opc:idm:__myscopes__ urn:opc:idm:_myscopes_', { myScopes: true }],
  ['urn:opc:idm:myscopes', { plain: ['urn:opc:idm:myscopes'] }],
  ['urn:opc:idm:role.User%20Administrator', { roleNames: ['User Administrator'] }],
  ['urn:opc:idm:role.Me urn:opc:idm:role.%4De', { roleNames: ['Me'] }],
  ['urn:opc:idm:role.100%25+', { roleNames: ['100%+'] }],
  ['urn:opc:idm:t.user.me', { plain: ['urn:opc:idm:t.user.me'] }],
  [all, { consumerAll: true }],
  [`${all} urn:opc:resource:expiry=300`, { consumerAll: true, expirySeconds: 300 }],
  ['urn:opc:resource:consumer:paas::read', { plain: ['urn:opc:resource:consumer:paas::read'] }],
  ['urn:opc:idm:__myscopes__ urn:opc:resource:expiry=300', { myScopes: true, expirySeconds: 300 }],
  ['urn:opc:resource:expiry=1', { expirySeconds: 1 }],
  ['urn:opc:resource:expiry=31536000', { expirySeconds: 31_536_000 }],
  ['a urn:opc:resource:multiresourcescope b', { plain: ['a', 'b'], multiResource: true }],
  ['urn:opc:Resource:expiry=x', { plain: ['urn:opc:Resource:expiry=x'] }],
]

for (const [scope, expected] of good) {
  test(`scopes '${scope}'`, () => {
    const read = readIdentityDomainScopes(scope.split(' '))
    assert.deepEqual(read, { ok: true, value: { ...none, ...expected } })
  })
}

const bad: readonly [scope: string, reason: string][] = [
  ['urn:opc:resource:expiry=', 'EXPIRY_MALFORMED'],
  ['urn:opc:resource:expiry=0', 'EXPIRY_MALFORMED'],
  ['urn:opc:resource:expiry=-1', 'EXPIRY_MALFORMED'],
  ['urn:opc:resource:expiry=+1', 'EXPIRY_MALFORMED'],
  ['urn:opc:resource:expiry=1.5', 'EXPIRY_MALFORMED'],
  ['urn:opc:resource:expiry=1e3', 'EXPIRY_MALFORMED'],
  ['urn:opc:resource:expiry=0x10', 'EXPIRY_MALFORMED'],
  ['urn:opc:resource:expiry=31536001', 'EXPIRY_MALFORMED'],
  ['urn:opc:resource:expiry=99999999999999999999', 'EXPIRY_MALFORMED'],
  ['urn:opc:resource:expiry=5 urn:opc:resource:expiry=6', 'EXPIRY_MALFORMED'],
  ['urn:opc:resource:expiry=5 urn:opc:resource:expiry=05', 'EXPIRY_MALFORMED'],
  [`${all} a`, 'SCOPE_STANDS_ALONE'],
  [`a ${all}`, 'SCOPE_STANDS_ALONE'],
  [`${all} urn:opc:idm:__myscopes__`, 'SCOPE_STANDS_ALONE'],
  [`${all} urn:opc:idm:role.Me`, 'SCOPE_STANDS_ALONE'],
  [`${all} urn:opc:resource:multiresourcescope`, 'SCOPE_STANDS_ALONE'],
  [`${all} https://h/${all}`, 'SCOPE_STANDS_ALONE'],
  ['urn:opc:idm:role.', 'SCOPE_MALFORMED'],
  ['urn:opc:idm:role.%zz', 'SCOPE_MALFORMED'],
  ['urn:opc:idm:role.%ff', 'SCOPE_MALFORMED'],
  ['urn:opc:idm:role.a%00', 'SCOPE_MALFORMED'],
  [`urn:opc:idm:role.${'a'.repeat(257)}`, 'SCOPE_MALFORMED'],
]

for (const [scope, reason] of bad) {
  test(`${reason}: '${scope.slice(0, 80)}'`, () => {
    const read = readIdentityDomainScopes(scope.split(' '))
    assert.equal(!read.ok && read.failure.reason, reason)
  })
}

const paas = 'urn:opc:resource:consumer:paas::read'
const hierarchy: readonly [allowed: string, requested: string, covers: boolean][] = [
  [paas, paas, true],
  [paas, 'urn:opc:resource:consumer:paas:analytics::read', true],
  [paas, 'urn:opc:resource:consumer:paas:a:b:c::read', true],
  [paas, 'urn:opc:resource:consumer:paas:analytics::write', false],
  [paas, 'urn:opc:resource:consumer::read', false],
  [paas, 'urn:opc:resource:consumer:paasx::read', false],
  [paas, 'urn:opc:resource:consumer:paas:analytics', false],
  [paas, 'urn:opc:resource:consumer:paas:::read', false],
  [paas, 'urn:opc:resource:consumer:paas::read::read', false],
  [paas, 'urn:opc:resource:consumer:paas:x::read\n', false],
  [all, 'urn:opc:resource:consumer:paas::all', true],
  [all, paas, false],
  ['orders', 'orders', true],
  ['orders', 'orders:x', false],
  ['orders::read', 'orders:x::read', false],
  ['https://h::read', 'https://h:8443::read', false],
  ['https://h/urn:opc:resource:consumer::all', 'https://h/urn:opc:resource:consumer:x::all', false],
]

for (const [allowed, requested, covers] of hierarchy) {
  test(`'${allowed}' ${covers ? 'covers' : 'does not cover'} '${requested}'`, () => {
    assert.equal(hierarchicalScopeCovers(allowed, requested), covers)
  })
}

test('any role name survives its second encoding', () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
    .filter((text) => text.isWellFormed() && !/\p{Cc}/u.test(text) && text.length <= 256)
  fc.assert(
    fc.property(name, (roleName) => {
      const read = readIdentityDomainScopes([`urn:opc:idm:role.${encodeURIComponent(roleName)}`])
      assert.deepEqual(read, { ok: true, value: { ...none, roleNames: [roleName] } })
    }),
  )
})
