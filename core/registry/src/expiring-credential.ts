/** A client secret or certificate that ends by itself. */
export interface ExpiringCredential {
  readonly kind: 'secret' | 'certificate'
  readonly id: string
  /** Label of a secret, alias of a certificate. */
  readonly label: string
  /** Last characters of a secret, for people; null: a certificate. */
  readonly ending: string | null
  /** Application of a secret; null: a certificate of the domain's store. */
  readonly applicationId: string | null
  readonly expiresAtMs: number
}
