import type { AppRole } from '@mintmark/registry/app-role'
import type {
  Application,
  ClientFacet,
  ClientType,
  PublicJwk,
  ResourceServerFacet,
  SigningAlgorithm,
  TokenProfile,
} from '@mintmark/registry/application'
import type { ClientCertificate } from '@mintmark/registry/client-credential'
import type { Tag } from '@mintmark/registry/tag'
import { type ResourceServerIndex, scopesTakenAway } from './resource-server-index.ts'

/** What an administrator wants an application to be. */
export interface ApplicationWish {
  /** null: generated on creation, unchanged on replacement. */
  readonly clientId: string | null
  /** Whether the client id is one of another server, which had rules of its own. */
  readonly clientIdImported?: boolean
  readonly displayName: string
  readonly description: string | null
  /** null: deactivated on creation, unchanged on replacement. */
  readonly active: boolean | null
  readonly tags: readonly Tag[]
  readonly client: ClientFacet | null
  readonly resourceServer: ResourceServerFacet | null
  readonly certificateAliases: readonly string[]
  /** Credentials that it takes away end the tokens that they have obtained (decision 20). */
  readonly revokeTokens?: boolean
  readonly attributes: Readonly<Record<string, unknown>>
}

/** A secret that is ready to be stored: made or digested before the decision. */
export interface NewSecret {
  readonly id: string
  readonly origin: 'minted' | 'chosen'
  readonly digest: string
  readonly sealed: string | null
  readonly ending: string
  readonly label: string
  readonly expiresAtMs: number | null
}

/** A client that lists a scope which is about to go, or names the API as its default. */
export interface ScopeUser {
  readonly displayName: string
  readonly uses: string
}

/** What proofs call a certificate of a client. */
export type AttachedCertificate = Pick<ClientCertificate, 'id' | 'alias' | 'x5tS256'>

/** All that a change of an application may look at, read beforehand. */
export interface ApplicationView {
  /** Another application with the wished display name, or client id. */
  readonly sameDisplayName: Application | null
  readonly sameClientId: Application | null
  readonly resourceServers: ResourceServerIndex
  /** The domain's own addresses and issuer: no API may call itself that. */
  readonly reservedAudiences: readonly string[]
  readonly certificatesByAlias: ReadonlyMap<string, ClientCertificate>
  readonly attachedCertificates: readonly AttachedCertificate[]
  readonly ownRoles: readonly AppRole[]
  /** Names of the built-in roles that the application holds. */
  readonly heldBuiltInRoles: readonly string[]
  /** Other active clients that are Identity Domain Administrators. */
  readonly otherDomainAdministrators: number
  /** Who uses what `whatIsAtStake` names. */
  readonly scopeUsers: readonly ScopeUser[]
  /** What cryptography has against a key: not on its curve, `x5c` of another key. null: nothing. */
  readonly keyFault: (key: PublicJwk) => string | null
}

/** A client facet as it is when nothing beyond its type is said. */
export const defaultClientFacet = (clientType: ClientType): ClientFacet => ({
  clientType,
  grantTypes: [],
  operations: [],
  authenticationMethods: [],
  policy: { trustScope: 'Explicit', allowedScopes: [], allowedTags: [] },
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
})

/** Decision 8: each profile has its algorithm. */
export const defaultAlgorithm = (profile: TokenProfile): SigningAlgorithm =>
  profile === 'rfc9068' ? 'ES256' : 'RS256'

/** A resource server facet as it is when nothing beyond its audience is said. */
export const defaultResourceServerFacet = (
  audience: string,
  profile: TokenProfile = 'identity-domain',
): ResourceServerFacet => ({
  audience,
  secondaryAudiences: [],
  scopes: [],
  tokenLifetimeSeconds: null,
  profile,
  algorithm: defaultAlgorithm(profile),
  certificateBoundTokens: false,
  dpopBoundTokens: false,
})

const clientCredentialsNames: ReadonlySet<string> = new Set([
  'client_credentials',
  'tls_client_auth',
  'tls_cert_auth',
])

/** Whether an application could get a token: what makes an administrator of it. */
export const canAct = (application: Pick<Application, 'active' | 'client'>): boolean => {
  const { active, client } = application
  if (!active || client === null || client.clientType === 'public') return false
  return client.grantTypes.some((name) => clientCredentialsNames.has(name))
}

const secretMethods: ReadonlySet<string> = new Set([
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
])

/** Whether a new client of this kind gets a secret: one that could ever be used. */
export const needsSecret = (client: ClientFacet | null): boolean =>
  client !== null &&
  client.clientType !== 'public' &&
  (client.authenticationMethods.length === 0 ||
    client.authenticationMethods.some((method) => secretMethods.has(method)))

/** What of a resource server would go: its users must be known before it can. */
export interface AtStake {
  readonly scopes: readonly string[]
  /** The whole facet goes, so nobody may have it as default either. */
  readonly gone: boolean
}

/** What must be asked before an application is replaced or deleted; null: nothing. */
export const whatIsAtStake = (
  present: Application,
  wished: ResourceServerFacet | null,
): AtStake | null => {
  const scopes = scopesTakenAway(present.resourceServer, wished)
  const gone = present.resourceServer !== null && wished === null
  return gone || scopes.length > 0 ? { scopes, gone } : null
}

/** How a client uses what is at stake; null: not at all. */
export const useOf = (client: Application, stake: AtStake, ownerId: string): ScopeUser | null => {
  if (client.id === ownerId || client.client === null) return null
  const { policy, defaultResourceServerId } = client.client
  const fqs = policy.allowedScopes.find((each) => stake.scopes.includes(each))
  if (fqs !== undefined) return { displayName: client.displayName, uses: fqs }
  const isDefault = stake.gone && defaultResourceServerId === ownerId
  return isDefault ? { displayName: client.displayName, uses: 'as its default API' } : null
}
