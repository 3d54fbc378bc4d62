import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RefusalReason } from '@mintmark/protocol/refusal'
import type { ClientSecret } from '@mintmark/registry/client-credential'
import type { ClientProof } from '@mintmark/registry/client-proof'
import { builtInApplicationId, type Snapshot } from '@mintmark/registry/snapshot'
import fc from 'fast-check'
import { applyFix } from './apply-fix.ts'
import { decideTokenRequest } from './decide-token-request.ts'
import { apiFacet, application, catalogOf, role, snapshotOf } from './example-domain.ts'
import { explainTokenRequest } from './explain-token-request.ts'
import type { Situation } from './explanation.ts'
import { judgeSituation } from './judge-situation.ts'
import type { TokenRequest } from './token-plan.ts'

const nowMs = 1_700_000_000_000
const day = 86_400_000

const secret = (more: Partial<ClientSecret> = {}): ClientSecret => ({
  kind: 'secret',
  domain: 'd',
  id: 'secret-1',
  applicationId: 'caller',
  label: 'first',
  origin: 'minted',
  digest: 'never shown',
  sealed: null,
  ending: 'wHW',
  createdAtMs: nowMs - day,
  expiresAtMs: null,
  endsAtMs: null,
  ...more,
})

const orders = 'https://api.example/orders/'
const billing = 'https://api.example/billing/'

const apps = (ordersActive = true) => [
  application(builtInApplicationId, {
    builtIn: true,
    resourceServer: apiFacet('urn:opc:lbaas:logicalguid=d', ['urn:opc:idm:t.app']),
  }),
  application('orders', {
    active: ordersActive,
    resourceServer: apiFacet(orders, ['read', 'write']),
    tags: [{ key: 'env', value: 'test' }],
  }),
  application('billing', { resourceServer: apiFacet(billing, ['read', 'pay']) }),
  application('bound', {
    resourceServer: apiFacet('https://api.example/bound/', ['use'], {
      certificateBoundTokens: true,
    }),
  }),
  application('keyed', {
    resourceServer: apiFacet('https://api.example/keyed/', ['employ'], { dpopBoundTokens: true }),
  }),
]
const roles = [
  role('Reader', builtInApplicationId, ['urn:opc:idm:t.app']),
  role('OrderWriter', 'orders', ['write']),
  role('Payer', 'billing', ['pay', 'read']),
]

const situationOf = (
  request: Partial<TokenRequest>,
  snapshot: Snapshot,
  secrets: readonly ClientSecret[] = [secret()],
): Situation => ({
  request: { grantType: 'client_credentials', scope: null, resources: [], ...request },
  proof: { method: null, credential: null, certificateThumbprint: null, keyThumbprint: null },
  snapshot: { ...snapshot, client: { ...snapshot.client, secrets } },
  nowMs,
})

const policy = (allowedScopes: readonly string[]) => ({
  policy: { trustScope: 'Explicit' as const, allowedScopes, allowedTags: [] },
})

test('a refusal for want of a grant is told step by step, with both ways to flip it', () => {
  const snapshot = snapshotOf(catalogOf(apps(), roles), policy([`${orders}read`]))
  const told = explainTokenRequest(situationOf({ scope: 'write', resources: [orders] }, snapshot))
  assert.equal(told.verdict, 'refused')
  assert.equal(told.refusal?.reason, 'SCOPE_NOT_GRANTED')
  assert.deepEqual(
    told.steps.map(({ step, ok }) => `${ok ? '+' : '-'} ${step}`),
    [
      '+ client',
      '+ active',
      '+ credential',
      '+ method',
      '+ grant-type',
      '+ request',
      '+ api',
      '+ scope-exists',
      '- scope-granted',
    ],
  )
  assert.match(told.steps[2]?.detail ?? '', /Secret 'first' \(ends \.\.\.wHW\) does not expire/)
  const last = told.steps.at(-1)?.detail ?? ''
  assert.match(last, /Scopes held: read; roles held: none/)
  assert.match(last, /by the app role 'OrderWriter'/)
  assert.deepEqual(
    told.fixes.map((fix) => fix.kind),
    ['grant-scope', 'assign-role'],
  )
  const [grant, assign] = told.fixes.map((fix) => fix.steps[0]?.scim)
  assert.equal(`${grant?.method} ${grant?.path}`, 'PATCH /admin/v1/Apps/caller')
  assert.deepEqual(grant?.body['Operations'], [
    { op: 'add', path: 'allowedScopes', value: [{ fqs: `${orders}write` }] },
  ])
  assert.equal(`${assign?.method} ${assign?.path}`, 'POST /admin/v1/Grants')
})

test('a token that would be issued is told with its scopes and where they come from', () => {
  const snapshot = snapshotOf(catalogOf(apps(), roles), policy([`${orders}read`]), ['OrderWriter'])
  const expiring = [secret({ expiresAtMs: nowMs + 9 * day })]
  const told = explainTokenRequest(situationOf({ scope: 'read write' }, snapshot, expiring))
  assert.equal(told.verdict, 'issued')
  assert.deepEqual(told.fixes, [])
  assert.ok(told.steps.every((step) => step.ok))
  const detailOf = (name: string) => told.steps.find(({ step }) => step === name)?.detail ?? ''
  assert.match(detailOf('credential'), /expires in 9 d/)
  assert.match(detailOf('scope-granted'), /'read' granted directly; 'write' by the app role/)
})

test('an inactive client, a client without a secret and a public one each have their fix', () => {
  const base = snapshotOf(catalogOf(apps(), roles), policy([`${orders}read`]))
  const inactive = {
    ...base,
    client: { ...base.client, application: { ...base.client.application, active: false } },
  }
  const cases: readonly (readonly [Situation, RefusalReason, readonly string[]])[] = [
    [situationOf({}, inactive), 'CLIENT_INACTIVE', ['activate']],
    [situationOf({}, base, []), 'CREDENTIALS_MISSING', ['add-credential']],
    [situationOf({}, base, [secret({ expiresAtMs: 1 })]), 'EXPIRED_SECRET', ['add-credential']],
    [
      situationOf(
        {},
        snapshotOf(base.catalog, { ...policy([`${orders}read`]), clientType: 'public' }),
      ),
      'CLIENT_PUBLIC',
      ['make-confidential'],
    ],
    [
      situationOf({}, snapshotOf(base.catalog, { ...policy([`${orders}read`]), grantTypes: [] })),
      'GRANT_TYPE_NOT_ALLOWED',
      ['allow-grant-type'],
    ],
    [
      situationOf(
        {},
        snapshotOf(base.catalog, {
          ...policy([`${orders}read`]),
          authenticationMethods: ['private_key_jwt'],
        }),
      ),
      'METHOD_NOT_REGISTERED',
      ['allow-method'],
    ],
    [
      situationOf(
        { scope: `${orders}read` },
        snapshotOf(catalogOf(apps(false), roles), policy([])),
      ),
      'SCOPE_NOT_GRANTED',
      ['activate'],
    ],
    [situationOf({ scope: 'pay' }, base), 'SCOPE_UNKNOWN', ['grant-scope', 'assign-role']],
  ]
  for (const [situation, reason, kinds] of cases) {
    const told = explainTokenRequest(situation)
    assert.equal(told.refusal?.reason, reason)
    assert.deepEqual(told.fixes.map((fix) => fix.kind).slice(0, kinds.length), kinds, reason)
  }
})

test('a request that was proven by a secret that is gone by now is told so', () => {
  const base = snapshotOf(catalogOf(apps(), roles), policy([`${orders}read`]))
  const proof = {
    certificateThumbprint: null,
    keyThumbprint: null,
    method: 'client_secret_basic' as const,
  }
  const told = (credential: string, secrets: readonly ClientSecret[]) =>
    explainTokenRequest({
      ...situationOf({}, base, secrets),
      proof: { ...proof, credential },
    })
  assert.equal(told('secret-1', [secret()]).verdict, 'issued')
  const gone = told('secret-0', [secret()])
  assert.equal(gone.refusal?.reason, 'OLD_SECRET')
  assert.match(gone.steps.at(-1)?.detail ?? '', /not there any more/)
  const ended = told('secret-1', [secret({ endsAtMs: nowMs - day })])
  assert.equal(ended.refusal?.reason, 'OLD_SECRET')
  assert.match(ended.steps.at(-1)?.detail ?? '', /was rotated out and expired 24 h ago/)
})

test('nothing secret is in an explanation', () => {
  const snapshot = snapshotOf(catalogOf(apps(), roles), policy([]))
  const told = JSON.stringify(explainTokenRequest(situationOf({ scope: 'write' }, snapshot)))
  assert.doesNotMatch(told, /never shown/)
})

// ——— over generated domains and requests

const scopeTexts = [
  'read',
  'write',
  'pay',
  'use',
  `${orders}read`,
  `${orders}write`,
  `${billing}pay`,
  'raed',
  `${orders}delete`,
  'urn:opc:idm:__myscopes__',
  'urn:opc:idm:role.Reader',
  'urn:opc:idm:t.app',
  'urn:opc:resource:consumer::all',
  'urn:opc:resource:multiresourcescope',
  'urn:opc:resource:expiry=60',
  'urn:opc:resource:expiry=never',
  'a"b',
]

const often = <T>(usual: T, others: fc.Arbitrary<T>, weight = 5): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: others })

const generatedRequest: fc.Arbitrary<TokenRequest> = fc.record({
  grantType: often<string | null>(
    'client_credentials',
    fc.constantFrom(null, 'password', 'tls_client_auth'),
    12,
  ),
  scope: fc.oneof(
    { weight: 1, arbitrary: fc.constant(null) },
    {
      weight: 4,
      arbitrary: fc
        .array(fc.constantFrom(...scopeTexts), { minLength: 1, maxLength: 3 })
        .map((all) => all.join(' ')),
    },
    { weight: 2, arbitrary: fc.constantFrom(...scopeTexts) },
  ),
  resources: often<readonly string[]>(
    [],
    fc.array(
      fc.constantFrom(orders, billing, 'https://api.example/bound/', 'https://nowhere/', 'no uri'),
      { minLength: 1, maxLength: 2 },
    ),
    2,
  ),
})

const generatedClient = fc.record({
  allowedScopes: fc.subarray([
    `${orders}read`,
    `${orders}write`,
    `${billing}read`,
    `${billing}pay`,
    'https://api.example/bound/use',
    'https://api.example/keyed/employ',
    'urn:opc:resource:consumer::all',
  ]),
  trustScope: often<'Explicit' | 'Account' | 'Tags'>(
    'Explicit',
    fc.constantFrom('Account', 'Tags'),
  ),
  roleIds: fc.subarray(['Reader', 'OrderWriter', 'Payer']),
  grantTypes: often<readonly string[]>(
    ['client_credentials'],
    fc.constantFrom([], ['password']),
    12,
  ),
  defaultApi: often<string | null>(null, fc.constantFrom('orders', 'billing'), 2),
  bound: often(false, fc.constant(true), 4),
  keyed: often(false, fc.constant(true), 4),
  key: fc.constantFrom(null, 'k'.repeat(43)),
  certificate: fc.option(fc.constant('thumbprint')),
  ordersActive: often(true, fc.constant(false), 8),
  state: often('usual', fc.constantFrom('inactive', 'public', 'no secret', 'method'), 20),
})

const generated: fc.Arbitrary<Situation> = fc
  .tuple(generatedRequest, generatedClient)
  .map(([request, wish]) => {
    const { trustScope, allowedScopes, state } = wish
    const made = snapshotOf(
      catalogOf(apps(wish.ordersActive), roles),
      {
        policy: { trustScope, allowedScopes, allowedTags: [{ key: 'env', value: 'test' }] },
        grantTypes: wish.grantTypes,
        defaultResourceServerId: wish.defaultApi,
        certificateBoundTokens: wish.bound,
        dpopBoundTokens: wish.keyed,
        ...(state === 'public' && { clientType: 'public' as const }),
        ...(state === 'method' && { authenticationMethods: ['private_key_jwt' as const] }),
      },
      wish.roleIds,
    )
    const { client } = made
    const snapshot = {
      ...made,
      client: {
        ...client,
        application: { ...client.application, active: state !== 'inactive' },
      },
    }
    const situation = situationOf(request, snapshot, state === 'no secret' ? [] : [secret()])
    return {
      ...situation,
      proof: {
        ...situation.proof,
        certificateThumbprint: wish.certificate,
        keyThumbprint: wish.key,
      },
    }
  })

const proofOf = (situation: Situation): ClientProof => ({
  method: 'client_secret_basic',
  clientId: 'caller',
  credential: 'secret-1',
  certificateThumbprint: situation.proof.certificateThumbprint,
  keyThumbprint: situation.proof.keyThumbprint,
  assertionPolicy: null,
  once: [],
})

const isFit = ({ snapshot: { client } }: Situation): boolean =>
  client.application.active &&
  client.application.client?.clientType !== 'public' &&
  client.secrets.length > 0 &&
  client.application.client?.authenticationMethods.length === 0

/** Reasons that `decideTokenRequest` can give a client that is fit to ask. */
const reasonsOfDecision: readonly RefusalReason[] = [
  'GRANT_TYPE_MISSING',
  'GRANT_TYPE_UNSUPPORTED',
  'GRANT_TYPE_NOT_ALLOWED',
  'SCOPE_MALFORMED',
  'SCOPE_UNKNOWN',
  'SCOPE_NOT_GRANTED',
  'SCOPE_STANDS_ALONE',
  'SCOPES_OF_SEVERAL_APIS',
  'SCOPE_NONE_AVAILABLE',
  'EXPIRY_MALFORMED',
  'TARGET_MALFORMED',
  'TARGET_UNKNOWN',
  'TARGET_AMBIGUOUS',
  'TARGET_CONFLICT',
  'BINDING_REQUIRED',
  'DPOP_REQUIRED',
]

test('10,000 explanations have the verdict of the decision, and every fix flips it', () => {
  const hits = new Map<string, number>()
  const unfixed = new Map<string, number>()
  const count = (map: Map<string, number>, name: string) => map.set(name, (map.get(name) ?? 0) + 1)
  const check = (situation: Situation): void => {
    const told = explainTokenRequest(situation)
    if (isFit(situation)) {
      const decided = decideTokenRequest(situation.request, proofOf(situation), situation.snapshot)
      assert.equal(told.refusal?.reason ?? 'issued', decided.ok ? 'issued' : decided.failure.reason)
      assert.equal(told.verdict === 'issued', decided.ok)
      if (decided.ok) assert.deepEqual(told.decision?.tokens, decided.value.tokens)
    } else assert.equal(told.verdict, 'refused')
    count(hits, told.refusal?.reason ?? 'issued')
    assert.equal(told.steps.at(-1)?.ok, told.verdict === 'issued')
    assert.ok(told.steps.slice(0, -1).every((step) => step.ok))
    if (told.refusal !== null && told.fixes.length === 0) count(unfixed, told.refusal.reason)
    for (const fix of told.fixes) {
      const changed = fix.steps.reduce((now, step) => applyFix(step.change, now), situation)
      assert.ok(judgeSituation(changed).ok, `${told.refusal?.reason}: ${fix.sentence}`)
    }
  }
  fc.assert(fc.property(generated, check), { numRuns: 10_000, seed: 20_261_121 })
  for (const reason of reasonsOfDecision) {
    assert.ok((hits.get(reason) ?? 0) >= 50, `${reason}: ${hits.get(reason) ?? 0} of 10,000`)
  }
  assert.deepEqual([...unfixed], [], 'refusals without a fix')
})
