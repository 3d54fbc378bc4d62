import type { AppRole } from '@mintmark/registry/app-role'
import type { Application, ClientFacet, ResourceServerFacet } from '@mintmark/registry/application'
import type { ClientProof } from '@mintmark/registry/client-proof'
import { defaultSettings } from '@mintmark/registry/identity-domain'
import type { Catalog, ResourceServer, ScopeTarget, Snapshot } from '@mintmark/registry/snapshot'
import { defaultClientFacet } from '../administration/application-wish.ts'

/** A small domain for the tables of tests: records as storage would give them. */
const domain = 'idcs-0123456789abcdef0123456789abcdef'
const stamps = { version: 1, createdAtMs: 0, modifiedAtMs: 0 }

export const clientFacet = (facet: Partial<ClientFacet> = {}): ClientFacet => ({
  ...defaultClientFacet('confidential'),
  grantTypes: ['client_credentials'],
  ...facet,
})

export const apiFacet = (
  audience: string,
  scopes: readonly string[],
  facet: Partial<ResourceServerFacet> = {},
): ResourceServerFacet => ({
  audience,
  secondaryAudiences: [],
  scopes: scopes.map((value) => ({
    value,
    displayName: null,
    description: null,
    requiresConsent: false,
  })),
  tokenLifetimeSeconds: null,
  profile: 'identity-domain',
  algorithm: 'RS256',
  certificateBoundTokens: false,
  dpopBoundTokens: false,
  ...facet,
})

export const application = (id: string, more: Partial<Application>): Application => ({
  domain,
  id,
  clientId: id,
  displayName: id,
  description: null,
  active: true,
  builtIn: false,
  tags: [],
  client: null,
  resourceServer: null,
  attributes: {},
  ...stamps,
  ...more,
})

export const role = (
  id: string,
  applicationId: string,
  conferredScopes: readonly string[],
): AppRole => ({
  domain,
  id,
  applicationId,
  displayName: id,
  description: null,
  conferredScopes,
  adminRole: false,
  availableToClients: true,
  availableToUsers: true,
  availableToGroups: true,
  public: false,
  builtIn: false,
  ...stamps,
})

const serverOf = (app: Application, roles: readonly AppRole[]): ResourceServer => {
  const facet = app.resourceServer as ResourceServerFacet
  return {
    application: app,
    audience: facet.audience,
    audiences: [facet.audience, ...facet.secondaryAudiences],
    scopes: new Set(facet.scopes.map((scope) => scope.value)),
    roles: roles.filter((each) => each.applicationId === app.id),
  }
}

export const catalogOf = (apps: readonly Application[], roles: readonly AppRole[]): Catalog => {
  const servers = apps.map((app) => serverOf(app, roles))
  const byFullyQualifiedScope = new Map<string, ScopeTarget[]>()
  for (const resourceServer of servers) {
    for (const audience of resourceServer.audiences) {
      for (const scope of resourceServer.scopes) {
        const targets = byFullyQualifiedScope.get(audience + scope) ?? []
        byFullyQualifiedScope.set(audience + scope, [...targets, { resourceServer, scope }])
      }
    }
  }
  return {
    domain: { id: domain, displayName: 'Default', createdAtMs: 0 },
    settings: defaultSettings,
    byId: new Map(servers.map((server) => [server.application.id, server])),
    byAudience: new Map(
      servers.flatMap((server) => server.audiences.map((audience) => [audience, server])),
    ),
    byFullyQualifiedScope,
    rolesById: new Map(roles.map((each) => [each.id, each])),
    signingKeys: [],
    activeKey: { RS256: null, ES256: null },
    customClaims: [],
    partnerCertificates: [],
  }
}

export const snapshotOf = (
  catalog: Catalog,
  client: Partial<ClientFacet>,
  roleIds: readonly string[] = [],
): Snapshot => ({
  catalog,
  client: {
    application: application('caller', { client: clientFacet(client) }),
    secrets: [],
    certificates: [],
    roleIds: new Set(roleIds),
    sequence: 1,
  },
})

export const proof = (
  certificateThumbprint: string | null = null,
  keyThumbprint: string | null = null,
): ClientProof => ({
  method: 'client_secret_basic',
  clientId: 'caller',
  credential: 'secret',
  certificateThumbprint,
  keyThumbprint,
  assertionPolicy: null,
  once: [],
})
