/** A named role that an application defines and clients hold. SCIM `AppRole`. */
export interface AppRole {
  readonly domain: string
  readonly id: string
  /** `id` of the application that defines it. */
  readonly applicationId: string
  readonly displayName: string
  readonly description: string | null
  /** Scope values of the defining resource server that whoever holds the role may ask for. */
  readonly conferredScopes: readonly string[]
  readonly adminRole: boolean
  readonly availableToClients: boolean
  readonly availableToUsers: boolean
  readonly availableToGroups: boolean
  readonly public: boolean
  readonly builtIn: boolean
  readonly version: number
  readonly createdAtMs: number
  readonly modifiedAtMs: number
}
