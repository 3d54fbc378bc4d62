import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  apiFacet,
  application,
  catalogOf,
  proof,
  snapshotOf,
} from '@mintmark/decisions/token/example-domain'
import { keepPlan, type Planned, recallPlan } from './last-plans.ts'

const audience = 'https://orders.example/'
const api = application('orders', { resourceServer: apiFacet(audience, ['read', 'write']) })
const request = {
  grantType: 'client_credentials',
  scope: `${audience}read`,
  resources: [] as readonly string[],
}
const secretProof = proof()
const planned: Planned = {
  decision: {
    tokens: [],
    severalTargets: false,
    scopeAnswered: false,
    proof: secretProof,
    reusePercent: null,
    charges: [],
  },
  detail: {},
  mark: '01234567',
  reuseKey: null,
}
const newSnapshot = () => {
  const catalog = catalogOf([api], [])
  const snapshot = snapshotOf(catalog, {})
  // of those that come once nothing is kept
  keepPlan(request, secretProof, snapshot, planned)
  keepPlan(request, secretProof, snapshot, planned)
  return snapshot
}

test('what was decided is recalled for the same request by the same credential', () => {
  assert.equal(recallPlan(request, secretProof, newSnapshot())?.decision, planned.decision)
})

test('nothing is kept of a credential that comes for the first time', () => {
  const snapshot = snapshotOf(catalogOf([api], []), {})
  const first = { ...secretProof, credential: 'seen once' }
  keepPlan(request, first, snapshot, planned)
  assert.equal(recallPlan(request, first, snapshot), null)
  keepPlan(request, first, snapshot, planned)
  assert.ok(recallPlan(request, first, snapshot))
})

test('anything else is decided', () => {
  const snapshot = newSnapshot()
  const { client, catalog } = snapshot
  const others: readonly (readonly [string, Parameters<typeof recallPlan>])[] = [
    ['scope', [{ ...request, scope: `${audience}write` }, secretProof, snapshot]],
    ['no scope', [{ ...request, scope: null }, secretProof, snapshot]],
    ['resource', [{ ...request, resources: [audience] }, secretProof, snapshot]],
    ['grant type', [{ ...request, grantType: 'tls_client_auth' }, secretProof, snapshot]],
    ['method', [request, { ...secretProof, method: 'client_secret_post' }, snapshot]],
    ['credential', [request, { ...secretProof, credential: 'other' }, snapshot]],
    ['certificate', [request, proof('thumbprint'), snapshot]],
    ['key', [request, proof(null, 'thumbprint'), snapshot]],
    ['catalog', [request, secretProof, { client, catalog: { ...catalog } }]],
    [
      'client',
      [
        request,
        secretProof,
        { catalog, client: { ...client, application: { ...client.application } } },
      ],
    ],
    [
      'roles',
      [request, secretProof, { catalog, client: { ...client, roleIds: new Set<string>() } }],
    ],
  ]
  for (const [name, asked] of others) assert.equal(recallPlan(...asked), null, name)
})

test('what is bound or names a resource is not kept', () => {
  const bare = snapshotOf(catalogOf([api], []), {})
  const named = { ...request, resources: [audience] }
  keepPlan(named, secretProof, bare, planned)
  keepPlan(named, secretProof, bare, planned)
  keepPlan(request, proof('thumbprint'), bare, planned)
  keepPlan(request, proof('thumbprint'), bare, planned)
  assert.equal(recallPlan(named, secretProof, bare), null)
  assert.equal(recallPlan(request, secretProof, bare), null)
})
