import type { JWTPayload } from 'jose'

/** What a resource server may rely on once the guard has let a request through. */
export interface ValidatedToken {
  /** `client_id` of the caller (RFC 9068 §2.2). */
  readonly clientId: string
  readonly subject: string
  readonly issuer: string
  /** Every member of `aud`. */
  readonly audience: readonly string[]
  readonly scopes: ReadonlySet<string>
  /** App roles that the caller holds on this API. */
  readonly roles: ReadonlySet<string>
  /** Seconds since the epoch. */
  readonly expiresAtSeconds: number
  /** All claims, as signed or as introspected. */
  readonly claims: Readonly<JWTPayload>
}
