import type { IssuancePolicy } from './issuance-policy.ts'
import type { Scope } from './scope.ts'
import type { Tag } from './tag.ts'
import type { TokenAllowance } from './token-allowance.ts'

export type ClientType = 'confidential' | 'trusted' | 'public'

/** RFC 7591 §2 names; an empty list in a facet means: whatever a credential is registered for. */
export const clientAuthenticationMethods = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
] as const
export type ClientAuthenticationMethod = (typeof clientAuthenticationMethods)[number]

export type CertificateSubjectKind = 'subject_dn' | 'san_dns' | 'san_uri' | 'san_ip' | 'san_email'

/** RFC 8705 §2.1.2: exactly one name that the client's certificate must carry. */
export interface CertificateSubject {
  readonly kind: CertificateSubjectKind
  readonly value: string
}

/** Which `aud`, lifetime and `jti` an assertion must have (decision 15). */
export type AssertionPolicy = 'identity-domain' | 'issuer-only'

/** A public JWK as registered; members beyond these are kept out. */
export interface PublicJwk {
  readonly kty: string
  readonly kid?: string
  readonly alg?: string
  readonly use?: string
  readonly key_ops?: readonly string[]
  readonly n?: string
  readonly e?: string
  readonly crv?: string
  readonly x?: string
  readonly y?: string
  readonly x5c?: readonly string[]
}

/** The side of an application that asks for tokens in its own name. */
export interface ClientFacet {
  readonly clientType: ClientType
  readonly grantTypes: readonly string[]
  readonly operations: readonly string[]
  readonly authenticationMethods: readonly ClientAuthenticationMethod[]
  readonly policy: IssuancePolicy
  /** `id` of the resource server whose scopes are meant when a request names none. */
  readonly defaultResourceServerId: string | null
  readonly assertionPolicy: AssertionPolicy | null
  /** Only this `alg` is accepted in assertions (RFC 7591 `token_endpoint_auth_signing_alg`). */
  readonly assertionAlgorithm: string | null
  readonly jwks: readonly PublicJwk[] | null
  readonly jwksUri: string | null
  readonly certificateSubject: CertificateSubject | null
  /** Base64 DER of the authorities its certificates must chain to; empty: the server's own list. */
  readonly certificateAnchors: readonly string[]
  /** RFC 8705 §3.4: tokens are bound to the certificate, and none is given without one. */
  readonly certificateBoundTokens: boolean
  /** RFC 9449 §5.2: tokens are bound to the key of a DPoP proof, and none is given without one. */
  readonly dpopBoundTokens: boolean
  /** RFC 6749 Appendix B is strict; true also compares an un-encoded Basic secret. */
  readonly rawBasicAccepted: boolean
  /** Absent: no budget, and no token is given twice. */
  readonly allowance?: TokenAllowance
}

export type TokenProfile = 'identity-domain' | 'rfc9068'
export type SigningAlgorithm = 'RS256' | 'ES256'

/** The side of an application that accepts tokens. */
export interface ResourceServerFacet {
  /** Primary audience; the prefix of every fully qualified scope. */
  readonly audience: string
  readonly secondaryAudiences: readonly string[]
  readonly scopes: readonly Scope[]
  readonly tokenLifetimeSeconds: number | null
  readonly profile: TokenProfile
  readonly algorithm: SigningAlgorithm
  readonly certificateBoundTokens: boolean
  readonly dpopBoundTokens: boolean
  /** Of all clients together; absent: no budget, and no token is given twice. */
  readonly allowance?: TokenAllowance
}

/** A registered piece of software. SCIM `App`. */
export interface Application {
  readonly domain: string
  /** 32 hexadecimal digits of a version 4 UUID. */
  readonly id: string
  /** SCIM `name`; immutable. */
  readonly clientId: string
  readonly displayName: string
  readonly description: string | null
  readonly active: boolean
  /** Belongs to the server itself; cannot be changed or deleted. */
  readonly builtIn: boolean
  readonly tags: readonly Tag[]
  readonly client: ClientFacet | null
  readonly resourceServer: ResourceServerFacet | null
  /** SCIM attributes that are kept and given back, and that no decision reads. */
  readonly attributes: Readonly<Record<string, unknown>>
  readonly version: number
  readonly createdAtMs: number
  readonly modifiedAtMs: number
}
