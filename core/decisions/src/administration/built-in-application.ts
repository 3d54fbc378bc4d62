import type { AppRole } from '@mintmark/registry/app-role'
import type { Application, ResourceServerFacet } from '@mintmark/registry/application'
import type { IdentityDomain } from '@mintmark/registry/identity-domain'
import type { Scope } from '@mintmark/registry/scope'
import { builtInApplicationId } from '@mintmark/registry/snapshot'
import {
  type AdministrationEndpoint,
  administrationEndpoints,
  type BuiltInRole,
  builtInRoles,
} from './built-in-roles.ts'

/** What the built-in application is called: client id and name that every domain shares. */
export const builtInClientId = 'IDCSApp'
export const builtInDisplayName = 'IDCS Application'

/** Last part of the scope that gives an endpoint; with `_r` it gives reading only. */
const scopeNames: Readonly<Record<AdministrationEndpoint, string>> = {
  Apps: 'app',
  AppRoles: 'approle',
  Grants: 'grant',
  AppStatusChanger: 'app.status',
  AppClientSecretRegenerator: 'app.secret',
  OAuthClientCertificates: 'oauthclientcert',
  OAuth2ClientCredentials: 'oauth2clientcred',
  Settings: 'settings',
  SigningCert: 'signingcert',
  Users: 'user',
  Groups: 'group',
  CustomClaims: 'customclaim',
  OAuthPartnerCertificates: 'oauthpartnercert',
  Asserter: 'asserter',
}
const scopePrefix = 'urn:opc:idm:t.'

/** The audience of the administration API; its tokens carry the domain's addresses as well. */
export const administrationAudience = (domain: string): string =>
  `urn:opc:lbaas:logicalguid=${domain}`

/** Decision 13: the scopes that a role of the built-in application confers; the table is ours. */
export const scopesOfBuiltInRole = (role: BuiltInRole): readonly string[] => {
  const scopes: string[] = []
  for (const endpoint of administrationEndpoints) {
    const power = role.powers[endpoint]
    const name = scopeNames[endpoint]
    if (power === 'all') scopes.push(`${scopePrefix}${name}`)
    if (power !== undefined) scopes.push(`${scopePrefix}${name}_r`)
  }
  return [...scopes, ...role.otherScopes]
}

const scope = (value: string): Scope => ({
  value,
  displayName: null,
  description: null,
  requiresConsent: false,
})

const administrationFacet = (domain: string): ResourceServerFacet => ({
  audience: administrationAudience(domain),
  secondaryAudiences: [],
  scopes: [...new Set(builtInRoles.flatMap(scopesOfBuiltInRole))].map(scope),
  tokenLifetimeSeconds: null,
  profile: 'identity-domain',
  algorithm: 'RS256',
  certificateBoundTokens: false,
  dpopBoundTokens: false,
})

/** What every domain has from its first moment: the administration API and its roles. */
export interface DomainSeed {
  readonly application: Application
  readonly roles: readonly AppRole[]
}

/** What to store when a domain is made. The same domain and instant give the same records. */
export const seedDomain = (domain: IdentityDomain, nowMs: number): DomainSeed => {
  const stamps = { version: 1, createdAtMs: nowMs, modifiedAtMs: nowMs }
  const application: Application = {
    domain: domain.id,
    id: builtInApplicationId,
    clientId: builtInClientId,
    displayName: builtInDisplayName,
    description: 'The administration of this identity domain.',
    active: true,
    builtIn: true,
    tags: [],
    client: null,
    resourceServer: administrationFacet(domain.id),
    attributes: {},
    ...stamps,
  }
  const roles = builtInRoles.map(
    (role): AppRole => ({
      domain: domain.id,
      id: role.id,
      applicationId: builtInApplicationId,
      displayName: role.name,
      description: role.description,
      conferredScopes: scopesOfBuiltInRole(role),
      adminRole: role.adminRole,
      availableToClients: true,
      availableToUsers: true,
      availableToGroups: true,
      public: false,
      builtIn: true,
      ...stamps,
    }),
  )
  return { application, roles }
}
