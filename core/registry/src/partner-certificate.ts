/**
 * The certificate of an authority that the domain trusts for client certificates. SCIM
 * `OAuthPartnerCertificate`.
 */
export interface PartnerCertificate {
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
