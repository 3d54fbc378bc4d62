/**
 * One line of what has happened. Kept small: a token decision writes one, packed with its
 * neighbours.
 */
export interface AuditEvent {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly ecid: string
  readonly action: string
  readonly result: 'ok' | 'refused'
  readonly reason?: string
  /** Client id or administrator that acted, as proven; absent for strangers. */
  readonly actor?: string
  readonly source?: string
  /** What it was about: id and name of a resource, the `jti` of a token. */
  readonly object?: string
  readonly detail?: Readonly<Record<string, unknown>>
}

/** Part of the detail of a token event: what the client asked, and how it proved itself. */
export interface TokenEventFacts {
  readonly method: string
  readonly credential: string
  /** `grant_type`; absent: client_credentials; null: none was sent. */
  readonly grant?: string | null
  /** `scope` as sent; absent: omitted. */
  readonly asked?: string
  /** `resource`, each value as sent; absent: none. */
  readonly resource?: readonly string[]
  /** Base64url SHA-256 of the certificate of the handshake; absent: none. */
  readonly certificate?: string
  /** RFC 7638 thumbprint of the key of the DPoP proof; absent: none. */
  readonly dpop?: string
  /** The current token was given once more. */
  readonly reissued?: true
  /** So many requests of one commit that were answered alike; absent: one. */
  readonly count?: number
  /** The others of them, by their ecids; what it was about, where that is something else. */
  readonly of?: readonly (readonly [ecid: string, object: string | null])[]
  /** Budgets of which there was not enough left: so it was refused, or given again. */
  readonly budget?: readonly string[]
  /** The same, where they only observe: it was issued. */
  readonly overBudget?: readonly string[]
  /** Something above was longer than what is kept. */
  readonly cut?: boolean
  readonly [more: string]: unknown
}
