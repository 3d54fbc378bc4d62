import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Application, ClientFacet } from '@mintmark/registry/application'
import type { Snapshot } from '@mintmark/registry/snapshot'
import { apiFacet, application, catalogOf, clientFacet } from '../token/example-domain.ts'
import {
  decideIntrospection,
  type InactiveReason,
  introspectionAnswer,
} from './decide-introspection.ts'
import { decideRevocation } from './decide-revocation.ts'
import type { TokenFacts } from './token-facts.ts'

const now = 1_800_000_000
const tag = { key: 'color', value: 'green' }

const api = (id: string, more: Partial<Application> = {}): Application =>
  application(id, {
    resourceServer: apiFacet(`https://${id}/`, ['read'], {
      secondaryAudiences: [`https://${id}.too/`],
    }),
    ...more,
  })

const catalog = catalogOf(
  [
    api('orders', { client: clientFacet({ operations: ['introspect'] }) }),
    api('billing', { tags: [tag] }),
    api('off', { active: false }),
  ],
  [],
)

const token = (more: Partial<TokenFacts> = {}): TokenFacts => ({
  jti: 'a'.repeat(32),
  clientId: 'worker',
  audience: ['https://orders/', 'https://orders.too/'],
  issuedAtSeconds: now - 10,
  issuedAtMs: (now - 10) * 1000,
  expiresAtSeconds: now + 10,
  claims: { scope: 'read' },
  profile: 'identity-domain',
  ...more,
})

const snapshotOfClient = (app: Application) => ({
  application: app,
  secrets: [],
  certificates: [],
  roleIds: new Set<string>(),
  sequence: 1,
})

/** Who asks: the API itself, unless a client facet makes it a plain client. */
const caller = (facet?: Partial<ClientFacet>): Snapshot => {
  const client = clientFacet({ operations: ['introspect'], ...facet })
  const app = facet === undefined ? api('orders', { client }) : application('asker', { client })
  return { catalog, client: snapshotOfClient(app) }
}

const allowing = (...allowedScopes: readonly string[]) => ({
  policy: { trustScope: 'Explicit' as const, allowedScopes, allowedTags: [] },
})

interface Case {
  readonly what: string
  readonly token?: TokenFacts | null
  readonly caller?: Snapshot
  readonly revoked?: boolean
  readonly issuedTo?: Application | null
  readonly reason: InactiveReason | 'active'
}

const wide = (audience: string): TokenFacts => token({ audience: [audience] })
const tagAudience = (value: string) =>
  `urn:opc:resource:scope:tag=${btoa(JSON.stringify({ tags: [{ ...tag, value }] }))}`

const cases: readonly Case[] = [
  { what: 'a living token', reason: 'active' },
  { what: 'no token of ours', token: null, reason: 'NOT_OURS' },
  { what: 'expired now', token: token({ expiresAtSeconds: now }), reason: 'EXPIRED' },
  { what: 'one second left', token: token({ expiresAtSeconds: now + 1 }), reason: 'active' },
  { what: 'from later', token: token({ issuedAtSeconds: now + 61 }), reason: 'NOT_YET_VALID' },
  { what: 'clocks apart', token: token({ issuedAtSeconds: now + 60 }), reason: 'active' },
  { what: 'revoked', revoked: true, reason: 'REVOKED' },
  { what: 'its client deleted', issuedTo: null, reason: 'CLIENT_GONE' },
  {
    what: 'its client deleted, and another made with the same client id',
    issuedTo: application('worker', { createdAtMs: 4_000_000_000_000 }),
    reason: 'CLIENT_GONE',
  },
  {
    what: 'its client inactive',
    issuedTo: application('worker', { active: false }),
    reason: 'CLIENT_INACTIVE',
  },
  {
    what: 'a caller that may not',
    caller: caller({ operations: [] }),
    reason: 'CALLER_MAY_NOT_INTROSPECT',
  },
  { what: 'for another API', token: wide('https://billing/'), reason: 'NOT_FOR_THIS_CALLER' },
  {
    what: "another API's expired token says no more than that",
    token: token({ audience: ['https://billing/'], expiresAtSeconds: 0 }),
    reason: 'NOT_FOR_THIS_CALLER',
  },
  { what: 'by the second audience', token: wide('https://orders.too/'), reason: 'active' },
  { what: 'for every API', token: wide('urn:opc:resource:scope:account'), reason: 'active' },
  { what: 'for a tag it lacks', token: wide(tagAudience('blue')), reason: 'NOT_FOR_THIS_CALLER' },
  {
    what: "a plain client's own token",
    caller: caller({}),
    token: token({ clientId: 'asker' }),
    reason: 'active',
  },
  { what: 'a plain client without access', caller: caller({}), reason: 'NOT_FOR_THIS_CALLER' },
  {
    what: 'a plain client with access',
    caller: caller(allowing('https://orders/read')),
    reason: 'active',
  },
  {
    what: 'a plain client with access to another API',
    caller: caller(allowing('https://billing/read')),
    reason: 'NOT_FOR_THIS_CALLER',
  },
  {
    what: 'a tag of an API it has access to',
    caller: caller(allowing('https://billing/read')),
    token: wide(tagAudience('green')),
    reason: 'active',
  },
  {
    what: 'an API that is switched off',
    caller: caller({ policy: { trustScope: 'Account', allowedScopes: [], allowedTags: [] } }),
    token: wide('https://off/'),
    reason: 'API_GONE',
  },
  {
    what: 'an API that is no more',
    caller: caller({}),
    token: token({ clientId: 'asker', audience: ['https://gone/'] }),
    reason: 'API_GONE',
  },
]

for (const { what, reason, ...given } of cases) {
  test(`introspection: ${what}: ${reason}`, () => {
    const issuedTo = given.issuedTo === undefined ? application('worker', {}) : given.issuedTo
    const decided = decideIntrospection({
      token: given.token === undefined ? token() : given.token,
      caller: given.caller ?? caller(),
      issuedTo: issuedTo === null ? null : snapshotOfClient(issuedTo),
      revoked: given.revoked ?? false,
      nowSeconds: now,
    })
    assert.equal(decided.active ? 'active' : decided.reason, reason)
  })
}

test('the word for the type of a token is that of its profile', () => {
  const answerOf = (profile: TokenFacts['profile']) => {
    const issuedTo = snapshotOfClient(application('worker', {}))
    const input = { caller: caller(), issuedTo, revoked: false, nowSeconds: now }
    const decided = decideIntrospection({ ...input, token: token({ profile }) })
    return decided.active ? introspectionAnswer(decided.token) : null
  }
  assert.deepEqual(answerOf('identity-domain'), { active: true, scope: 'read', token_type: 'JWT' })
  assert.deepEqual(answerOf('rfc9068'), { active: true, scope: 'read', token_type: 'Bearer' })
})

const worker = application('worker', { client: clientFacet() })
const revoked = (wish: Parameters<typeof decideRevocation>[0], nowMs = now * 1000) =>
  decideRevocation(wish, worker, nowMs)

test('revocation: an own token, until it would have expired', () => {
  const decided = revoked({ what: 'token', token: token() })
  assert.deepEqual(decided, {
    ok: true,
    value: {
      domain: worker.domain,
      kind: 'token',
      subject: 'a'.repeat(32),
      issuedBeforeMs: now * 1000,
      expiresAtMs: (now + 10) * 1000,
    },
  })
})

test('revocation: nothing to end is a success', () => {
  const nothing = { ok: true, value: null }
  assert.deepEqual(revoked({ what: 'token', token: null }), nothing)
  const over = token({ expiresAtSeconds: now })
  assert.deepEqual(revoked({ what: 'token', token: over }), nothing)
  const others = { ...over, clientId: 'other' }
  assert.deepEqual(revoked({ what: 'token', token: others }), nothing)
})

test("revocation: another client's token is refused", () => {
  const decided = revoked({ what: 'token', token: token({ clientId: 'other' }) })
  assert.deepEqual(decided, { ok: false, failure: { reason: 'TOKEN_OF_ANOTHER_CLIENT' } })
})

test('revocation: everything, for as long as any token can live', () => {
  const decided = revoked({ what: 'everything' })
  assert.ok(decided.ok && decided.value !== null)
  const { kind, subject, issuedBeforeMs, expiresAtMs } = decided.value
  assert.deepEqual([kind, subject, issuedBeforeMs], ['client', 'worker', now * 1000])
  assert.equal(expiresAtMs - issuedBeforeMs, 31_536_000_000)
})
