import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decideTokenRequest } from '@mintmark/decisions/token/decide-token-request'
import {
  apiFacet,
  application,
  catalogOf,
  proof,
  snapshotOf,
} from '@mintmark/decisions/token/example-domain'
import type { TokenPlan } from '@mintmark/decisions/token/token-plan'
import type { Snapshot } from '@mintmark/registry/snapshot'
import { type CurrentToken, createCurrentTokens, currentTokenKey } from './current-tokens.ts'

const audience = 'https://orders.example/'
const api = application('orders', { resourceServer: apiFacet(audience, ['read', 'write']) })
const newSnapshot = (): Snapshot => {
  const { catalog, client } = snapshotOf(catalogOf([api], []), {
    policy: { trustScope: 'Explicit', allowedScopes: [`${audience}read`], allowedTags: [] },
  })
  return { catalog, client: { ...client, state: 'as it is' } }
}

const planOf = (snapshot: Snapshot): TokenPlan => {
  const request = { grantType: 'client_credentials', scope: null, resources: [] }
  const decided = decideTokenRequest(request, proof(), snapshot)
  assert.ok(decided.ok && decided.value.tokens[0] !== undefined)
  return decided.value.tokens[0]
}

const plan = planOf(newSnapshot())
const token: CurrentToken = { text: 'abc', jti: '1', plan, issuedAtMs: 0, expiresAtMs: 60_000 }
const limits = { tokensMax: 2, charsMax: 1000 }

test('a token is found for as long as a second of it is left', () => {
  const tokens = createCurrentTokens(limits)
  const snapshot = newSnapshot()
  tokens.keep('k', snapshot, token)
  assert.equal(tokens.find('k', snapshot, 0), token)
  assert.equal(tokens.find('k', snapshot, 59_000), token)
  assert.equal(tokens.find('k', snapshot, 59_001), null)
  assert.equal(tokens.find('other', snapshot, 0), null)
})

test('it is not found once the client or the catalog have changed', () => {
  const { catalog, client } = newSnapshot()
  const changed: Readonly<Record<string, Snapshot>> = {
    client: { catalog, client: { ...client, state: 'as it is now' } },
    catalog: { catalog: { ...catalog }, client },
  }
  for (const [what, snapshot] of Object.entries(changed)) {
    const tokens = createCurrentTokens(limits)
    tokens.keep('k', { catalog, client }, token)
    assert.equal(tokens.find('k', snapshot, 0), null, what)
  }
  const tokens = createCurrentTokens(limits)
  tokens.keep('k', { catalog, client }, token)
  const application = { ...client.application }
  const loadedAgain = { catalog, client: { ...client, application, sequence: 9 } }
  assert.equal(tokens.find('k', loadedAgain, 0), token, 'another read of the same')
})

test('what is kept is bounded, in tokens and in characters', () => {
  const snapshot = newSnapshot()
  const tokens = createCurrentTokens(limits)
  for (const key of ['a', 'b', 'c']) tokens.keep(key, snapshot, token)
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => tokens.find(key, snapshot, 0) !== null),
    [...[false, true, true]],
  )
  tokens.keep('long', snapshot, { ...token, text: 'x'.repeat(985) })
  assert.equal(tokens.find('c', snapshot, 0), null)
})

test('every part of what was decided tells requests apart', () => {
  const { target, binding } = plan
  const others: readonly TokenPlan[] = [
    { ...plan, scopes: ['write'] },
    { ...plan, roles: ['Reader'] },
    { ...plan, lifetimeSeconds: 60 },
    { ...plan, target: { ...target, audience: ['https://bills.example/'] } },
    { ...plan, target: { ...target, profile: 'rfc9068' } },
    { ...plan, target: { ...target, algorithm: 'ES256' } },
    { ...plan, binding: { ...binding, certificateThumbprint: 'x' } },
    { ...plan, binding: { ...binding, keyThumbprint: 'x' } },
  ]
  const keys = [
    currentTokenKey('app', 'secret', plan),
    currentTokenKey('app', 'other', plan),
    currentTokenKey('other', 'secret', plan),
    ...others.map((each) => currentTokenKey('app', 'secret', each)),
  ]
  assert.equal(new Set(keys).size, keys.length)
})
