/** A claim that administrators add to access tokens. SCIM `CustomClaim`. */
export interface CustomClaim {
  readonly domain: string
  readonly id: string
  /** Name of the claim; unique, never one that the server sets itself. */
  readonly name: string
  readonly value: string
  /** `always`: in every token it is for · `request`: kept, and in no token of a client alone. */
  readonly mode: 'always' | 'request' | 'never'
  readonly tokenType: 'AT' | 'IT' | 'BOTH'
  /** Whether it is for tokens of any scope; otherwise for those with one of `scopes`. */
  readonly allScopes: boolean
  /** Fully qualified. */
  readonly scopes: readonly string[]
  readonly version: number
  readonly createdAtMs: number
  readonly modifiedAtMs: number
}
