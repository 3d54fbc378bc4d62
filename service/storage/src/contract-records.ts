import type { AppRole } from '@mintmark/registry/app-role'
import type { Application, ClientFacet, ResourceServerFacet } from '@mintmark/registry/application'
import type { ClientCertificate, ClientSecret } from '@mintmark/registry/client-credential'
import type { Grant } from '@mintmark/registry/grant'
import type { IdentityDomain } from '@mintmark/registry/identity-domain'
import type { SigningKey } from '@mintmark/registry/signing-key'

/** Sample records for the contract suite and the golden files; none is a real credential. */

export const domainA = `idcs-${'a'.repeat(32)}`
export const domainB = `idcs-${'b'.repeat(32)}`

export const sampleDomain = (id: string): IdentityDomain => ({
  id,
  displayName: 'Example',
  createdAtMs: 1_700_000_000_000,
})

export const sampleClient: ClientFacet = {
  clientType: 'confidential',
  grantTypes: ['client_credentials'],
  operations: [],
  authenticationMethods: [],
  policy: { trustScope: 'Explicit', allowedScopes: ['https://orders/read'], allowedTags: [] },
  defaultResourceServerId: null,
  assertionPolicy: null,
  assertionAlgorithm: null,
  jwks: null,
  jwksUri: null,
  certificateSubject: null,
  certificateAnchors: [],
  certificateBoundTokens: false,
  dpopBoundTokens: false,
  rawBasicAccepted: false,
}

export const sampleResourceServer: ResourceServerFacet = {
  audience: 'https://orders/',
  secondaryAudiences: ['https://orders.example/'],
  scopes: [{ value: 'read', displayName: 'Read', description: null, requiresConsent: false }],
  tokenLifetimeSeconds: 900,
  profile: 'identity-domain',
  algorithm: 'RS256',
  certificateBoundTokens: false,
  dpopBoundTokens: false,
}

/** A client application; its `clientId` is the given name. */
export const sampleApplication = (
  domain: string,
  name: string,
  more: Partial<Application> = {},
): Application => ({
  domain,
  id: `id-${name}`,
  clientId: name,
  displayName: `Application ${name}`,
  description: null,
  active: true,
  builtIn: false,
  tags: [],
  client: sampleClient,
  resourceServer: null,
  attributes: { infrastructure: false, note: 'Zoë' },
  version: 1,
  createdAtMs: 1_700_000_000_000,
  modifiedAtMs: 1_700_000_000_000,
  ...more,
})

export const sampleRole = (
  domain: string,
  applicationId: string,
  name: string,
  more: Partial<AppRole> = {},
): AppRole => ({
  domain,
  id: `role-${name}`,
  applicationId,
  displayName: name,
  description: null,
  conferredScopes: ['read'],
  adminRole: false,
  availableToClients: true,
  availableToUsers: false,
  availableToGroups: false,
  public: false,
  builtIn: false,
  version: 1,
  createdAtMs: 1_700_000_000_000,
  modifiedAtMs: 1_700_000_000_000,
  ...more,
})

/** The grant of a role to an application. */
export const sampleGrant = (
  role: AppRole,
  granteeId: string,
  more: Partial<Grant> = {},
): Grant => ({
  domain: role.domain,
  id: `grant-${role.id}-${granteeId}`,
  applicationId: role.applicationId,
  roleId: role.id,
  granteeType: 'App',
  granteeId,
  mechanism: 'ADMINISTRATOR_TO_APP',
  grantorId: null,
  createdAtMs: 1_700_000_000_000,
  ...more,
})

export const sampleSecret = (
  domain: string,
  applicationId: string,
  name: string,
  more: Partial<ClientSecret> = {},
): ClientSecret => ({
  kind: 'secret',
  domain,
  id: `secret-${name}`,
  applicationId,
  label: name,
  origin: 'minted',
  digest: `digest-${name}`,
  sealed: null,
  ending: 'wHW',
  createdAtMs: 1_700_000_000_000,
  expiresAtMs: null,
  endsAtMs: null,
  ...more,
})

export const sampleCertificate = (
  domain: string,
  alias: string,
  more: Partial<ClientCertificate> = {},
): ClientCertificate => ({
  domain,
  id: `certificate-${alias}`,
  alias,
  der: 'MIIB',
  x5t: `x5t-${alias}`,
  x5tS256: `x5ts256-${alias}`,
  notBeforeMs: 1_700_000_000_000,
  notAfterMs: 1_800_000_000_000,
  version: 1,
  createdAtMs: 1_700_000_000_000,
  ...more,
})

export const sampleKey = (
  domain: string,
  kid: string,
  more: Partial<SigningKey> = {},
): SigningKey => ({
  domain,
  kid,
  algorithm: 'RS256',
  state: 'active',
  sealedPrivateKey: 'sealed',
  publicJwk: { kty: 'RSA', n: 'n', e: 'AQAB' },
  certificate: 'MIIC',
  x5t: `x5t-${kid}`,
  x5tS256: `x5ts256-${kid}`,
  createdAtMs: 1_700_000_000_000,
  stateSinceMs: 1_700_000_000_000,
  ...more,
})
