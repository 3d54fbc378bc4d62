import type { AllowanceEntry } from './allowance.ts'
import type { Position } from './mistake.ts'

/** What a domain file says, checked by itself; whether the names it names exist is asked later. */
export interface DomainDocument {
  readonly apis: readonly ApiEntry[]
  readonly applications: readonly ApplicationEntry[]
  readonly users: readonly UserEntry[]
  readonly groups: readonly GroupEntry[]
  readonly claims: readonly ClaimEntry[]
  readonly certificates: readonly StoredCertificateEntry[]
  /** Authorities that are trusted for client certificates. */
  readonly authorities: readonly StoredCertificateEntry[]
  readonly settings: SettingsEntry | null
  /** The parts that the files have at all: what is not there is not pruned. */
  readonly sections: ReadonlySet<string>
}

/** Attributes of the administration API that mean nothing here and are kept, as they are. */
export type KeptAttributes = Readonly<Record<string, unknown>>

/** A name that must be found somewhere, with its place for the message when it is not. */
export interface Named {
  readonly value: string
  readonly at: Position
  readonly path: string
}

/** What every entry of a domain file has. */
export interface Entry {
  readonly at: Position
  readonly path: string
  readonly name: string
  readonly clientId: string | null
  readonly description: string | null
  /** null: unsaid, so it stays as it is. */
  readonly active: boolean | null
  readonly tags: readonly TagEntry[]
  readonly attributes: KeptAttributes
}

export interface TagEntry {
  readonly key: string
  readonly value: string
}

export interface ScopeEntry {
  readonly value: string
  readonly displayName: string | null
  readonly description: string | null
  readonly requiresConsent: boolean
}

/** Whom a role is for; it cannot be changed later. */
export interface RoleKind {
  readonly adminRole: boolean
  readonly availableToClients: boolean
  readonly availableToUsers: boolean
  readonly availableToGroups: boolean
}

export interface RoleEntry extends RoleKind {
  readonly at: Position
  readonly path: string
  readonly name: string
  readonly description: string | null
  readonly scopes: readonly Named[]
  readonly public: boolean
}

/** An API: something that accepts tokens. */
export interface ApiEntry extends Entry, AllowanceEntry {
  /** false: it only defines roles. */
  readonly acceptsTokens: boolean
  readonly audience: string
  readonly secondaryAudiences: readonly string[]
  readonly profile: 'identity-domain' | 'rfc9068'
  readonly algorithm: 'RS256' | 'ES256' | null
  readonly tokenLifetimeSeconds: number | null
  readonly certificateBound: boolean
  readonly dpopBound: boolean
  readonly scopes: readonly ScopeEntry[]
  readonly roles: readonly RoleEntry[]
}

export interface SubjectEntry {
  readonly kind: 'subject_dn' | 'san_dns' | 'san_uri' | 'san_ip' | 'san_email'
  readonly value: string
}

/** How an application proves that it is itself; several ways may stand side by side. */
export interface AuthenticationEntry {
  readonly secret: 'minted' | { readonly chosen: string } | null
  /** A JWK Set, as JSON. */
  readonly jwks: unknown
  readonly jwksUri: string | null
  readonly certificate: {
    readonly base64: string
    readonly thumbprint: string
    readonly alias: string | null
  } | null
  /** Certificates of the domain's store, by alias. */
  readonly certificates: readonly Named[]
  readonly subject: SubjectEntry | null
  /** Base64 DER of the authorities that its certificates must chain to. */
  readonly anchors: readonly string[]
  /** null: they follow from the rest. */
  readonly methods: readonly string[] | null
}

/** What an application may do at one API. */
export interface AccessEntry {
  readonly api: Named
  readonly scopes: readonly Named[]
  readonly roles: readonly Named[]
}

/** An application: something that asks for tokens. */
export interface ApplicationEntry extends Entry, AllowanceEntry {
  /** Whether the entry of the same name under `apis` is the same application. */
  readonly alsoApi: boolean
  readonly type: 'confidential' | 'trusted' | 'public'
  readonly grants: readonly string[]
  readonly authentication: AuthenticationEntry
  readonly access: readonly AccessEntry[]
  /** Fully qualified, of no API that has a name; null: what follows from `reach`. */
  readonly otherScopes: readonly string[] | null
  readonly reach: 'specific' | 'all' | 'tagged'
  readonly reachTags: readonly TagEntry[]
  readonly defaultApi: Named | null
  readonly may: readonly string[]
  readonly certificateBound: boolean
  readonly dpopBound: boolean
  readonly rawBasic: boolean
  readonly assertionPolicy: string | null
  readonly assertionAlgorithm: string | null
}

export interface EmailEntry {
  readonly value: string
  readonly type: string | null
  readonly primary: boolean
}

/** A name that roles and memberships are given to. */
export interface UserEntry {
  readonly at: Position
  readonly path: string
  readonly userName: string
  readonly displayName: string | null
  readonly externalId: string | null
  readonly active: boolean | null
  readonly name: KeptAttributes
  readonly emails: readonly EmailEntry[]
  readonly access: readonly AccessEntry[]
  readonly attributes: KeptAttributes
}

export interface GroupEntry {
  readonly at: Position
  readonly path: string
  readonly name: string
  readonly externalId: string | null
  readonly users: readonly Named[]
  readonly applications: readonly Named[]
  readonly access: readonly AccessEntry[]
  readonly attributes: KeptAttributes
}

/** A claim that is added to access tokens. */
export interface ClaimEntry {
  readonly at: Position
  readonly path: string
  readonly name: string
  readonly value: string
  readonly mode: 'always' | 'request' | 'never'
  readonly tokenType: 'AT' | 'IT' | 'BOTH'
  /** Fully qualified; null: all. */
  readonly scopes: readonly string[] | null
}

/** A certificate that the domain keeps under an alias. */
export interface StoredCertificateEntry {
  readonly at: Position
  readonly path: string
  readonly alias: string
  readonly base64: string
  readonly thumbprint: string
}

export interface SettingsEntry {
  readonly at: Position
  readonly path: string
  readonly issuer: string | null
  readonly signingCertPublicAccess: boolean | null
}
