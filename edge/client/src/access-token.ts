/** A token as its client keeps it. */
export interface AccessToken {
  readonly value: string
  /** RFC 6749 §7.1; `DPoP` is bound to the client's key (RFC 9449). */
  readonly type: 'Bearer' | 'DPoP'
  /** What was granted: as the server told it, else as it was asked for (RFC 6749 §5.1). */
  readonly scope: string | null
  /** Milliseconds since the epoch, by this machine's clock. */
  readonly expiresAtMs: number
}
