/** Who asks: an application that has proven itself, with the built-in roles it was granted. */
export interface Administrator {
  readonly applicationId: string
  readonly clientId: string
  readonly displayName: string
  /** Names of the roles of the built-in application that it holds. */
  readonly roleNames: readonly string[]
}
