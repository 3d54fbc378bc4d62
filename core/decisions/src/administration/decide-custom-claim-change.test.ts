import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Result } from '@mintmark/protocol/result'
import type { CustomClaim } from '@mintmark/registry/custom-claim'
import { decideClaims } from '../token/decide-claims.ts'
import { apiFacet, application, catalogOf } from '../token/example-domain.ts'
import type { TokenPlan } from '../token/token-plan.ts'
import {
  type CustomClaimWish,
  decideCustomClaimCreation,
  decideCustomClaimReplacement,
} from './decide-custom-claim-change.ts'
import { decidePartnerCertificateCreation } from './decide-partner-certificate-change.ts'
import { orders, seed, stampOf } from './example-administration.ts'
import { indexResourceServers } from './resource-server-index.ts'

const stamp = stampOf('Security Administrator')
const wish: CustomClaimWish = {
  name: 'MyATCustomClaim',
  value: 'MyATValue',
  expression: false,
  mode: 'always',
  tokenType: 'AT',
  allScopes: true,
  scopes: [],
}
const claimOf = (members: Partial<CustomClaim>): CustomClaim => {
  const { expression: _, ...rest } = wish
  const stamps = { version: 1, createdAtMs: 0, modifiedAtMs: 0 }
  return { domain: 'd', id: 'claim-id', ...rest, ...stamps, ...members }
}
const view = {
  present: [] as readonly CustomClaim[],
  resourceServers: indexResourceServers([orders, seed.application]),
}
const reasonOf = (result: Result<unknown, { readonly reason: string }>) =>
  result.ok ? 'ok' : result.failure.reason
const create = (members: Partial<CustomClaimWish>, present: readonly CustomClaim[] = []) =>
  reasonOf(decideCustomClaimCreation({ ...wish, ...members }, { ...view, present }, stamp))

const wishes: readonly [Partial<CustomClaimWish>, string][] = [
  [{}, 'ok'],
  [{ name: 'https://acme.example/tier' }, 'ok'],
  [{ name: '1st' }, 'VALUE_INVALID'],
  [{ name: 'a b' }, 'VALUE_INVALID'],
  [{ name: '' }, 'VALUE_INVALID'],
  [{ name: 'x'.repeat(101) }, 'VALUE_TOO_LONG'],
  [{ name: 'x'.repeat(100) }, 'ok'],
  [{ name: '__proto__' }, 'VALUE_RESERVED'],
  [{ name: 'AUD' }, 'VALUE_RESERVED'],
  [{ name: 'user_email' }, 'VALUE_RESERVED'],
  [{ name: 'may_act' }, 'VALUE_RESERVED'],
  [{ value: 'x'.repeat(101) }, 'VALUE_TOO_LONG'],
  [{ value: '' }, 'VALUE_TOO_LONG'],
  [{ expression: true }, 'VALUE_INVALID'],
  [{ allScopes: false }, 'ATTRIBUTE_MISSING'],
  [{ scopes: ['https://orders.example/orders.read'] }, 'VALUE_INVALID'],
  [{ allScopes: false, scopes: ['https://orders.example/orders.read'] }, 'ok'],
  [{ allScopes: false, scopes: ['https://orders.example/orders.raed'] }, 'REFERENCE_UNKNOWN'],
]

test('what a custom claim can be', () => {
  for (const [members, reason] of wishes) {
    assert.equal(create(members), reason, JSON.stringify(members).slice(0, 80))
  }
  assert.equal(create({}, [claimOf({})]), 'VALUE_TAKEN')
  const fifty = Array.from({ length: 50 }, (_, at) => claimOf({ id: `${at}`, name: `c${at}` }))
  assert.equal(create({}, fifty), 'LIMIT_REACHED')
  const large = Array.from({ length: 20 }, (_, at) =>
    claimOf({ id: `${at}`, name: `c${at}`.padEnd(100, 'x'), value: 'v'.repeat(100) }),
  )
  assert.equal(create({ value: 'v'.repeat(100) }, large), 'LIMIT_REACHED')
  const own = { ...view, present: [claimOf({})] }
  const same = decideCustomClaimReplacement(claimOf({}), wish, own, stamp)
  assert.ok(same.ok)
  assert.deepEqual(same.value.change.steps, [])
  const other = decideCustomClaimReplacement(claimOf({}), { ...wish, value: 'x' }, own, stamp)
  assert.ok(other.ok)
  assert.deepEqual(other.value.change.after, { value: 'x' })
})

const catalog = catalogOf(
  [
    application('IDCSAppId', { resourceServer: apiFacet('urn:domain', ['urn:opc:idm:t.app']) }),
    application('orders', { resourceServer: apiFacet('https://o.example/', ['read', 'write']) }),
  ],
  [],
)
const planOf = (id: string, scopes: readonly string[], profile: 'rfc9068' | 'identity-domain') => {
  const resourceServer = catalog.byId.get(id) ?? null
  const audience = resourceServer?.audiences ?? ['urn:opc:resource:scope:account']
  const target = { resourceServer, audience, profile, algorithm: 'RS256' as const }
  const plan: TokenPlan = {
    target,
    scopes,
    roles: ['R'],
    lifetimeSeconds: 60,
    binding: { certificateThumbprint: 'thumb', keyThumbprint: null },
  }
  return plan
}
const claimsOf = (plan: TokenPlan, customClaims: readonly CustomClaim[]) =>
  decideClaims(
    plan,
    { jti: 'j', issuedAtSeconds: 1 },
    {
      client: application('caller', {}),
      domain: catalog.domain,
      address: { issuer: 'i', url: 'u', secureUrl: 's' },
      customClaims,
    },
  )

test('every claim that the server sets, in every kind of token, is reserved', () => {
  let names = 0
  for (const profile of ['rfc9068', 'identity-domain'] as const) {
    for (const id of ['IDCSAppId', 'orders', 'all']) {
      for (const name of Object.keys(claimsOf(planOf(id, ['read'], profile), []))) {
        assert.equal(create({ name }), 'VALUE_RESERVED', name)
        names++
      }
    }
  }
  assert.ok(names > 60)
})

const applies: readonly [Partial<CustomClaim>, boolean, boolean][] = [
  [{}, true, true],
  [{ tokenType: 'BOTH' }, true, true],
  [{ tokenType: 'IT' }, false, false],
  [{ mode: 'request' }, false, false],
  [{ mode: 'never' }, false, false],
  [{ allScopes: false, scopes: ['https://o.example/read'] }, true, false],
  [{ allScopes: false, scopes: ['https://o.example/admin'] }, false, false],
]

test('a claim is in the tokens it is for, behind all others', () => {
  for (const [members, ofOrders, ofAll] of applies) {
    const claim = claimOf(members)
    for (const profile of ['rfc9068', 'identity-domain'] as const) {
      for (const [id, expected] of [
        ['orders', ofOrders],
        ['all', ofAll],
      ] as const) {
        const plan = planOf(id, ['read'], profile)
        const [bare, claims] = [claimsOf(plan, []), claimsOf(plan, [claim])]
        const added = expected ? [[claim.name, claim.value]] : []
        const said = `${JSON.stringify(members)} ${profile} ${id}`
        assert.deepEqual(Object.entries(claims), [...Object.entries(bare), ...added], said)
      }
    }
  }
  // what got into the database by another way takes no claim's place all the same
  const forged = claimsOf(planOf('orders', ['read'], 'rfc9068'), [claimOf({ name: 'sub' })])
  assert.equal(forged['sub'], 'caller')
})

test('a partner certificate is the certificate of an authority, once', () => {
  const certificate = {
    alias: 'partner',
    der: 'AA==',
    x5t: 'a',
    x5tS256: 'b',
    notBeforeMs: 0,
    notAfterMs: 2_000_000,
    isAuthority: true,
  }
  const empty = { sameAlias: null, sameBytes: null, count: 0 }
  const made = decidePartnerCertificateCreation(certificate, empty, stamp)
  assert.ok(made.ok)
  assert.ok(!('isAuthority' in made.value.certificate))
  const present = made.value.certificate
  const rows: readonly [object, object, string][] = [
    [{ alias: ' ' }, {}, 'VALUE_INVALID'],
    [{ isAuthority: false }, {}, 'CERTIFICATE_UNREADABLE'],
    [{ notAfterMs: 1_000_000 }, {}, 'CERTIFICATE_UNREADABLE'],
    [{}, { sameAlias: present }, 'VALUE_TAKEN'],
    [{}, { sameBytes: present }, 'VALUE_TAKEN'],
    [{}, { count: 100 }, 'LIMIT_REACHED'],
  ]
  for (const [members, seen, reason] of rows) {
    const result = decidePartnerCertificateCreation(
      { ...certificate, ...members },
      { ...empty, ...seen },
      stamp,
    )
    assert.equal(reasonOf(result), reason, JSON.stringify([members, Object.keys(seen)]))
  }
})
