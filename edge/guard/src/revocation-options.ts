/** Following the issuer's revocations, so that offline validation learns of them as they happen. */
export interface RevocationOptions {
  /**
   * The resource server's own client, which holds the role *Authenticator Client* of the domain;
   * those of `introspection` unless stated. A function is asked again for each token.
   */
  readonly clientId?: string
  readonly clientSecret?: string | (() => string | Promise<string>)
  /** Instead of the two: an access token for the domain. */
  readonly token?: () => string | Promise<string>
  /** Found by discovery unless stated. */
  readonly endpoint?: string
  readonly tokenEndpoint?: string
  /**
   * Seconds without a word from the issuer after which nobody is let in, or each token is asked
   * about where the guard has `introspection`: 2 to 3600, 30 unless stated.
   */
  readonly staleSecondsMax?: number
  /** Revocations held in memory: 100000 unless stated. With more, as if nothing were heard. */
  readonly entriesMax?: number
}

/** How well a guard knows what was revoked; for metrics and health checks. */
export interface RevocationStatus {
  /** `full`: there are more revocations than may be held. */
  readonly state: 'starting' | 'following' | 'stale' | 'full' | 'closed'
  /** Milliseconds since the issuer was last heard, or it was last known that it has no news. */
  readonly staleForMs: number
  /** Number of the last revocation heard of. */
  readonly number: number
  readonly entries: number
  readonly connections: number
  readonly snapshots: number
  /** Messages missing before another one; each was asked for again. */
  readonly gaps: number
  /** Messages that came again or too late; ignored. */
  readonly duplicates: number
  /** Messages whose signature, type, issuer or form was wrong. */
  readonly forged: number
}
