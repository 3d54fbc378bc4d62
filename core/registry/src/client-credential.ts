/**
 * A secret of a client. `minted` ones carry 256 random bits, so one SHA-256 is enough at rest and
 * finds the row again; `chosen` ones (bootstrap, imported) may be guessable and rest as argon2id.
 */
export interface ClientSecret {
  readonly kind: 'secret'
  readonly domain: string
  readonly id: string
  readonly applicationId: string
  readonly label: string
  readonly origin: 'minted' | 'chosen'
  /** Base64url SHA-256 (minted) or an argon2id PHC string (chosen). */
  readonly digest: string
  /** The secret sealed under the master key; only where `client_secret_jwt` needs it. */
  readonly sealed: string | null
  /** Last characters of the checksum, for people; tells nothing of the random part. */
  readonly ending: string
  readonly createdAtMs: number
  readonly expiresAtMs: number | null
  /** When rotation ends it; null: not rotated out. */
  readonly endsAtMs: number | null
}

/**
 * A certificate of the domain's store, attached to a client by its alias. SCIM
 * `OAuthClientCertificate`.
 */
export interface ClientCertificate {
  readonly domain: string
  readonly id: string
  readonly alias: string
  /** Base64 DER. */
  readonly der: string
  /** Base64url SHA-1 and SHA-256 of the DER. */
  readonly x5t: string
  readonly x5tS256: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
  readonly version: number
  readonly createdAtMs: number
}
