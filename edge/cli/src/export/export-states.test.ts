import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import {
  type ExampleServer,
  openExampleServer,
} from '@mintmark/server/administration/example-server'
import {
  issueTestCertificate,
  makeTestAuthority,
} from '@mintmark/server/certificates/test-authority'
import fc from 'fast-check'
import { parse } from 'yaml'
import { applyDomainFile } from '../domain-file/apply-domain-file.ts'
import { formatPlan } from '../domain-file/plan.ts'
import type { Send } from '../domain-file/present-state.ts'
import { exportDomain } from './export-domain.ts'

/** How many states are tried; MINTMARK_STATES=1000 for a long look. */
const states = Number(process.env['MINTMARK_STATES'] ?? '60')

const appExtension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:App'
const roleExtension = 'urn:ietf:params:scim:schemas:extension:mintmark:1.0:AppRole'
const idcs = 'urn:ietf:params:scim:schemas:oracle:idcs:'
const consumerAll = 'urn:opc:resource:consumer::all'

const authority = await makeTestAuthority('CN=One')
const certificates = await Promise.all(
  [0, 1, 2].map(() => issueTestCertificate({ subject: 'CN=billing' }, authority)),
)
const authorities = [authority, await makeTestAuthority('CN=Other')]
const base64Of = ({ der }: { readonly der: Uint8Array }) => Buffer.from(der).toString('base64')
const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })

const names = ['Orders', 'billing', 'Siebel "AI"', 'no', '12', 'Ärger: # {x}', 'a\u2028b']
const words = ['read', 'write', '/ic/api/', 'urn:x:y', '1']
const pick = <T>(...items: readonly T[]) => fc.constantFrom(...items)
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 3 })
const some = <T>(...items: readonly T[]) => fc.subarray([...items])
const text = pick('a', 'two\nlines', ' spaced ', 'yes', "it's: a #", '0x10', 'é')
const tags = fc.subarray([
  { key: 'team', value: 'a' },
  { key: 'team', value: 'b' },
  { key: '1', value: 'null' },
])
const at = fc.nat({ max: 20 })

const kept = fc.record(
  {
    homePageUrl: pick('https://x.example/'),
    redirectUris: pick(['https://x.example/cb']),
    showInMyApps: fc.boolean(),
    loginMechanism: pick('SAML', 'OIDC'),
    serviceParams: pick([{ name: 'a', value: 'b' }]),
    [`${idcs}extension:OCITags`]: pick({ freeformTags: [{ key: 'k', value: 'v' }] }),
  },
  { requiredKeys: [] },
)

const resource = fc.record(
  {
    audience: pick('https://a.example/', 'urn:b:', 'c'),
    scopes: fc.uniqueArray(
      fc.record(
        {
          value: pick(...words),
          displayName: text,
          description: text,
          requiresConsent: fc.boolean(),
        },
        { requiredKeys: ['value'] },
      ),
      { selector: ({ value }) => value, maxLength: 4 },
    ),
    protectableSecondaryAudiences: pick([], [{ value: 'urn:second:' }]),
    accessTokenExpiry: pick(60, 90, 900, 3600),
  },
  { requiredKeys: ['audience'] },
)

const resourceExtension = fc.record(
  {
    tokenProfile: pick('identity-domain', 'rfc9068'),
    signingAlgorithm: pick('RS256', 'ES256'),
    resourceCertificateBoundTokens: fc.boolean(),
    resourceDpopBoundTokens: fc.boolean(),
  },
  { requiredKeys: [] },
)

const client = fc.record(
  {
    clientType: pick('confidential', 'trusted', 'public'),
    allowedGrants: some('client_credentials', 'tls_client_auth', 'authorization_code'),
    allowedOperations: some('introspect', 'onBehalfOfUser'),
    trustScope: pick('Explicit', 'Account', 'Tags'),
    allowedTags: tags,
  },
  { requiredKeys: ['clientType'] },
)

const clientExtension = fc.record(
  {
    authenticationMethods: some(
      'client_secret_basic',
      'client_secret_jwt',
      'private_key_jwt',
      'self_signed_tls_client_auth',
      'tls_client_auth',
    ),
    assertionPolicy: pick('identity-domain', 'issuer-only'),
    assertionAlgorithm: pick('ES256', 'HS256'),
    jwks: pick({ keys: [{ ...jwk, kid: 'k1', use: 'sig' }] }),
    jwksUri: pick('https://keys.example/jwks'),
    certificateSubject: pick(
      { kind: 'subject_dn', value: 'CN=billing' },
      { kind: 'san_dns', value: 'b.example' },
    ),
    certificateAnchors: pick([base64Of(authority)]),
    certificateBoundTokens: fc.boolean(),
    dpopBoundTokens: fc.boolean(),
    rawBasicAccepted: fc.boolean(),
    tokenReusePercent: pick(50),
    tokensPerMinute: pick(1000),
    secret: pick(null, 'a chosen secret of some length, 32+'),
  },
  { requiredKeys: [] },
)

const app = fc.record(
  {
    displayName: pick(...names),
    name: pick('billing', 'x.1', '007'),
    description: text,
    active: fc.boolean(),
    tags,
    kept,
    resource: maybe(fc.tuple(resource, resourceExtension)),
    client: maybe(fc.tuple(client, clientExtension)),
    scopesAt: fc.array(at, { maxLength: 3 }),
    everything: fc.boolean(),
    defaultAt: maybe(at),
    certificateAt: fc.array(at, { maxLength: 2 }),
  },
  { requiredKeys: ['displayName', 'scopesAt', 'certificateAt'] },
)
type WishedApp = typeof app extends fc.Arbitrary<infer T> ? T : never

const role = fc.record(
  {
    displayName: pick('Writer', 'Service Invoker', 'true'),
    description: text,
    adminRole: fc.boolean(),
    availableToClients: fc.boolean(),
    availableToUsers: fc.boolean(),
    availableToGroups: fc.boolean(),
    public: fc.boolean(),
    scopes: some(...words),
  },
  { requiredKeys: ['displayName'] },
)

const user = fc.record(
  {
    userName: pick('ann', 'bob@example.com', '1'),
    displayName: text,
    externalId: text,
    active: fc.boolean(),
    name: pick({ familyName: 'B' }, { givenName: 'A', familyName: 'B', middleName: 'M' }),
    emails: pick(
      [{ value: 'a@example.com' }],
      [{ value: 'a@example.com', type: 'work', primary: true }],
    ),
    title: text,
    tags,
    addresses: pick([{ type: 'work', locality: 'X' }]),
  },
  { requiredKeys: ['userName'] },
)

const claim = fc.record({
  name: pick('tier', 'x:y'),
  value: text,
  mode: pick('always', 'request', 'never'),
  tokenType: pick('AT', 'IT', 'BOTH'),
  scopesAt: fc.array(at, { maxLength: 2 }),
})

const change = fc.oneof(
  { weight: 5, arbitrary: fc.record({ what: fc.constant('app' as const), body: app }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('replace' as const), at, body: app }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('role' as const), at, body: role }) },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('grant' as const),
      role: at,
      type: pick('App' as const, 'App' as const, 'User' as const, 'Group' as const),
      at,
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('user' as const), body: user }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('group' as const),
      displayName: pick('Team', 'on'),
      externalId: maybe(text),
      users: fc.array(at, { maxLength: 2 }),
      apps: fc.array(at, { maxLength: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('claim' as const), body: claim }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('certificate' as const),
      alias: pick('a', 'B "c"', 'null'),
      isAuthority: fc.boolean(),
      at,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('settings' as const),
      body: fc.record(
        { issuer: pick('https://issuer.example'), signingCertPublicAccess: fc.boolean() },
        { requiredKeys: [] },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('secret' as const),
      at,
      overlapSeconds: pick(0, 3600),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('delete' as const),
      path: pick('/Apps', '/AppRoles', '/Grants', '/Users', '/Groups', '/CustomClaims'),
      at,
    }),
  },
)
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never
type Json = ReturnType<typeof JSON.parse>

/** Tried before the drawn ones, so that a run that is short or slow has seen these too. */
const oneOfEach: Change[] = [
  {
    what: 'app',
    body: {
      displayName: 'Orders',
      resource: [{ audience: 'urn:b:', scopes: [{ value: 'read' }] }, {}],
      scopesAt: [],
      certificateAt: [],
    },
  },
  {
    what: 'app',
    body: {
      displayName: 'billing',
      client: [{ clientType: 'confidential', allowedGrants: ['client_credentials'] }, {}],
      scopesAt: [0],
      certificateAt: [],
    },
  },
  { what: 'user', body: { userName: 'ann' } },
  { what: 'group', displayName: 'Team', externalId: undefined, users: [0], apps: [] },
  {
    what: 'claim',
    body: { name: 'tier', value: 'a', mode: 'always', tokenType: 'AT', scopesAt: [] },
  },
]

const all = async (server: ExampleServer, path: string): Promise<readonly Json[]> =>
  (await server.call('GET', path, null, { query: { attributeSets: 'all', count: '500' } })).body
    .Resources

const nth = <T>(list: readonly T[], index: number): T | undefined => list[index % list.length]

const nobody: NonNullable<WishedApp['client']> = [{ clientType: 'confidential' }, {}]

const appBody = async (server: ExampleServer, wish: WishedApp): Promise<Json> => {
  const apps = await all(server, '/Apps')
  const defined = apps
    .filter(({ id }) => id !== 'IDCSAppId')
    .flatMap((each) => (each.scopes ?? []).map(({ fqs }: Json) => fqs))
  const stored = await all(server, '/OAuthClientCertificates')
  const { kept: more, resource: api, client: asks, scopesAt, everything, ...rest } = wish
  const { defaultAt, certificateAt, ...said } = rest
  const [resourceSaid, resourceInside] = api ?? [{}, {}]
  const [clientSaid, clientInside] = asks ?? nobody
  const fqs = scopesAt.flatMap((index) => nth(defined, index) ?? [])
  const isClient = asks !== undefined
  // What would surely be refused teaches nothing.
  const { jwksUri, authenticationMethods = [], ...inside } = clientInside
  const isPublic = clientSaid.clientType === 'public'
  const fit = {
    ...inside,
    ...(inside.jwks === undefined && jwksUri !== undefined && { jwksUri }),
    authenticationMethods: authenticationMethods.filter(
      (each) => each !== 'tls_client_auth' || inside.certificateSubject !== undefined,
    ),
  }
  const fallback = nth(
    apps.filter((each) => each.isOAuthResource && each.id !== 'IDCSAppId'),
    defaultAt ?? 0,
  )?.id
  return {
    schemas: [`${idcs}App`, appExtension],
    basedOnTemplate: { value: 'CustomWebAppTemplateId' },
    ...said,
    ...more,
    isOAuthResource: api !== undefined,
    isOAuthClient: isClient,
    ...resourceSaid,
    ...(isClient && clientSaid),
    ...(isClient && {
      allowedGrants: isPublic ? ['authorization_code'] : clientSaid.allowedGrants,
      allowedScopes: [...new Set([...fqs, ...(everything ? [consumerAll] : [])])].map((each) => ({
        fqs: each,
      })),
      certificates: [
        ...new Set(certificateAt.flatMap((index) => nth(stored, index)?.certificateAlias ?? [])),
      ].map((certAlias) => ({ certAlias })),
    }),
    [appExtension]: {
      ...resourceInside,
      ...(isClient && fit),
      ...(isClient && defaultAt !== undefined && fallback && { defaultResourceServer: fallback }),
    },
  }
}

/** Does one change; one that is refused leads to no new state, and that is all right. */
const carryOut = async (server: ExampleServer, wish: Change): Promise<void> => {
  switch (wish.what) {
    case 'app':
      await server.call('POST', '/Apps', await appBody(server, wish.body))
      return
    case 'replace': {
      const present = nth(await all(server, '/Apps'), wish.at)
      const { name: _, [appExtension]: inside, ...body } = await appBody(server, wish.body)
      const { secret: __, ...said } = inside
      await server.call('PUT', `/Apps/${present?.id}`, { ...body, [appExtension]: said })
      return
    }
    case 'role': {
      const owner = nth(await all(server, '/Apps'), wish.at)
      const { scopes, ...said } = wish.body
      const known = (owner?.scopes ?? []).map(({ value }: Json) => value)
      await server.call('POST', '/AppRoles', {
        schemas: [`${idcs}AppRole`, roleExtension],
        ...said,
        app: { value: owner?.id },
        [roleExtension]: { scopes: (scopes ?? []).filter((each) => known.includes(each)) },
      })
      return
    }
    case 'grant': {
      const granted = nth(await all(server, '/AppRoles'), wish.role)
      const grantee = nth(await all(server, `/${wish.type}s`), wish.at)
      await server.call('POST', '/Grants', {
        schemas: [`${idcs}Grant`],
        app: { value: granted?.app.value },
        entitlement: { attributeName: 'appRoles', attributeValue: granted?.id },
        grantMechanism: `ADMINISTRATOR_TO_${wish.type.toUpperCase()}`,
        grantee: { type: wish.type, value: grantee?.id },
      })
      return
    }
    case 'user':
      await server.call('POST', '/Users', {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
        ...wish.body,
      })
      return
    case 'group': {
      const people = await all(server, '/Users')
      const apps = await all(server, '/Apps')
      const members = [
        ...wish.users.map((index) => ({ type: 'User', value: nth(people, index)?.id })),
        ...wish.apps.map((index) => ({ type: 'App', value: nth(apps, index)?.id })),
      ]
      await server.call('POST', '/Groups', {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
        displayName: wish.displayName,
        externalId: wish.externalId,
        members: members.filter(({ value }) => value !== undefined),
      })
      return
    }
    case 'claim': {
      const { scopesAt, ...said } = wish.body
      const defined = (await all(server, '/Apps')).flatMap((each) => each.scopes ?? [])
      const scopes = scopesAt.flatMap((index) => nth(defined, index)?.fqs ?? [])
      await server.call('POST', '/CustomClaims', {
        schemas: [`${idcs}CustomClaim`],
        ...said,
        ...(scopes.length === 0 ? { allScopes: true } : { allScopes: false, scopes }),
      })
      return
    }
    case 'certificate': {
      const noun = wish.isAuthority ? 'OAuthPartnerCertificate' : 'OAuthClientCertificate'
      const made = nth(wish.isAuthority ? authorities : certificates, wish.at)
      await server.call('POST', `/${noun}s`, {
        schemas: [idcs + noun],
        certificateAlias: wish.alias,
        x509Base64Certificate: made && base64Of(made),
      })
      return
    }
    case 'settings':
      await server.call('PUT', '/Settings/Settings', {
        schemas: [`${idcs}Setting`],
        ...wish.body,
        csrAccess: 'none',
      })
      return
    case 'secret': {
      const owner = nth(await all(server, '/Apps'), wish.at)
      const extension = `urn:ietf:params:scim:schemas:extension:mintmark:1.0:AppClientSecretRegenerator`
      await server.call('POST', '/AppClientSecretRegenerator', {
        schemas: [`${idcs}AppClientSecretRegenerator`, extension],
        appId: owner?.id,
        [extension]: { overlapSeconds: wish.overlapSeconds },
      })
      return
    }
    case 'delete': {
      const found = nth(await all(server, wish.path), wish.at)
      if (wish.path === '/Apps') {
        await server.call('PUT', `/AppStatusChanger/${found?.id}`, {
          schemas: [`${idcs}AppStatusChanger`],
          active: false,
        })
      }
      await server.call('DELETE', `${wish.path}/${found?.id}`)
    }
  }
}

/** What the states had, all together: a test of nothing but empty domains shows nothing. */
const seen = new Map<string, number>()
const note = (exported: string): void => {
  const document = parse(exported) as Readonly<Record<string, readonly Json[]>>
  const count = (what: string, number: number): unknown =>
    seen.set(what, (seen.get(what) ?? 0) + number)
  for (const [name, list] of Object.entries(document ?? {})) count(name, list.length ?? 1)
  const { apis = [], applications = [], users = [], groups = [] } = document ?? {}
  for (const entry of [...apis, ...applications]) {
    for (const member of Object.keys(entry)) count(member, 1)
  }
  const methods = applications.flatMap(({ authentication }) =>
    typeof authentication === 'object' ? Object.keys(authentication) : [],
  )
  for (const method of methods) count(`authentication ${method}`, 1)
  count('roles of people', [...users, ...groups].filter(({ access }) => access).length)
  count(
    'roles held',
    applications.flatMap(({ access }) => access ?? []).filter((each: Json) => each.roles).length,
  )
}

const expected = [
  ...[
    'apis',
    'applications',
    'users',
    'groups',
    'claims',
    'certificates',
    'authorities',
    'settings',
  ],
  ...[
    'access',
    'alsoApi',
    'acceptsTokens',
    'attributes',
    'dpopBound',
    'tokenReusePercent',
    'tokensPerMinute',
    'tags',
    'reachTags',
    'otherScopes',
  ],
  ...['defaultApi', 'roles', 'roles of people', 'roles held', 'secondaryAudiences', 'algorithm'],
  ...['secret', 'jwks', 'jwksUri', 'certificates', 'tlsSubject', 'tlsAuthorities', 'methods'].map(
    (each) => `authentication ${each}`,
  ),
]

const sendTo =
  (server: ExampleServer): Send =>
  ({ method, path, query, body }) =>
    server.call(method, path, body ?? null, query === undefined ? {} : { query })

const applyText = (server: ExampleServer, exported: string, dryRun: boolean) =>
  applyDomainFile({
    source: {
      files: [{ name: 'export.yaml', text: exported }],
      readBeside: () => assert.fail('an export stands by itself'),
    },
    send: sendTo(server),
    nowMs: server.nowMs,
    dryRun,
  })

const withoutComments = (exported: string): string =>
  exported
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')

test(`an export of ${states} states changes nothing, and makes the same of nothing`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 24, size: 'max' }), async (changes) => {
      await using server = await openExampleServer()
      for (const each of changes) await carryOut(server, each)
      const exported = await exportDomain(sendTo(server), server.nowMs)
      note(exported)
      assert.doesNotMatch(exported, /mms_|a chosen secret/)
      const trial = await applyText(server, exported, true)
      assert.ok(trial.ok, trial.ok ? '' : `${trial.failure.message}\n${exported}`)
      const { plan } = trial.value
      assert.equal(trial.value.changed, false, `${formatPlan(plan)}\n${exported}`)
      await using empty = await openExampleServer()
      const made = await applyText(empty, exported, false)
      assert.ok(made.ok, made.ok ? '' : `${made.failure.message}\n${exported}`)
      const again = await exportDomain(sendTo(empty), empty.nowMs)
      assert.equal(withoutComments(again), withoutComments(exported))
    }),
    {
      numRuns: states,
      examples: [[oneOfEach]],
      seed: Number(process.env['MINTMARK_SEED'] ?? Date.now() % 2 ** 31),
      ...(states > 100 ? {} : { interruptAfterTimeLimit: 120_000 }),
    },
  )
  // a short run may well miss what is rare
  const looked = states < 300 ? expected.slice(0, 5) : expected
  const thin = looked.filter((what) => (seen.get(what) ?? 0) < Math.ceil(states / 100))
  assert.deepEqual(thin, [], JSON.stringify(Object.fromEntries(seen)))
})
