/** One isolated world with its own issuer, keys and applications. */
export interface IdentityDomain {
  /**
   * `idcs-` and 32 hexadecimal digits: the form of an Oracle identity domain. Part of every key.
   */
  readonly id: string
  readonly displayName: string
  readonly createdAtMs: number
}

/** What an administrator sets for the whole domain. SCIM `Setting`. */
export interface DomainSettings {
  /** `iss` of every token; null: the domain URL. A pinned issuer (configuration) wins over both. */
  readonly issuer: string | null
  /** Whether `/admin/v1/SigningCert/jwk` answers without a bearer token. */
  readonly signingCertPublicAccess: boolean
  readonly version: number
}

export const defaultSettings: DomainSettings = Object.freeze({
  issuer: null,
  signingCertPublicAccess: false,
  version: 1,
})

/** Where the domain is reached and what it calls itself; never built from a Host header. */
export interface DomainAddress {
  readonly issuer: string
  /** Base URL without a trailing slash. */
  readonly url: string
  /** The https base URL where client certificates are requested; null when that door is closed. */
  readonly secureUrl: string | null
}
