import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PublicJwk } from '@mintmark/registry/application'
import type { ClientCertificate } from '@mintmark/registry/client-credential'
import {
  type ApplicationView,
  type ApplicationWish,
  defaultClientFacet,
  defaultResourceServerFacet,
  type NewSecret,
  needsSecret,
  useOf,
  whatIsAtStake,
} from './application-wish.ts'
import {
  decideApplicationCreation,
  decideApplicationDeletion,
  decideApplicationReplacement,
} from './decide-application-change.ts'
import {
  applicationOf,
  client,
  orders,
  scope,
  seed,
  stampOf,
  viewOf,
  wishOf,
} from './example-administration.ts'

const administrator = stampOf('Application Administrator')
const api = (audience: string, ...scopes: string[]) => ({
  ...defaultResourceServerFacet(audience),
  scopes: scopes.map(scope),
})
const policy = (...allowedScopes: string[]) =>
  client({ policy: { trustScope: 'Explicit', allowedScopes, allowedTags: [] } })

interface Row {
  readonly name: string
  readonly wish: Partial<ApplicationWish>
  readonly view?: Partial<ApplicationView>
  /** Absent: accepted. */
  readonly reason?: string
  readonly at?: string
}

const jwk: PublicJwk = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }
const subject = (
  kind: 'subject_dn' | 'san_dns' | 'san_ip' | 'san_uri' | 'san_email',
  value: string,
) => client({ authenticationMethods: ['tls_client_auth'], certificateSubject: { kind, value } })

const creations: readonly Row[] = [
  { name: 'a confidential client', wish: {} },
  {
    name: 'a name that is taken',
    wish: {},
    view: { sameDisplayName: orders },
    reason: 'VALUE_TAKEN',
    at: 'displayName',
  },
  {
    name: 'a name of spaces',
    wish: { displayName: '  ' },
    reason: 'VALUE_INVALID',
    at: 'displayName',
  },
  { name: 'a name with a line break', wish: { displayName: 'a\nb' }, reason: 'VALUE_INVALID' },
  { name: 'a name of 126', wish: { displayName: 'x'.repeat(126) }, reason: 'VALUE_TOO_LONG' },
  {
    name: 'a client id that is taken',
    wish: {},
    view: { sameClientId: orders },
    reason: 'VALUE_TAKEN',
    at: 'name',
  },
  { name: 'a client id of every character', wish: { clientId: 'aZ0_.-' } },
  {
    name: 'a client id with a colon',
    wish: { clientId: 'a:b' },
    reason: 'VALUE_INVALID',
    at: 'name',
  },
  {
    name: 'an imported client id of every printable character',
    wish: { clientId: 'https://a.example/ ~"\\:%+', clientIdImported: true },
  },
  {
    name: 'an imported client id with a line end',
    wish: { clientId: 'a\nb', clientIdImported: true },
    reason: 'VALUE_INVALID',
    at: 'name',
  },
  { name: 'a client id of 101', wish: { clientId: 'x'.repeat(101) }, reason: 'VALUE_INVALID' },
  { name: 'an empty client id', wish: { clientId: '' }, reason: 'VALUE_INVALID' },
  { name: 'a scope that exists', wish: { client: policy('https://orders.example/orders.read') } },
  {
    name: 'a scope by a secondary audience',
    wish: { client: policy('https://orders.internal/orders.read') },
  },
  { name: 'every resource', wish: { client: policy('urn:opc:resource:consumer::all') } },
  {
    name: 'a scope that does not exist',
    wish: { client: policy('https://orders.example/orders.raed') },
    reason: 'REFERENCE_UNKNOWN',
    at: 'allowedScopes',
  },
  {
    name: 'a scope without its audience',
    wish: { client: policy('orders.read') },
    reason: 'REFERENCE_UNKNOWN',
  },
  {
    name: 'a scope of the domain itself',
    wish: { client: policy(`${seed.application.resourceServer?.audience}urn:opc:idm:t.app`) },
    reason: 'VALUE_RESERVED',
  },
  { name: 'an own scope', wish: { client: policy('urn:xgo'), resourceServer: api('urn:x', 'go') } },
  { name: 'a public client', wish: { client: defaultClientFacet('public') } },
  ...['client_credentials', 'tls_client_auth', 'tls_cert_auth'].map((grant) => ({
    name: `a public client with ${grant}`,
    wish: { client: { ...defaultClientFacet('public'), grantTypes: [grant] } },
    reason: 'CLIENT_TYPE_REFUSED',
  })),
  {
    name: 'a grant type that is none',
    wish: { client: client({ grantTypes: ['client_credential'] }) },
    reason: 'VALUE_INVALID',
    at: 'allowedGrants',
  },
  {
    name: 'an operation that is none',
    wish: { client: client({ operations: ['inspect'] }) },
    reason: 'VALUE_INVALID',
    at: 'allowedOperations',
  },
  {
    name: 'jwks and jwksUri',
    wish: { client: client({ jwks: [jwk], jwksUri: 'https://k.example/' }) },
    reason: 'VALUE_INVALID',
    at: 'jwksUri',
  },
  { name: 'keys', wish: { client: client({ jwks: [jwk] }) } },
  {
    name: 'a key that cryptography refuses',
    wish: { client: client({ jwks: [jwk] }) },
    view: { keyFault: () => 'x5c is of another key.' },
    reason: 'KEY_REFUSED',
    at: 'jwks.keys[0]',
  },
  { name: 'jwksUri', wish: { client: client({ jwksUri: 'https://k.example/jwks?x=1' }) } },
  { name: 'jwksUri on loopback', wish: { client: client({ jwksUri: 'http://127.0.0.1:9/jwks' }) } },
  ...[
    'http://k.example/',
    'https://u:p@k.example/',
    'https://k.example/#x',
    'file:///etc/passwd',
    'k',
    'http://127.0.0.1.k.example/',
  ].map((jwksUri) => ({
    name: `jwksUri ${jwksUri}`,
    wish: { client: client({ jwksUri }) },
    reason: 'VALUE_INVALID',
    at: 'jwksUri',
  })),
  { name: 'a subject', wish: { client: subject('subject_dn', 'CN=billing, O=Acme') } },
  { name: 'a DNS name', wish: { client: subject('san_dns', 'billing.example') } },
  {
    name: 'a DNS name with a space',
    wish: { client: subject('san_dns', 'billing example') },
    reason: 'VALUE_INVALID',
  },
  { name: 'an address', wish: { client: subject('san_ip', '2001:db8::1') } },
  {
    name: 'an address that is none',
    wish: { client: subject('san_ip', 'localhost') },
    reason: 'VALUE_INVALID',
  },
  { name: 'a URI', wish: { client: subject('san_uri', 'spiffe://acme/billing') } },
  { name: 'an e-mail address', wish: { client: subject('san_email', 'a@b.example') } },
  {
    name: 'tls_client_auth without subject',
    wish: { client: client({ authenticationMethods: ['tls_client_auth'] }) },
    reason: 'ATTRIBUTE_MISSING',
    at: 'certificateSubject',
  },
  { name: 'a default API', wish: { client: client({ defaultResourceServerId: 'orders-id' }) } },
  {
    name: 'a default API that is none',
    wish: { client: client({ defaultResourceServerId: 'x' }) },
    reason: 'REFERENCE_UNKNOWN',
    at: 'defaultResourceServer',
  },
  {
    name: 'a certificate that is not stored',
    wish: { certificateAliases: ['x'] },
    reason: 'REFERENCE_UNKNOWN',
    at: 'certificates',
  },
  {
    name: 'an API',
    wish: { client: null, resourceServer: api('https://billing.example/', 'all', '/x/') },
  },
  { name: 'an opaque audience', wish: { client: null, resourceServer: api('audience01', 'x') } },
  {
    name: 'an audience with a space',
    wish: { resourceServer: api('a b') },
    reason: 'VALUE_INVALID',
    at: 'audience',
  },
  { name: 'no audience', wish: { resourceServer: api('') }, reason: 'VALUE_INVALID' },
  {
    name: 'an audience that is taken',
    wish: { resourceServer: api('https://orders.example/') },
    reason: 'VALUE_TAKEN',
    at: 'audience',
  },
  {
    name: 'an audience that is secondary elsewhere',
    wish: { resourceServer: api('https://orders.internal/') },
    reason: 'VALUE_TAKEN',
  },
  {
    name: 'a secondary audience that is primary elsewhere',
    wish: { resourceServer: { ...api('urn:x'), secondaryAudiences: ['https://orders.example/'] } },
    reason: 'VALUE_TAKEN',
  },
  {
    name: 'an audience twice',
    wish: { resourceServer: { ...api('urn:x'), secondaryAudiences: ['urn:x'] } },
    reason: 'VALUE_INVALID',
    at: 'secondaryAudiences',
  },
  {
    name: "the domain's address",
    wish: { resourceServer: api('https://ID.example/') },
    reason: 'VALUE_RESERVED',
  },
  {
    name: "the domain's token endpoint",
    wish: { resourceServer: api('https://id.example/oauth2/v1/token') },
    reason: 'VALUE_RESERVED',
  },
  {
    name: "the domain's audience",
    wish: { resourceServer: api('urn:opc:lbaas:logicalguid=x') },
    reason: 'VALUE_RESERVED',
  },
  {
    name: 'the audience of all resources',
    wish: { resourceServer: api('urn:opc:resource:scope:account') },
    reason: 'VALUE_RESERVED',
  },
  {
    name: 'a scope twice',
    wish: { resourceServer: api('urn:x', 'a', 'a') },
    reason: 'VALUE_INVALID',
    at: 'scopes',
  },
  {
    name: 'a scope with a quotation mark',
    wish: { resourceServer: api('urn:x', 'a"b') },
    reason: 'VALUE_INVALID',
  },
  {
    name: 'my-scopes as a scope',
    wish: { resourceServer: api('urn:x', 'urn:opc:idm:_myscopes_') },
    reason: 'VALUE_RESERVED',
  },
  {
    name: 'an expiry as a scope',
    wish: { resourceServer: api('urn:x', 'urn:opc:resource:expiry=60') },
    reason: 'VALUE_RESERVED',
  },
  {
    name: 'audience and scope of another API',
    wish: { resourceServer: api('https://orders', '.example/orders.read') },
    reason: 'VALUE_TAKEN',
    at: 'scopes',
  },
  {
    name: 'a lifetime of 59 s',
    wish: { resourceServer: { ...api('urn:x'), tokenLifetimeSeconds: 59 } },
    reason: 'VALUE_INVALID',
    at: 'accessTokenExpiry',
  },
  {
    name: 'a lifetime of a year',
    wish: { resourceServer: { ...api('urn:x'), tokenLifetimeSeconds: 31_536_000 } },
  },
  {
    name: 'ES256 in the profile of the domain',
    wish: { resourceServer: { ...api('urn:x'), algorithm: 'ES256' } },
    reason: 'VALUE_INVALID',
    at: 'signingAlgorithm',
  },
  { name: 'RS256 in RFC 9068', wish: { resourceServer: { ...api('urn:x'), profile: 'rfc9068' } } },
]

test('what can be created', () => {
  for (const { name, wish, view, reason, at } of creations) {
    const wished = wishOf(wish)
    const result = decideApplicationCreation(
      { ...wished, clientId: wished.clientId as string },
      viewOf(view),
      null,
      administrator,
    )
    assert.equal(result.ok ? undefined : result.failure.reason, reason, name)
    if (at !== undefined) assert.equal(!result.ok && result.failure.at, at, name)
  }
})

const secret: NewSecret = {
  id: 'secret-id',
  origin: 'minted',
  digest: 'digest',
  sealed: null,
  ending: 'wHW',
  label: 'first',
  expiresAtMs: null,
}

test('a creation is the application, its secret, its certificates and who did it', () => {
  const certificate = { id: 'cert-id', alias: 'x' } as ClientCertificate
  const result = decideApplicationCreation(
    {
      ...wishOf({ certificateAliases: ['x', 'x'], attributes: { contactEmailAddress: 'a@b' } }),
      clientId: 'billing',
    },
    viewOf({ certificatesByAlias: new Map([['x', certificate]]) }),
    secret,
    administrator,
  )
  assert.ok(result.ok)
  const { application, change } = result.value
  assert.equal(application.active, false)
  assert.equal(application.version, 1)
  assert.deepEqual(application.attributes, {
    contactEmailAddress: 'a@b',
    idcsCreatedBy: { value: 'admin-id', display: 'Admin' },
    idcsLastModifiedBy: { value: 'admin-id', display: 'Admin' },
  })
  assert.deepEqual(
    change.steps.map((step) => step.step),
    ['put-application', 'put-secret', 'attach-certificates'],
  )
  assert.ok(!JSON.stringify(change.after).includes('digest'))
})

test('which clients get a secret', () => {
  assert.ok(needsSecret(client()))
  assert.ok(
    needsSecret(client({ authenticationMethods: ['private_key_jwt', 'client_secret_post'] })),
  )
  assert.ok(needsSecret(defaultClientFacet('trusted')))
  assert.ok(!needsSecret(client({ authenticationMethods: ['private_key_jwt'] })))
  assert.ok(!needsSecret(defaultClientFacet('public')))
  assert.ok(!needsSecret(null))
})

const billing = applicationOf({ displayName: 'Billing', clientId: 'billing', client: client() })

test('a replacement: what is so already changes nothing; a change counts the version up', () => {
  const same = decideApplicationReplacement(billing, wishOf({}), viewOf(), administrator)
  assert.ok(same.ok)
  assert.deepEqual(same.value.change.steps, [])
  const renamed = decideApplicationReplacement(
    billing,
    wishOf({ displayName: 'Bills', clientId: null }),
    viewOf(),
    administrator,
  )
  assert.ok(renamed.ok)
  assert.equal(renamed.value.application.version, 4)
  assert.equal(renamed.value.application.active, true)
  assert.deepEqual(renamed.value.change.before, { displayName: 'Billing', attributes: {} })
})

const ends = (wish: Partial<ApplicationWish>): boolean => {
  const result = decideApplicationReplacement(billing, wishOf(wish), viewOf(), administrator)
  assert.ok(result.ok)
  return result.value.change.steps.some((step) => step.step === 'put-revocation')
}

test('decision 20: a replacement that ends the client ends its tokens', () => {
  assert.ok(ends({ active: false }))
  assert.ok(ends({ client: null }))
  assert.ok(!ends({ displayName: 'Bills' }))
})

test('what cannot be replaced', () => {
  const attempts: readonly [string, Parameters<typeof decideApplicationReplacement>, string][] = [
    [
      'the client id',
      [billing, wishOf({ clientId: 'other' }), viewOf(), administrator],
      'ATTRIBUTE_IMMUTABLE',
    ],
    [
      'the built-in application',
      [seed.application, wishOf({ clientId: null }), viewOf(), administrator],
      'BUILT_IN',
    ],
    [
      'an application out of reach',
      [
        billing,
        wishOf({}),
        viewOf({ heldBuiltInRoles: ['Identity Domain Administrator'] }),
        administrator,
      ],
      'APPLICATION_OUT_OF_REACH',
    ],
    [
      'scopes in use',
      [
        orders,
        wishOf({
          clientId: null,
          client: null,
          resourceServer: api('https://orders.example/', 'orders.read'),
        }),
        viewOf({ scopeUsers: [{ displayName: 'Billing', uses: 'orders.write' }] }),
        administrator,
      ],
      'SCOPE_IN_USE',
    ],
    [
      'a scope that a role confers',
      [
        orders,
        wishOf({
          clientId: null,
          client: null,
          resourceServer: api('https://orders.example/', 'orders.read'),
        }),
        viewOf({
          ownRoles: [{ ...seed.roles[0]!, builtIn: false, conferredScopes: ['orders.write'] }],
        }),
        administrator,
      ],
      'SCOPE_IN_USE',
    ],
  ]
  for (const [name, attempt, reason] of attempts) {
    const result = decideApplicationReplacement(...attempt)
    assert.equal(!result.ok && result.failure.reason, reason, name)
  }
})

test('whose scopes are at stake, and who uses them', () => {
  const facet = orders.resourceServer!
  assert.equal(whatIsAtStake(orders, facet), null)
  assert.equal(whatIsAtStake(orders, { ...facet, scopes: [...facet.scopes, scope('more')] }), null)
  const stake = whatIsAtStake(orders, { ...facet, scopes: [scope('orders.read')] })
  assert.deepEqual(stake, {
    scopes: ['https://orders.example/orders.write', 'https://orders.internal/orders.write'],
    gone: false,
  })
  const user = applicationOf({ id: 'u', client: policy('https://orders.internal/orders.write') })
  assert.equal(useOf(user, stake!, orders.id)?.uses, 'https://orders.internal/orders.write')
  assert.equal(
    useOf(
      applicationOf({ client: policy('https://orders.example/orders.read') }),
      stake!,
      orders.id,
    ),
    null,
  )
  const byDefault = applicationOf({ client: client({ defaultResourceServerId: orders.id }) })
  assert.equal(useOf(byDefault, stake!, orders.id), null)
  assert.equal(
    useOf(byDefault, whatIsAtStake(orders, null)!, orders.id)?.uses,
    'as its default API',
  )
})

test('deletion: deactivated, unused, within reach; and its tokens end', () => {
  const idle = { heldBuiltInRoles: [], scopeUsers: [] }
  const inactive = { ...billing, active: false }
  const deletion = decideApplicationDeletion(inactive, idle, administrator)
  assert.ok(deletion.ok)
  assert.deepEqual(deletion.value.steps, [
    { step: 'delete-application', id: 'app-id' },
    {
      step: 'put-revocation',
      revocation: {
        domain: billing.domain,
        kind: 'client',
        subject: 'app-id',
        clientId: billing.clientId,
        issuedBeforeMs: 1_000_000,
        expiresAtMs: 1_000_000 + 31_536_000_000,
      },
    },
  ])
  const refusals: readonly [Parameters<typeof decideApplicationDeletion>, string][] = [
    [[billing, idle, administrator], 'APPLICATION_ACTIVE'],
    [[seed.application, idle, administrator], 'BUILT_IN'],
    [
      [inactive, { ...idle, heldBuiltInRoles: ['Security Administrator'] }, administrator],
      'APPLICATION_OUT_OF_REACH',
    ],
    [
      [inactive, { ...idle, scopeUsers: [{ displayName: 'X', uses: 'y' }] }, administrator],
      'SCOPE_IN_USE',
    ],
  ]
  for (const [attempt, reason] of refusals) {
    const result = decideApplicationDeletion(...attempt)
    assert.equal(!result.ok && result.failure.reason, reason)
  }
})
