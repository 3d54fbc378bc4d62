/**
 * Who asks, with the built-in roles it was granted: an application that has proven itself, or a
 * user who is signed in at the console.
 */
export interface Administrator {
  /** Absent: an application. */
  readonly type?: 'App' | 'User'
  /** Id of the application, or of the user. */
  readonly applicationId: string
  /** Of a user: its name behind `user:`. */
  readonly clientId: string
  readonly displayName: string
  /** Names of the roles of the built-in application that it holds. */
  readonly roleNames: readonly string[]
  /** When its session at the console has last proven itself; absent: it has shown a token. */
  readonly provedAtMs?: number
}
