import type { Position } from './mistake.ts'

/** What a domain file says, checked by itself; whether the names it names exist is asked later. */
export interface DomainDocument {
  readonly apis: readonly ApiEntry[]
  readonly applications: readonly ApplicationEntry[]
}

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
}

export interface TagEntry {
  readonly key: string
  readonly value: string
}

export interface ScopeEntry {
  readonly value: string
  readonly displayName: string | null
  readonly description: string | null
}

export interface RoleEntry {
  readonly at: Position
  readonly path: string
  readonly name: string
  readonly description: string | null
  readonly scopes: readonly Named[]
}

/** An API: something that accepts tokens. */
export interface ApiEntry extends Entry {
  readonly audience: string
  readonly secondaryAudiences: readonly string[]
  readonly profile: 'identity-domain' | 'rfc9068'
  readonly algorithm: 'RS256' | 'ES256' | null
  readonly tokenLifetimeSeconds: number | null
  readonly certificateBound: boolean
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
  readonly subject: SubjectEntry | null
}

/** What an application may do at one API. */
export interface AccessEntry {
  readonly api: Named
  readonly scopes: readonly Named[]
  readonly roles: readonly Named[]
}

/** An application: something that asks for tokens. */
export interface ApplicationEntry extends Entry {
  readonly type: 'confidential' | 'trusted' | 'public'
  readonly grants: readonly string[]
  readonly authentication: AuthenticationEntry
  readonly access: readonly AccessEntry[]
  readonly reach: 'specific' | 'all' | 'tagged'
  readonly reachTags: readonly TagEntry[]
  readonly defaultApi: Named | null
  readonly may: readonly string[]
  readonly certificateBound: boolean
  readonly rawBasic: boolean
  readonly assertionPolicy: string | null
  readonly assertionAlgorithm: string | null
}
