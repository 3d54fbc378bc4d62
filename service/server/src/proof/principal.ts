/**
 * Who calls the administration API: proven by an access token of the domain itself, or signed in at
 * the console.
 */
export interface Principal {
  readonly type: 'App' | 'User'
  /** Id of the application, or of the user. */
  readonly applicationId: string
  /** Of a user: its name behind `user:`. */
  readonly clientId: string
  readonly displayName: string
  /** Roles of the built-in application that it holds now, and that the token carries. */
  readonly roleNames: readonly string[]
  /** When its session has last proven itself; absent: it has shown a token. */
  readonly provedAtMs?: number
}
