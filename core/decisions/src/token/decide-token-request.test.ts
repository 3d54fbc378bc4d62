import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClientFacet } from '@mintmark/registry/application'
import { decideTokenRequest } from './decide-token-request.ts'
import { apiFacet, application, catalogOf, proof, role, snapshotOf } from './example-domain.ts'

const all = 'urn:opc:resource:consumer::all'
const orders = 'https://orders.example/'
const billing = 'https://billing.example/'
const integration = 'https://guid.integration.example:443'

const sealed = { key: 'sealed', value: 'yes' }
const catalog = catalogOf(
  [
    application('IDCSAppId', {
      resourceServer: apiFacet('urn:opc:lbaas:logicalguid=x', [
        'urn:opc:idm:t.app',
        'urn:opc:idm:t.grant',
      ]),
    }),
    application('orders', {
      tags: [{ key: 'color', value: 'green' }],
      resourceServer: apiFacet(orders, ['read', 'write', 'shared'], {
        profile: 'rfc9068',
        algorithm: 'ES256',
        tokenLifetimeSeconds: 900,
      }),
    }),
    application('billing', {
      resourceServer: apiFacet(billing, ['read', 'shared', `${all}`], {
        secondaryAudiences: ['https://billing.alias/'],
      }),
    }),
    application('integration', {
      resourceServer: apiFacet(integration, [
        all,
        '/ic/api/',
        'urn:opc:resource:consumer:paas::read',
        'urn:opc:resource:consumer:paas:analytics::read',
        'urn:opc:resource:consumer:paas:analytics::write',
      ]),
    }),
    application('bound', {
      tags: [sealed],
      resourceServer: apiFacet('urn:bound', ['go'], { certificateBoundTokens: true }),
    }),
    application('keyed', {
      resourceServer: apiFacet('urn:keyed', ['go'], { dpopBoundTokens: true }),
    }),
  ],
  [
    role('admin', 'IDCSAppId', ['urn:opc:idm:t.app', 'urn:opc:idm:t.grant']),
    role('reader', 'IDCSAppId', ['urn:opc:idm:t.grant']),
    role('OrderWriter', 'orders', ['read', 'write']),
    role('ServiceInvoker', 'integration', []),
  ],
)

interface Row {
  readonly name: string
  readonly client?: Partial<ClientFacet>
  readonly roles?: readonly string[]
  readonly scope?: string
  readonly resources?: readonly string[]
  readonly grantType?: string | null
  readonly thumbprint?: string
  readonly key?: string
  readonly expect: string
}

const specific = (...allowedScopes: string[]): Partial<ClientFacet> => ({
  policy: { trustScope: 'Explicit', allowedScopes, allowedTags: [] },
})
const account = (...allowedScopes: string[]): Partial<ClientFacet> => ({
  policy: { trustScope: 'Account', allowedScopes, allowedTags: [] },
})
const tagged = (...allowedScopes: string[]): Partial<ClientFacet> => ({
  policy: { trustScope: 'Tags', allowedScopes, allowedTags: [{ key: 'color', value: 'green' }] },
})
const tagAudience =
  'urn:opc:resource:scope:tag=eyJ0YWdzIjpbeyJrZXkiOiJjb2xvciIsInZhbHVlIjoiZ3JlZW4ifV19'

// Expected: a refusal's reason, or `audience: scopes (seconds)` a token, ` +scope` when answered.
const rows: readonly Row[] = [
  { name: 'missing grant type', grantType: null, expect: 'GRANT_TYPE_MISSING' },
  { name: 'unknown grant type', grantType: 'password', expect: 'GRANT_TYPE_UNSUPPORTED' },
  {
    name: 'unknown grant type before a bad scope',
    grantType: 'x',
    scope: 'a"b',
    expect: 'GRANT_TYPE_UNSUPPORTED',
  },
  { name: 'grant not allowed', client: { grantTypes: [] }, expect: 'GRANT_TYPE_NOT_ALLOWED' },
  { name: 'public client', client: { clientType: 'public' }, expect: 'GRANT_TYPE_NOT_ALLOWED' },
  {
    name: 'domain name of the grant',
    client: specific(`${orders}read`),
    grantType: 'tls_client_auth',
    expect: `${orders}: read (900) +scope`,
  },
  {
    name: 'malformed scope with the domain name of the grant',
    client: specific(`${orders}read`),
    grantType: 'tls_cert_auth',
    scope: 'a"b',
    expect: 'SCOPE_MALFORMED',
  },
  {
    name: 'fully qualified',
    client: specific(`${orders}read`),
    scope: `${orders}read`,
    expect: `${orders}: read (900)`,
  },
  {
    name: 'two of one API',
    client: specific(`${orders}read`, `${orders}write`),
    scope: `${orders}read ${orders}write`,
    expect: `${orders}: read write (900)`,
  },
  {
    name: 'one is beyond the grant',
    client: specific(`${orders}read`),
    scope: `${orders}read ${orders}write`,
    expect: 'SCOPE_NOT_GRANTED',
  },
  {
    name: 'no such scope',
    client: specific(`${orders}read`),
    scope: 'nothing',
    expect: 'SCOPE_UNKNOWN',
  },
  {
    name: 'case matters',
    client: specific(`${orders}read`),
    scope: 'READ',
    expect: 'SCOPE_UNKNOWN',
  },
  {
    name: 'by role',
    roles: ['OrderWriter'],
    scope: `${orders}write`,
    expect: `${orders}: write (900)`,
  },
  {
    name: 'short spelling of the only API',
    client: specific(`${orders}read`),
    scope: 'read',
    expect: `${orders}: read (900)`,
  },
  {
    name: 'short spelling of two APIs',
    client: specific(`${orders}shared`, `${billing}shared`),
    scope: 'shared',
    expect: 'TARGET_AMBIGUOUS',
  },
  {
    name: 'short spelling with a default',
    client: {
      ...specific(`${orders}shared`, `${billing}shared`),
      defaultResourceServerId: 'orders',
    },
    scope: 'shared',
    expect: `${orders}: shared (900)`,
  },
  {
    name: 'short spelling with resource',
    client: specific(`${orders}shared`, `${billing}shared`),
    scope: 'shared',
    resources: [orders],
    expect: `${orders}: shared (900)`,
  },
  {
    name: 'resource narrows the audience',
    client: specific(`${billing}read`),
    resources: ['https://billing.alias/'],
    expect: 'https://billing.alias/: read (3600) +scope',
  },
  {
    name: 'scope by a secondary audience',
    client: specific(`${billing}read`),
    scope: 'https://billing.alias/read',
    expect: `${billing} https://billing.alias/: read (3600)`,
  },
  {
    name: 'unknown resource',
    client: specific(`${orders}read`),
    resources: ['https://nobody.example/'],
    expect: 'TARGET_UNKNOWN',
  },
  {
    name: 'resource out of reach',
    client: specific(`${orders}read`),
    resources: [billing],
    expect: 'TARGET_UNKNOWN',
  },
  {
    name: 'malformed resource',
    client: specific(`${orders}read`),
    resources: ['foo'],
    expect: 'TARGET_MALFORMED',
  },
  {
    name: 'two resources',
    client: specific(`${orders}read`, `${billing}read`),
    resources: [orders, billing],
    expect: 'TARGET_AMBIGUOUS',
  },
  {
    name: 'resource and scope disagree',
    client: specific(`${orders}read`, `${billing}read`),
    scope: `${billing}read`,
    resources: [orders],
    expect: 'TARGET_CONFLICT',
  },
  {
    name: 'my scopes and the resource of an API',
    roles: ['admin', 'OrderWriter'],
    scope: 'urn:opc:idm:__myscopes__',
    resources: [orders],
    expect: 'TARGET_CONFLICT',
  },
  {
    name: 'a role of the domain and the resource of an API',
    roles: ['admin', 'OrderWriter'],
    scope: 'urn:opc:idm:role.admin urn:opc:resource:multiresourcescope',
    resources: [orders],
    expect: 'TARGET_CONFLICT',
  },
  {
    name: 'short scope of another API than resource',
    client: specific(`${orders}read`, `${integration}/ic/api/`),
    scope: '/ic/api/',
    resources: [orders],
    expect: 'SCOPE_UNKNOWN',
  },
  {
    name: 'scope omitted, one API',
    client: specific(`${orders}write`, `${orders}read`),
    expect: `${orders}: read write (900) +scope`,
  },
  {
    name: 'scope omitted, two APIs',
    client: specific(`${orders}read`, `${billing}read`),
    expect: 'TARGET_AMBIGUOUS',
  },
  {
    name: 'scope omitted, default',
    client: { ...specific(`${orders}read`, `${billing}read`), defaultResourceServerId: 'billing' },
    expect: `${billing} https://billing.alias/: read (3600) +scope`,
  },
  { name: 'scope omitted, nothing held', expect: 'SCOPE_NONE_AVAILABLE' },
  {
    name: 'scope omitted, role without scopes',
    roles: ['ServiceInvoker'],
    expect: 'SCOPE_NONE_AVAILABLE',
  },
  { name: 'scope omitted, domain role only', roles: ['admin'], expect: 'SCOPE_NONE_AVAILABLE' },
  {
    name: 'my-scopes',
    roles: ['admin', 'OrderWriter'],
    scope: 'urn:opc:idm:__myscopes__',
    expect: 'urn:opc:lbaas:logicalguid=x: urn:opc:idm:t.app urn:opc:idm:t.grant (3600) +scope',
  },
  {
    name: 'my-scopes as the guide spells it',
    roles: ['reader'],
    scope: 'urn:opc:idm:_myscopes_',
    expect: 'urn:opc:lbaas:logicalguid=x: urn:opc:idm:t.grant (3600) +scope',
  },
  {
    name: 'my-scopes without a role',
    roles: ['OrderWriter'],
    scope: 'urn:opc:idm:__myscopes__',
    expect: 'SCOPE_NONE_AVAILABLE',
  },
  {
    name: 'one role by name',
    roles: ['admin', 'reader'],
    scope: 'urn:opc:idm:role.reader',
    expect: 'urn:opc:lbaas:logicalguid=x: urn:opc:idm:t.grant (3600) +scope',
  },
  {
    name: 'a role that is not held',
    roles: ['reader'],
    scope: 'urn:opc:idm:role.admin',
    expect: 'SCOPE_NOT_GRANTED',
  },
  {
    name: 'bare all, policy all, without what one of them demands',
    client: account(),
    scope: all,
    expect: 'BINDING_REQUIRED',
  },
  {
    name: 'bare all, policy all, with one of two bindings',
    client: account(),
    scope: all,
    thumbprint: 'abc',
    expect: 'DPOP_REQUIRED',
  },
  {
    name: 'bare all, policy all, as bound as any of them demands',
    client: account(),
    scope: all,
    thumbprint: 'abc',
    key: 'jkt',
    expect: `urn:opc:resource:scope:account: ${all} (3600) cnf=abc jkt=jkt`,
  },
  {
    name: 'bare all, policy tags, one of them bound',
    client: { policy: { trustScope: 'Tags', allowedScopes: [], allowedTags: [sealed] } },
    scope: all,
    expect: 'BINDING_REQUIRED',
  },
  {
    name: 'bare all, policy tags',
    client: tagged(),
    scope: all,
    expect: `${tagAudience}: ${all} (3600)`,
  },
  { name: 'bare all, policy specific, nothing allowed', scope: all, expect: 'SCOPE_UNKNOWN' },
  {
    name: 'bare all, policy specific, one API has it',
    client: specific(`${integration}${all}`),
    scope: all,
    expect: `${integration}: ${all} (3600)`,
  },
  {
    name: 'bare all beside another',
    client: account(),
    scope: `${all} urn:opc:idm:__myscopes__`,
    expect: 'SCOPE_STANDS_ALONE',
  },
  {
    name: 'policy all reaches a named scope',
    client: account(all),
    scope: `${orders}read`,
    expect: `${orders}: read (900)`,
  },
  {
    name: 'policy all without the all scope does not',
    client: account(),
    scope: `${orders}read`,
    expect: 'SCOPE_NOT_GRANTED',
  },
  {
    name: 'policy all never reaches the administration of the domain',
    client: account(all),
    scope: 'urn:opc:idm:t.app',
    expect: 'SCOPE_NOT_GRANTED',
  },
  {
    name: 'nor by its audience',
    client: account(all),
    resources: ['urn:opc:lbaas:logicalguid=x'],
    expect: 'TARGET_UNKNOWN',
  },
  {
    name: 'policy tags reaches what has the tag',
    client: tagged(all),
    scope: `${orders}read`,
    expect: `${orders}: read (900)`,
  },
  {
    name: 'policy tags does not reach others',
    client: tagged(all),
    scope: `${billing}read`,
    expect: 'SCOPE_NOT_GRANTED',
  },
  {
    name: 'audience and all, as in the Integration guide',
    client: specific(`${integration}${all}`),
    scope: `${integration}${all}`,
    expect: `${integration}: ${all} (3600)`,
  },
  {
    name: 'further down the hierarchy',
    client: specific(`${integration}urn:opc:resource:consumer:paas::read`),
    scope: `${integration}urn:opc:resource:consumer:paas:analytics::read`,
    expect: `${integration}: urn:opc:resource:consumer:paas:analytics::read (3600)`,
  },
  {
    name: 'hierarchy does not change the qualifier',
    client: specific(`${integration}urn:opc:resource:consumer:paas::read`),
    scope: `${integration}urn:opc:resource:consumer:paas:analytics::write`,
    expect: 'SCOPE_NOT_GRANTED',
  },
  {
    name: 'custom lifetime',
    client: specific(`${billing}read`),
    scope: `${billing}read urn:opc:resource:expiry=300`,
    expect: `${billing} https://billing.alias/: read (300)`,
  },
  {
    name: 'custom lifetime above the API',
    client: specific(`${orders}read`),
    scope: `${orders}read urn:opc:resource:expiry=5000`,
    expect: `${orders}: read (900)`,
  },
  {
    name: 'custom lifetime alone',
    client: specific(`${billing}read`),
    scope: 'urn:opc:resource:expiry=60',
    expect: `${billing} https://billing.alias/: read (60) +scope`,
  },
  {
    name: 'two APIs',
    client: specific(`${orders}read`, `${billing}read`),
    scope: `${orders}read ${billing}read`,
    expect: 'SCOPES_OF_SEVERAL_APIS',
  },
  {
    name: 'two APIs, multi-resource',
    client: specific(`${orders}read`, `${billing}read`),
    scope: `${orders}read ${billing}read urn:opc:resource:multiresourcescope`,
    expect: `${orders}: read (900); ${billing} https://billing.alias/: read (3600)`,
  },
  {
    name: 'bound API without a certificate',
    client: specific('urn:boundgo'),
    scope: 'urn:boundgo',
    expect: 'BINDING_REQUIRED',
  },
  {
    name: 'bound API with a certificate',
    client: specific('urn:boundgo'),
    scope: 'urn:boundgo',
    thumbprint: 'abc',
    expect: 'urn:bound: go (3600) cnf=abc',
  },
  {
    name: 'a certificate binds nothing unasked',
    client: specific(`${orders}read`),
    scope: 'read',
    thumbprint: 'abc',
    expect: `${orders}: read (900)`,
  },
  {
    name: 'bound client',
    client: { ...specific(`${orders}read`), certificateBoundTokens: true },
    scope: 'read',
    expect: 'BINDING_REQUIRED',
  },
  {
    name: 'a proof binds, though nobody requires it',
    client: specific(`${orders}read`),
    scope: 'read',
    key: 'jkt',
    expect: `${orders}: read (900) jkt=jkt`,
  },
  {
    name: 'DPoP-bound client without a proof',
    client: { ...specific(`${orders}read`), dpopBoundTokens: true },
    scope: 'read',
    thumbprint: 'abc',
    expect: 'DPOP_REQUIRED',
  },
  {
    name: 'DPoP-bound client with a proof',
    client: { ...specific(`${orders}read`), dpopBoundTokens: true },
    scope: 'read',
    key: 'jkt',
    expect: `${orders}: read (900) jkt=jkt`,
  },
  {
    name: 'DPoP-bound API without a proof',
    client: specific('urn:keyedgo'),
    scope: 'urn:keyedgo',
    expect: 'DPOP_REQUIRED',
  },
  {
    name: 'a proof instead of the certificate',
    client: specific('urn:boundgo'),
    scope: 'urn:boundgo',
    key: 'jkt',
    expect: 'BINDING_REQUIRED',
  },
  {
    name: 'bound to both',
    client: specific('urn:boundgo'),
    scope: 'urn:boundgo',
    thumbprint: 'abc',
    key: 'jkt',
    expect: 'urn:bound: go (3600) cnf=abc jkt=jkt',
  },
]

for (const row of rows) {
  test(`token request: ${row.name}`, () => {
    const snapshot = snapshotOf(catalog, row.client ?? {}, row.roles)
    const request = {
      grantType: row.grantType === undefined ? 'client_credentials' : row.grantType,
      scope: row.scope ?? null,
      resources: row.resources ?? [],
    }
    const decision = decideTokenRequest(
      request,
      proof(row.thumbprint ?? null, row.key ?? null),
      snapshot,
    )
    assert.equal(decision.ok ? describe(decision.value) : decision.failure.reason, row.expect)
  })
}

type Decision = Extract<ReturnType<typeof decideTokenRequest>, { ok: true }>['value']

const describe = (decision: Decision): string =>
  decision.tokens
    .map((plan) => {
      const { certificateThumbprint, keyThumbprint } = plan.binding
      const certificate = certificateThumbprint === null ? '' : ` cnf=${certificateThumbprint}`
      const binding = certificate + (keyThumbprint === null ? '' : ` jkt=${keyThumbprint}`)
      const audience = plan.target.audience.join(' ')
      return `${audience}: ${plan.scopes.join(' ')} (${plan.lifetimeSeconds})${binding}`
    })
    .join('; ') + (decision.scopeAnswered ? ' +scope' : '')
