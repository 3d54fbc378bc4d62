/** A token whose signature one of our keys made, as read back; times are not yet judged. */
export interface TokenFacts {
  readonly jti: string
  readonly clientId: string
  readonly audience: readonly string[]
  readonly issuedAtSeconds: number
  /** To the millisecond: the claim, and the fraction that the token's id carries. */
  readonly issuedAtMs: number
  readonly expiresAtSeconds: number
  readonly claims: Readonly<Record<string, unknown>>
  readonly profile: 'identity-domain' | 'rfc9068'
}
