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
