/** What a test may ask of the server it runs against, whoever made that server. */
import type { Answer, Call, Parameters, Shown } from './http.ts'
import type { SigningPair } from './jwt.ts'

export type AuthenticationMethod =
  | 'client_secret_basic'
  | 'client_secret_post'
  | 'client_secret_jwt'
  | 'private_key_jwt'
  | 'tls_client_auth'
  | 'self_signed_tls_client_auth'

/** When an old token will do, and how many new ones there are. */
export interface AllowanceWish {
  readonly tokenReusePercent?: number
  readonly tokensPerMinute?: number
  readonly tokensPerDay?: number
  readonly budgetMode?: 'observe' | 'enforce' | 'reissue'
}

/** An API to be registered. */
export interface ApiWish {
  readonly audience: string
  readonly scopes: readonly string[]
  readonly secondaryAudiences?: readonly string[]
  readonly profile?: 'identity-domain' | 'rfc9068'
  readonly algorithm?: 'RS256' | 'ES256'
  readonly lifetimeSeconds?: number
  readonly tags?: readonly { readonly key: string; readonly value: string }[]
  readonly certificateBoundTokens?: boolean
  readonly dpopBoundTokens?: boolean
  readonly allowance?: AllowanceWish
  /** Also a confidential client that may introspect. */
  readonly introspects?: boolean
}

/** A registered API. */
export interface Api {
  readonly id: string
  readonly audience: string
  readonly scopes: readonly string[]
  /** Its client side, where it has one. */
  readonly client: Client | null
}

/** A client to be registered. What is left out is as an administrator would leave it. */
export interface ClientWish {
  readonly clientId?: string
  /** Chosen by the administrator; without it the server mints one where the client needs one. */
  readonly secret?: string
  readonly clientType?: 'confidential' | 'trusted' | 'public'
  readonly methods?: readonly AuthenticationMethod[]
  /** Fully qualified: the audience and the scope in one string. */
  readonly scopes?: readonly string[]
  readonly grants?: readonly string[]
  readonly operations?: readonly string[]
  readonly active?: boolean
  readonly trustScope?: 'Explicit' | 'Account' | 'Tags'
  readonly allowedTags?: readonly { readonly key: string; readonly value: string }[]
  /** `id` of an API. */
  readonly defaultApi?: string
  readonly keys?: readonly Readonly<Record<string, unknown>>[]
  readonly jwksUri?: string
  readonly assertionAlgorithm?: string
  readonly assertionPolicy?: 'identity-domain' | 'issuer-only'
  readonly certificateSubject?: { readonly kind: string; readonly value: string }
  /** Aliases of uploaded certificates. */
  readonly certificates?: readonly string[]
  /** Base64 DER. */
  readonly certificateAnchors?: readonly string[]
  readonly certificateBoundTokens?: boolean
  readonly dpopBoundTokens?: boolean
  readonly rawBasicAccepted?: boolean
  readonly allowance?: AllowanceWish
}

/** A registered client, with what it proves itself by. */
export interface Client {
  /** The server's own name of the record. */
  readonly id: string
  readonly clientId: string
  /** Empty where it has none. */
  readonly secret: string
  readonly pair?: SigningPair
  readonly shown?: Shown
}

/** The server under test. */
export interface TestDomain {
  readonly server: 'mintmark' | 'node-oidc-provider'
  readonly issuer: string
  /** Base URL of the plain door, without a trailing slash. */
  readonly url: string
  /** Base URL of the door with TLS; null where there is none. */
  readonly secureUrl: string | null
  /** The authority that certified that door, PEM. */
  readonly authority: string | undefined
  createApi(wish: ApiWish): Promise<Api>
  createClient(wish: ClientWish): Promise<Client>
  setActive(client: Client, active: boolean): Promise<void>
  /** A new secret; the old ones go on working for so many seconds, the new one until it expires. */
  rotateSecret(client: Client, overlapSeconds: number, expires?: Date): Promise<Client>
  /** Everything the server has written to its log so far. */
  log(): string
  stop(): Promise<void>
}

/** A peer has no such feature: the test cannot be put to it. */
export class NotAskable extends Error {}

export const tokenPath = '/oauth2/v1/token'
export const introspectionPath = '/oauth2/v1/introspect'
export const revocationPath = '/oauth2/v1/revoke'
export type { Answer, Call, Parameters }
