import type { AppRole } from './app-role.ts'
import type { Application, SigningAlgorithm } from './application.ts'
import type { ClientCertificate, ClientSecret } from './client-credential.ts'
import type { CustomClaim } from './custom-claim.ts'
import type { DomainSettings, IdentityDomain } from './identity-domain.ts'
import type { PartnerCertificate } from './partner-certificate.ts'
import type { SigningKey } from './signing-key.ts'

/** A client with what it can prove itself by and what it holds: one read. */
export interface ClientSnapshot {
  readonly application: Application
  /** Newest first, ended ones included (the operator is told when an old one is used). */
  readonly secrets: readonly ClientSecret[]
  readonly certificates: readonly ClientCertificate[]
  readonly roleIds: ReadonlySet<string>
  /** Place of this read in the order of all changes; `Ledger.record` refuses a stale one. */
  readonly sequence: number
  /** The same text as long as nothing of all this has changed; absent: nobody can tell. */
  readonly state?: string
}

/** A resource server with its roles, ready for look-ups. */
export interface ResourceServer {
  readonly application: Application
  readonly audience: string
  readonly audiences: readonly string[]
  readonly scopes: ReadonlySet<string>
  readonly roles: readonly AppRole[]
}

/** Everything that is shared by all requests: resource servers, roles, settings, keys. */
export interface Catalog {
  readonly domain: IdentityDomain
  readonly settings: DomainSettings
  readonly byId: ReadonlyMap<string, ResourceServer>
  readonly byAudience: ReadonlyMap<string, ResourceServer>
  /** Fully qualified scope to the resource servers that define it, by any of their audiences. */
  readonly byFullyQualifiedScope: ReadonlyMap<string, readonly ScopeTarget[]>
  readonly rolesById: ReadonlyMap<string, AppRole>
  readonly signingKeys: readonly SigningKey[]
  readonly activeKey: Readonly<Record<SigningAlgorithm, SigningKey | null>>
  /** By name. */
  readonly customClaims: readonly CustomClaim[]
  /** Authorities trusted for client certificates, by alias. */
  readonly partnerCertificates: readonly PartnerCertificate[]
}

export interface ScopeTarget {
  readonly resourceServer: ResourceServer
  readonly scope: string
}

/** All that one token decision may look at. */
export interface Snapshot {
  readonly catalog: Catalog
  readonly client: ClientSnapshot
}

/** `id` of the application that every domain has: the administration API itself. */
export const builtInApplicationId = 'IDCSAppId'
